"""The index in front of a fragmented MP4: one `sidx` box (ISO/IEC 14496-12, 8.16.3).

ffmpeg's own index costs an entry for every fragment and track, and does not reach the end of the
file where its last fragment is one of sound only. Chromium then looks for another one at the end,
on a connection of its own, before it shows anything: a second of a weak line. Here an entry begins
with a keyframe, and the last one ends with the file.

An entry's time is when its keyframe is decoded, a picture or two before it is seen. Having found a
keyframe, ffmpeg looks for the sound of the time when it is decoded, by the same entries. Were that
before the entry, it would read the fragment before for it, and its list of pictures would shift
under the one that it has found: Chromium then began in the midst of pictures and gave the film up.

Pure but for the two files; fragments are copied byte by byte.
"""

import os
import shutil
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

FRAGMENTS = 1_000_000  # more than 24 hours of half seconds have
# "Starts with an access point of type 1": decoding begins with the first picture.
_ACCESS_POINT = 1 << 31 | 1 << 28
_MOST_ENTRIES = 0xFFFF


@dataclass(frozen=True)
class Span:
    """Some fragments in a row: bytes, and ticks of the first track's timescale."""

    size: int
    duration: int


def add_index(made: Path, out: Path) -> None:
    """Write `made`, whose first track leads, to `out` with its index and length in front. Edit
    lists of other tracks are left out: these begin with their first sample.

    An entry stands for each fragment that begins with a keyframe, and for those after it that do
    not. Raises BoxError where `made` is no fragmented MP4 that begins with a keyframe.
    """
    with made.open("rb") as file:
        boxes = list(top_boxes(file, limit=2 * FRAGMENTS))
        begin = next((box.start for box in boxes if box.kind == b"moof"), None)
        if begin is None or boxes[-1].kind != b"mdat" or boxes[-1].end != file.seek(0, 2):
            raise BoxError("not fragmented to the end")
        head = _read(file, 0, begin)
        init = read_init(head)
        starts = [(b.start, _read(file, b.start, b.end)) for b in boxes if b.kind == b"moof"]
        spans = _spans(starts, init, end=boxes[-1].end)
        with out.open("wb") as target:
            target.write(_with_length(head, init, sum(span.duration for span in spans)))
            target.write(_sidx(spans, init.timescale))
            file.seek(begin)
            shutil.copyfileobj(file, target, 1 << 20)
            target.flush()
            os.fsync(target.fileno())


def _read(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(end - start)


def _spans(starts: list[tuple[int, bytes]], init: InitFacts, *, end: int) -> list[Span]:
    """Where entries begin, as sizes and durations; `starts`: place and bytes of every `moof`."""
    facts = [(at, leading_part(moof, init)) for at, moof in starts]
    first = facts[0][1]
    if first is None or not first.starts_with_keyframe:
        raise BoxError("does not begin with a keyframe")
    delay = first.presentation_time - first.decode_time
    begins = [(facts[0][0], first.decode_time)]
    last = first
    for at, fact in facts[1:]:
        if fact is None:
            continue  # the other track goes on alone
        last = fact
        if fact.starts_with_keyframe:
            begins.append((at, fact.decode_time - delay))
    if len(begins) > _MOST_ENTRIES:
        raise BoxError("more entries than an index may have")
    length = last.decode_time + last.duration - first.decode_time
    ends = [*begins[1:], (end, begins[0][1] + length)]
    return [Span(ends[n][0] - at, max(0, ends[n][1] - time)) for n, (at, time) in enumerate(begins)]


def leading_part(moof: bytes, init: InitFacts) -> SegmentFacts | None:
    """The first track's part of a fragment, whose `moof` this is; None where it has none."""
    for box in child_boxes(moof, 8):
        part = moof[box.start : box.end]
        tfhd = find_box(part, b"traf", b"tfhd") if box.kind == b"traf" else None
        if tfhd is not None and struct.unpack_from(">I", tfhd, 4)[0] == 1:
            return read_segment(_box(b"moof", part), init)
    return None


def _with_length(head: bytes, init: InitFacts, ticks: int) -> bytes:
    """The boxes before the first fragment, without indexes, and saying how long the film is."""
    found = b""
    for box in child_boxes(head):
        whole = head[box.start : box.end]
        if box.kind == b"moov":
            whole = _box(b"moov", _moov(head[box.body : box.end], init, ticks))
        if box.kind != b"sidx":
            found += whole
    return found


def _moov(body: bytes, init: InitFacts, ticks: int) -> bytes:
    mvhd = find_box(body, b"mvhd")
    if mvhd is None:
        raise BoxError("no mvhd")
    timescale = struct.unpack_from(">I", mvhd, 20 if mvhd[0] == 1 else 12)[0]
    mehd = struct.pack(">IQ", 1 << 24, round(ticks * timescale / init.timescale))
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
