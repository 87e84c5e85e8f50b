from pathlib import Path

import pytest

from media_pipeline.ffmpeg import structure
from media_pipeline.ffmpeg.sniff import Container
from media_pipeline.ffmpeg.structure import read_structure
from tests.unit.media_pipeline.ffmpeg.test_boxes import box

SEGMENT = b"\x1a\x45\xdf\xa3\x84abcd\x18\x53\x80\x67"


@pytest.mark.parametrize(
    ("data", "headless", "cut_off"),
    [
        (box(b"ftyp", b"isom") + box(b"moov", b"x") + box(b"mdat", b"data"), False, False),
        (box(b"ftyp", b"isom") + box(b"moov", b"x") + box(b"mdat", b"data")[:-1], False, True),
        (box(b"ftyp", b"isom") + box(b"mdat", b"data"), True, False),
        (box(b"ftyp", b"isom") + box(b"moov", b"x") + b"\0\0\0\2rubb", False, False),
        (box(b"ftyp", b"isom"), True, False),
    ],
)
def test_an_mp4_is_judged_by_its_outer_boxes(
    tmp_path: Path, data: bytes, headless: bool, cut_off: bool
) -> None:
    path = tmp_path / "film"
    path.write_bytes(data)
    found = read_structure(path, Container.MOV)
    assert (found.headless, found.cut_off) == (headless, cut_off)


@pytest.mark.parametrize(
    ("data", "cut_off"),
    [
        (SEGMENT + b"\x84abcd", False),
        (SEGMENT + b"\x85abcd", True),
        (SEGMENT + b"\xff and so on", False),
        (SEGMENT + b"\x01\xff\xff\xff\xff\xff\xff\xff live", False),
        (SEGMENT, False),
        (b"\x1a\x45\xdf\xa3", False),
    ],
)
def test_a_matroska_file_is_cut_off_when_its_segment_is_longer(
    tmp_path: Path, data: bytes, cut_off: bool
) -> None:
    path = tmp_path / "film"
    path.write_bytes(data)
    assert read_structure(path, Container.MATROSKA).cut_off is cut_off


@pytest.mark.parametrize(
    ("data", "cut_off"),
    [
        (b"RIFF\x04\0\0\0AVI ", False),
        (b"RIFF\xff\0\0\0AVI ", True),
        (b"RIFF\0\0\0\0AVI and so on", False),
        (b"RIFF\xff\xff\xff\xffAVI and so on", False),
        (b"RIFF", False),
    ],
)
@pytest.mark.parametrize("container", [Container.AVI, Container.WAV])
def test_an_avi_or_wav_is_cut_off_when_its_chunk_is_longer(
    tmp_path: Path, data: bytes, cut_off: bool, container: Container
) -> None:
    path = tmp_path / "film"
    path.write_bytes(data)
    assert read_structure(path, container).cut_off is cut_off


def test_of_many_chunks_so_many_are_read_as_a_recorder_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structure, "MOST_CHUNKS", 3)
    path = tmp_path / "film"
    chunk, longer = b"RIFF\x04\0\0\0AVI ", b"RIFF\xff\0\0\0AVI "
    path.write_bytes(2 * chunk + longer)
    assert read_structure(path, Container.AVI).cut_off
    path.write_bytes(3 * chunk + longer)
    assert not read_structure(path, Container.AVI).cut_off
