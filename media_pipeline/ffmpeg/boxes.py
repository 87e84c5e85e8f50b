"""Reading ISO media boxes: as much of MP4 as needed to judge a source and to check our output.

Pure parsing of bytes and seekable files; nothing here decodes or writes.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


class BoxError(ValueError):
    """The bytes are not the boxes they should be."""


@dataclass(frozen=True)
class Box:
    """Where a box lies in its file or buffer; `end` is what it declares and may lie beyond."""

    kind: bytes
    start: int
    body: int
    end: int


def top_boxes(file: BinaryIO, *, limit: int = 10_000) -> Iterator[Box]:
    """Walk the top level of a file by headers only. Raises BoxError for impossible sizes."""
    size = file.seek(0, 2)
    at = 0
    for _ in range(limit):
        if at + 8 > size:
            return
        file.seek(at)
        box = _box(file.read(16), at, size)
        yield box
        at = box.end


def child_boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Walk the boxes inside `data[start:end]`; those cut off at the end are not given."""
    end = len(data) if end is None else end
    at = start
    while at + 8 <= end:
        box = _box(data[at : at + 16], at, end)
        if box.end > end:
            return
        yield box
        at = box.end


def find_box(data: bytes, *path: bytes) -> bytes | None:
    """The body of the first box at `path`, e.g. find_box(data, b"moov", b"mvhd")."""
    start, end = 0, len(data)
    for kind in path:
        for box in child_boxes(data, start, end):
            if box.kind == kind:
                start, end = box.body, box.end
                break
        else:
            return None
    return data[start:end]


def _box(header: bytes, at: int, end: int) -> Box:
    if len(header) < 8:
        raise BoxError("cut off header")
    size, kind = struct.unpack(">I4s", header[:8])
    body = at + 8
    if size == 1:
        if len(header) < 16:
            raise BoxError("cut off header")
        size = struct.unpack(">Q", header[8:16])[0]
        body = at + 16
    elif size == 0:
        size = end - at
    if size < body - at:
        raise BoxError(f"impossible size of {kind!r}")
    return Box(kind, at, body, at + size)


@dataclass(frozen=True)
class InitFacts:
    """What an init segment says of its single track."""

    handler: str  # "vide" or "soun"
    codec: str  # as in RFC 6381: "avc1.640028", "mp4a.40.2"
    timescale: int
    width: int = 0
    height: int = 0
    default_sample_flags: int = 0
    default_sample_duration: int = 0


def read_init(data: bytes) -> InitFacts:
    """Parse an init segment that `ffmpeg -f hls` wrote. Raises BoxError."""
    try:
        return _read_init(data)
    except (struct.error, IndexError) as error:
        raise BoxError(str(error)) from error


def _read_init(data: bytes) -> InitFacts:
    track = (b"moov", b"trak", b"mdia")
    mdhd, hdlr = find_box(data, *track, b"mdhd"), find_box(data, *track, b"hdlr")
    stsd = find_box(data, *track, b"minf", b"stbl", b"stsd")
    if mdhd is None or hdlr is None or stsd is None:
        raise BoxError("not an init segment")
    timescale = struct.unpack_from(">I", mdhd, 20 if mdhd[0] == 1 else 12)[0]
    handler = hdlr[8:12].decode("ascii", "replace")
    trex = find_box(data, b"moov", b"mvex", b"trex")
    length, _, flags = struct.unpack_from(">III", trex, 12) if trex else (0, 0, 0)
    entry = next(child_boxes(stsd, 8), None)
    if entry is None or not timescale:
        raise BoxError("no sample description")
    body = stsd[entry.body : entry.end]
    if entry.kind == b"avc1":
        width, height = struct.unpack_from(">HH", body, 24)
        avcc = find_box(body[78:], b"avcC")
        if avcc is None or len(avcc) < 4:
            raise BoxError("no avcC")
        codec = f"avc1.{avcc[1:4].hex()}"
        return InitFacts(handler, codec, timescale, width, height, flags, length)
    if entry.kind == b"mp4a":
        esds = find_box(body[28:], b"esds")
        codec = _aac_codec(esds or b"")
        return InitFacts(handler, codec, timescale, 0, 0, flags, length)
    raise BoxError(f"unexpected sample entry {entry.kind!r}")


def _aac_codec(esds: bytes) -> str:
    """`mp4a.40.N` from the AudioSpecificConfig (decoder specific info, descriptor tag 5)."""
    at = esds.find(b"\x05", 20)
    while at >= 0:
        config = esds[at + 1 :].lstrip(b"\x80")
        if len(config) > 2 and config[0] <= len(config) - 1:
            return f"mp4a.40.{config[1] >> 3}"
        at = esds.find(b"\x05", at + 1)
    raise BoxError("no AudioSpecificConfig")


