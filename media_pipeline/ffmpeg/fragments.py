"""The index in front of a fragmented MP4: one `sidx` box (ISO/IEC 14496-12, 8.16.3).

ffmpeg's own index costs an entry for every fragment and track, and does not reach the end of the
file where its last fragment is one of sound only. Chromium then looks for another one at the end,
on a connection of its own, before it shows anything: a second of a weak line. Here an entry begins
with a keyframe, and the last one ends with the file.

An entry's time is when its keyframe is decoded, a picture or two before it is seen. Having found a
keyframe, ffmpeg looks by the same entries for the sound of the moment when it is decoded. If the
entry began later, ffmpeg would read the fragment before it for that, and its list of pictures would
shift under the one that it has found: Chromium began in the midst of pictures and gave the film up.

Pure but for the files.
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from media_pipeline.ffmpeg.boxes import (
    BoxError,
    InitFacts,
    SegmentFacts,
    child_boxes,
    find_box,
    read_init,
    read_segment,
    top_boxes,
)

FRAGMENTS = 100_000  # of four seconds: more than four days
# "Starts with an access point of type 1": decoding begins with the first picture.
_ACCESS_POINT = 1 << 31 | 1 << 28
_MOST_ENTRIES = 0xFFFF


@dataclass(frozen=True)
class Span:
    """Some fragments in a row: bytes, and ticks of the first track's timescale."""

    size: int
    duration: int


def add_index(made: Path, out: Path, *, opening: Path | None = None) -> None:
    """Write `made`, whose first track leads, to `out` with its index and length in front. Edit
    lists of other tracks are left out: these begin with their first sample.

    An entry stands for each fragment that begins with a keyframe, and for those after it that do
    not. `opening`, packed otherwise, gives the first fragment; in the later ones the data of the
    other track comes first. Raises BoxError where one is no fragmented MP4 that begins with a
    keyframe.
    """
    with made.open("rb") as file, (opening or made).open("rb") as first:
        head, places = _parts(file)
        pieces = [(first, _parts(first)[1][0]), *((file, place) for place in places[1:])]
        at, starts = 0, []
        for source, (start, data, end) in pieces:
            starts.append((at, _read(source, start, data)))
            at += end - start
        tracks = _tracks(head)
        length = max(_end(starts, number, init) for number, init in tracks.items())
        spans = _spans(starts, tracks[1], end=at, seconds=length)
        with out.open("wb") as target:
            target.write(_with_length(head, length))
            target.write(_sidx(spans, tracks[1].timescale))
            for number, (source, (start, _, end)) in enumerate(pieces):
                fragment = _read(source, start, end)
                target.write(fragment if number == 0 else _other_first(fragment))
            target.flush()
            os.fsync(target.fileno())


def _parts(file: BinaryIO) -> tuple[bytes, list[tuple[int, int, int]]]:
    """What comes before the fragments; where each, its data and the next one begin."""
    boxes = list(top_boxes(file, limit=2 * FRAGMENTS))
    begin = next((n for n, box in enumerate(boxes) if box.kind == b"moof"), None)
    if begin is None or boxes[-1].end != file.seek(0, 2):
        raise BoxError("not fragmented to the end")
    moofs, data = boxes[begin::2], boxes[begin + 1 :: 2]
    if {box.kind for box in moofs} != {b"moof"} or {box.kind for box in data} != {b"mdat"}:
        raise BoxError("no fragments in a row")
    if len(moofs) != len(data):
        raise BoxError("not fragmented to the end")
    places = [(moof.start, mdat.start, mdat.end) for moof, mdat in zip(moofs, data, strict=True)]
    return _read(file, 0, places[0][0]), places


