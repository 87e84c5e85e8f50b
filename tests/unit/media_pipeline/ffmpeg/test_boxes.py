import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.ffmpeg.boxes import (
    BoxError,
    InitFacts,
    child_boxes,
    find_box,
    read_init,
    read_segment,
    top_boxes,
)

INIT = InitFacts("vide", "avc1.64001f", 15360)


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def fragment(*, flags: int, offset: int = 0) -> bytes:
    tfhd = box(b"tfhd", struct.pack(">II", 0, 1))
    tfdt = box(b"tfdt", struct.pack(">IQ", 0x0100_0000, 61440))
    trun = box(b"trun", struct.pack(">IIiIi", 0x0100_0805, 1, 0, flags, offset))
    return box(b"styp", b"msdh") + box(b"moof", box(b"traf", tfhd, tfdt, trun))


@given(data=st.binary(max_size=400))
def test_any_bytes_are_walked_to_an_end(data: bytes) -> None:
    for walk in (lambda: top_boxes(io.BytesIO(data)), lambda: child_boxes(data)):
        try:
            assert len(list(walk())) <= len(data)
        except BoxError:
            continue


@given(data=st.binary(max_size=200))
def test_rubbish_is_no_init_segment_and_no_fragment(data: bytes) -> None:
    with pytest.raises(BoxError):
        read_init(data)
    with pytest.raises(BoxError):
        read_segment(data, INIT)


@given(cut=st.integers(min_value=0, max_value=75))
def test_a_cut_fragment_is_an_error(cut: int) -> None:
    whole = fragment(flags=0x0200_0000)
    with pytest.raises(BoxError):
        read_segment(whole[: min(cut, len(whole) - 1)], INIT)


def test_boxes_are_found_by_their_path() -> None:
    assert find_box(box(b"moov", box(b"trak", box(b"mdia", b"here"))), b"moov", b"trak", b"mdia")
    assert find_box(box(b"moov", box(b"trak", b"")), b"moov", b"mvex") is None


def test_a_box_of_64_bit_size_is_read() -> None:
    data = struct.pack(">I4sQ", 1, b"mdat", 1 << 40)
    assert next(top_boxes(io.BytesIO(data))).end == 1 << 40


def test_a_fragment_tells_its_time_and_whether_it_begins_with_a_keyframe() -> None:
    segment = read_segment(fragment(flags=0x0200_0000, offset=-512), INIT)
    assert (segment.decode_time, segment.presentation_time) == (61440, 60928)
    assert segment.starts_with_keyframe
    assert not read_segment(fragment(flags=0x0101_0000), INIT).starts_with_keyframe


def test_a_track_that_comes_in_pieces_lasts_as_long_as_all_of_them() -> None:
    tfhd = box(b"tfhd", struct.pack(">II", 0, 1))
    tfdt = box(b"tfdt", struct.pack(">II", 0, 7))
    first = box(b"trun", struct.pack(">IIII", 0x0000_0100, 2, 512, 256))
    second = box(b"trun", struct.pack(">III", 0x0000_0100, 1, 1024))
    segment = read_segment(box(b"moof", box(b"traf", tfhd, tfdt, first, second)), INIT)
    assert (segment.decode_time, segment.duration) == (7, 512 + 256 + 1024)