@dataclass(frozen=True)
class SegmentFacts:
    """The first movie fragment of a segment; times in ticks of the track's timescale."""

    decode_time: int
    presentation_time: int
    duration: int
    starts_with_keyframe: bool


_NOT_SYNC = 0x0001_0000


def read_segment(data: bytes, init: InitFacts) -> SegmentFacts:
    """Parse the head of a media segment. Raises BoxError."""
    try:
        return _read_segment(data, init)
    except (struct.error, IndexError) as error:
        raise BoxError(str(error)) from error


def _read_segment(data: bytes, init: InitFacts) -> SegmentFacts:
    traf = find_box(data, b"moof", b"traf") or b""
    tfhd, tfdt = (find_box(traf, kind) for kind in (b"tfhd", b"tfdt"))
    truns = [traf[box.body : box.end] for box in child_boxes(traf) if box.kind == b"trun"]
    if not tfhd or not tfdt or not truns:
        raise BoxError("no movie fragment")
    decode_time = struct.unpack_from(">Q" if tfdt[0] == 1 else ">I", tfdt, 4)[0]
    flags = _first_sample_flags(tfhd, truns[0], init.default_sample_flags)
    offset = _first_composition_offset(truns[0])
    duration = sum(_duration(tfhd, trun, init.default_sample_duration) for trun in truns)
    return SegmentFacts(decode_time, decode_time + offset, duration, not flags & _NOT_SYNC)


def read_whole_segment(path: Path, init: InitFacts) -> SegmentFacts:
    """Parse a segment all of whose bytes are there. Raises BoxError (also for one that holds no
    samples) and OSError.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        boxes = list(top_boxes(file, limit=16))
        if not boxes or boxes[-1].end != size or boxes[-1].kind != b"mdat":
            raise BoxError("not whole")
        if [box.kind for box in boxes].count(b"moof") != 1:
            raise BoxError("not one movie fragment")
        file.seek(0)
        facts = read_segment(file.read(boxes[-1].body), init)
    if not facts.duration:
        raise BoxError("no samples")
    return facts


def _first_sample_flags(tfhd: bytes, trun: bytes, default: int) -> int:
    present = int.from_bytes(tfhd[1:4], "big")
    at = 8 + 8 * bool(present & 0x1) + 4 * bool(present & 0x2)
    at += 4 * bool(present & 0x8) + 4 * bool(present & 0x10)
    if present & 0x20:
        default = struct.unpack_from(">I", tfhd, at)[0]
    present = int.from_bytes(trun[1:4], "big")
    at = 8 + 4 * bool(present & 0x1)
    if present & 0x4:
        return int(struct.unpack_from(">I", trun, at)[0])
    if present & 0x400:
        at += 4 * bool(present & 0x100) + 4 * bool(present & 0x200)
        return int(struct.unpack_from(">I", trun, at)[0])
    return default


def _duration(tfhd: bytes, trun: bytes, default: int) -> int:
    present = int.from_bytes(tfhd[1:4], "big")
    if present & 0x8:
        at = 8 + 8 * bool(present & 0x1) + 4 * bool(present & 0x2)
        default = struct.unpack_from(">I", tfhd, at)[0]
    present = int.from_bytes(trun[1:4], "big")
    samples = struct.unpack_from(">I", trun, 4)[0]
    if not present & 0x100:
        return int(samples * default)
    at = 8 + 4 * bool(present & 0x1) + 4 * bool(present & 0x4)
    step = 4 * sum(bool(present & bit) for bit in (0x100, 0x200, 0x400, 0x800))
    return sum(struct.unpack_from(">I", trun, at + step * n)[0] for n in range(samples))


def _first_composition_offset(trun: bytes) -> int:
    present = int.from_bytes(trun[1:4], "big")
    if not present & 0x800:
        return 0
    at = 8 + 4 * bool(present & 0x1) + 4 * bool(present & 0x4)
    at += 4 * (bool(present & 0x100) + bool(present & 0x200) + bool(present & 0x400))
    return int(struct.unpack_from(">i" if trun[0] else ">I", trun, at)[0])


def read_head(path: Path, *, limit: int = 262_144) -> bytes:
    """The first bytes of a segment: enough for its movie fragment header."""
    with path.open("rb") as file:
        return file.read(limit)
