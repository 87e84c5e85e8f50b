"""`Range` headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.byte_ranges import RangeNotSatisfiable, Span, read_range


@pytest.mark.parametrize("header", ["", "lines=0-1", "bytes=0-1,4-5", "bytes 0-1"])
def test_what_is_not_one_range_of_bytes_means_the_whole_file(header: str) -> None:
    assert read_range(header, 100) is None


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", Span(0, 1)),
        ("bytes=5-", Span(5, 100)),
        ("bytes=-30", Span(70, 100)),
        ("bytes=-500", Span(0, 100)),
        ("bytes=90-500", Span(90, 100)),
        ("BYTES=1-2", Span(1, 3)),
    ],
)
def test_a_range_is_cut_to_the_file(header: str, span: Span) -> None:
    assert read_range(header, 100) == span


@pytest.mark.parametrize(
    "header",
    ["bytes=100-", "bytes=-0", "bytes=-", "bytes=7-3", "bytes=x-y", "bytes=1", "bytes=" + "9" * 30],
)
def test_nothing_to_give_is_said(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        read_range(header, 100)


@given(st.text(max_size=30), st.integers(0, 10**12))
def test_any_header_gives_a_part_of_the_file_or_an_answer(tail: str, size: int) -> None:
    try:
        span = read_range("bytes=" + tail, size)
    except RangeNotSatisfiable:
        return
    assert span is None or 0 <= span.start < span.end <= size
