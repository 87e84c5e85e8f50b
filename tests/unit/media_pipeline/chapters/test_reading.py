"""Chapters as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.chapters.reading import (
    MOST,
    ChapterFault,
    ChapterLine,
    Fault,
    read_chapters,
    write_chapters,
)

titles = st.text("甲乙丙丁abc 12", min_size=1, max_size=30).map(str.strip).filter(bool)


@given(
    st.dictionaries(st.integers(0, 40_000), titles.map(lambda t: " ".join(t.split())), max_size=20)
)
def test_what_is_written_is_read_again(found) -> None:
    chapters = [ChapterLine(second, found[second]) for second in sorted(found)]
    assert read_chapters(write_chapters(chapters)) == chapters


@pytest.mark.parametrize(
    ("line", "second"),
    [
        ("0:00 开场", 0),
        ("1:05 开场", 65),
        ("75:30 开场", 4530),
        ("1:02:30 开场", 3750),
        ("０１：０５　开场", 65),
        ("  1:05 - 开场 ", 65),
        ("1:05、开场", 65),
        ("1:05开场", 65),
    ],
)
def test_times_are_read_as_people_write_them(line: str, second: int) -> None:
    assert read_chapters(line) == [ChapterLine(second, "开场")]


@pytest.mark.parametrize(
    ("text", "fault", "line"),
    [
        ("开场", Fault.TIME, 1),
        ("0:00 甲\n1:75 乙", Fault.TIME, 2),
        ("1:60:00 甲", Fault.TIME, 1),
        ("1:055 甲", Fault.TIME, 1),
        ("0:00", Fault.TITLE, 1),
        ("0:00 " + "长" * 61, Fault.LONG, 1),
        ("0:10 甲\n\n0:10 乙", Fault.ORDER, 3),
        ("0:10 甲\n0:05 乙", Fault.ORDER, 2),
        ("0:00 甲\n1:00 乙", Fault.TOO_LATE, 2),
        ("\n".join(f"0:{n:02} 甲" if n < 60 else f"1:{n - 60:02} 甲" for n in range(MOST + 1)),
         Fault.TOO_MANY, MOST + 1),
    ],
)  # fmt: skip
def test_a_line_that_makes_no_sense_is_named(text: str, fault: Fault, line: int) -> None:
    duration = 60.0 if fault is Fault.TOO_LATE else None
    with pytest.raises(ChapterFault) as problem:
        read_chapters(text, duration=duration)
    assert (problem.value.fault, problem.value.line) == (fault, line)


def test_empty_lines_are_passed_over() -> None:
    assert read_chapters("\n 0:00 甲 \r\n\r\n0:10 乙\n") == [
        ChapterLine(0, "甲"),
        ChapterLine(10, "乙"),
    ]