def _read(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(end - start)


def _tracks(head: bytes) -> dict[int, InitFacts]:
    """The facts of each track by its number; ffmpeg counts them from 1."""
    moov = find_box(head, b"moov") or b""
    traks = _boxes(moov, b"trak")
    defaults = _boxes(find_box(moov, b"mvex") or b"", b"trex")
    if not traks or len(traks) != len(defaults):
        raise BoxError("no tracks with defaults")
    return {
        number: read_init(_box(b"moov", trak + _box(b"mvex", trex)))
        for number, (trak, trex) in enumerate(zip(traks, defaults, strict=True), 1)
    }


def _boxes(body: bytes, kind: bytes) -> list[bytes]:
    return [body[box.start : box.end] for box in child_boxes(body) if box.kind == kind]


def _end(starts: list[tuple[int, bytes]], number: int, init: InitFacts) -> float:
    """The second at which a track ends; 0 where no fragment has any of it."""
    for _, moof in reversed(starts):
        part = track_part(moof, init, number)
        if part is not None:
            return (part.decode_time + part.duration) / init.timescale
    return 0.0


def _other_first(fragment: bytes) -> bytes:
    """The fragment with the data of its second track first: a weak line brings the little sound of
    four seconds before the pictures. As it was unless two tracks have a piece of data each.
    """
    size = struct.unpack_from(">I", fragment)[0]
    runs = [
        run.body + 8  # the place of its data, counted from the fragment's beginning
        for part in child_boxes(fragment, 8, size)
        if part.kind == b"traf"
        for run in child_boxes(fragment, part.body, part.end)
        if run.kind == b"trun" and fragment[run.body + 3] & 1
    ]
    if len(runs) != 2:
        return fragment
    first, second = (struct.unpack_from(">i", fragment, at)[0] for at in runs)
    begin = size + 8
    if first != begin or not first < second < len(fragment):
        return fragment
    head = bytearray(fragment[:begin])
    struct.pack_into(">i", head, runs[0], begin + len(fragment) - second)
    struct.pack_into(">i", head, runs[1], begin)
    return bytes(head) + fragment[second:] + fragment[first:second]


def _spans(
    starts: list[tuple[int, bytes]], init: InitFacts, *, end: int, seconds: float
) -> list[Span]:
    """Where entries begin, as sizes and durations; `starts`: place and bytes of every `moof`."""
    facts = [(at, track_part(moof, init, 1)) for at, moof in starts]
    first = facts[0][1]
    if first is None or not first.starts_with_keyframe:
        raise BoxError("does not begin with a keyframe")
    delay = first.presentation_time - first.decode_time
    begins = [(facts[0][0], first.decode_time)]
    begins += [
        (at, fact.decode_time - delay)
        for at, fact in facts[1:]
        if fact is not None and fact.starts_with_keyframe  # None: the other track goes on alone
    ]
    if len(begins) > _MOST_ENTRIES:
        raise BoxError("more entries than an index may have")
    ends = [*begins[1:], (end, round(seconds * init.timescale))]
    return [Span(ends[n][0] - at, max(0, ends[n][1] - time)) for n, (at, time) in enumerate(begins)]


def track_part(moof: bytes, init: InitFacts, number: int) -> SegmentFacts | None:
    """A track's part of the fragment whose `moof` this is; None where it has none."""
    for box in child_boxes(moof, 8):
        part = moof[box.start : box.end]
        tfhd = find_box(part, b"traf", b"tfhd") if box.kind == b"traf" else None
        if tfhd is not None and struct.unpack_from(">I", tfhd, 4)[0] == number:
            return read_segment(_box(b"moof", part), init)
    return None


def _with_length(head: bytes, seconds: float) -> bytes:
    """The boxes before the first fragment, without indexes, and saying how long the film is."""
    found = b""
    for box in child_boxes(head):
        whole = head[box.start : box.end]
        if box.kind == b"moov":
            whole = _box(b"moov", _moov(head[box.body : box.end], seconds))
        if box.kind != b"sidx":
            found += whole
    return found


def _moov(body: bytes, seconds: float) -> bytes:
    mvhd = find_box(body, b"mvhd")
    if mvhd is None:
        raise BoxError("no mvhd")
    timescale = struct.unpack_from(">I", mvhd, 20 if mvhd[0] == 1 else 12)[0]
    mehd = struct.pack(">IQ", 1 << 24, round(seconds * timescale))
    found, tracks = b"", 0
    for box in child_boxes(body):
        inside = body[box.body : box.end]
        if box.kind == b"mvex":
            inside = _box(b"mehd", mehd) + _without(inside, b"mehd")
        if box.kind == b"trak":
            tracks += 1
            inside = inside if tracks == 1 else _without(inside, b"edts")
        found += _box(box.kind, inside)
    return found


def _without(body: bytes, kind: bytes) -> bytes:
    return b"".join(body[box.start : box.end] for box in child_boxes(body) if box.kind != kind)


def _sidx(spans: list[Span], timescale: int) -> bytes:
    head = struct.pack(">IIIQQHH", 1 << 24, 1, timescale, 0, 0, 0, len(spans))
    entries = (struct.pack(">III", span.size, span.duration, _ACCESS_POINT) for span in spans)
    return _box(b"sidx", head + b"".join(entries))


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body
