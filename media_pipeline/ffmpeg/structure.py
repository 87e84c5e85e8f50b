"""Whether a container is whole, told from its outer boxes alone, before a demuxer reads it."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from media_pipeline.ffmpeg.boxes import BoxError, top_boxes
from media_pipeline.ffmpeg.sniff import Container

# More than a recorder ever writes: each but the last holds a gigabyte.
MOST_CHUNKS = 1000


@dataclass(frozen=True)
class Structure:
    """`cut_off`: the file says that it is longer than it is. `headless`: an MP4 without the index
    that makes sense of its data (a recording or a copy that broke off).
    """

    cut_off: bool = False
    headless: bool = False


def read_structure(path: Path, container: Container) -> Structure:
    """Look at the outer boxes of the file. Raises OSError only."""
    with path.open("rb") as file:
        if container is Container.MOV:
            return _mov(file)
        if container is Container.MATROSKA:
            return Structure(cut_off=_matroska_cut_off(file))
        if container in (Container.AVI, Container.WAV):
            return Structure(cut_off=_riff_cut_off(file))
        return Structure()


def _mov(file: BinaryIO) -> Structure:
    size = file.seek(0, 2)
    kinds = set()
    cut_off = False
    try:
        for box in top_boxes(file):
            kinds.add(box.kind)
            cut_off = cut_off or (box.kind in {b"mdat", b"moof", b"moov"} and box.end > size)
    except BoxError:
        # Rubbish after the last good box is common and harmless; without an index it is not.
        return Structure(headless=b"moov" not in kinds)
    return Structure(cut_off=cut_off, headless=b"moov" not in kinds)


def _matroska_cut_off(file: BinaryIO) -> bool:
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(4096)
    _, at = _vint(head, 4)
    length, _ = _vint(head, 4)
    at += length or 0
    if head[at : at + 4] != b"\x18\x53\x80\x67":
        return False
    length, body = _vint(head, at + 4)
    return length is not None and body + length > size


def _vint(data: bytes, at: int) -> tuple[int | None, int]:
    """An EBML size at `at` (None: unknown, as in live recordings) and where its content begins."""
    if at >= len(data) or data[at] == 0:
        return None, at + 1
    width = 9 - data[at].bit_length()
    raw = int.from_bytes(data[at : at + width], "big") & ((1 << (7 * width)) - 1)
    return (None if raw == (1 << (7 * width)) - 1 else raw), at + width


def _riff_cut_off(file: BinaryIO) -> bool:
    """AVI may hold several RIFF chunks, each up to 1 or 2 GB. A recorder that never came to write
    the size leaves nothing or the greatest number there.
    """
    size = file.seek(0, 2)
    at = 0
    for _ in range(MOST_CHUNKS):
        if at + 8 > size:
            break
        file.seek(at)
        header = file.read(8)
        if header[:4] != b"RIFF":
            return False
        length = int.from_bytes(header[4:], "little")
        if length in (0, 0xFFFFFFFF):
            return False
        at += 8 + length
    return at > size + 1
