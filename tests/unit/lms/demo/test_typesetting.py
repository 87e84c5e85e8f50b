from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lms.demo.typesetting import (
    NEVER_FIRST,
    NEVER_LAST,
    THIN_SPACE,
    LineTooNarrow,
    lines_broken,
    spaced,
)


def squares(text: str) -> float:
    """Han characters measure 1, everything else a half."""
    return sum(1.0 if ord(character) > 0x2FF else 0.5 for character in text)


texts = st.text(
    alphabet="党课学习大棚番茄年月，。、：！？（）《》“”0123456789abcXYZ|", min_size=1, max_size=60
)


@example("《|党课。", 4.0)
@given(texts, st.floats(min_value=4, max_value=30))
def test_lines_obey_the_compositor_whatever_the_text(text: str, width: float) -> None:
    try:
        lines = lines_broken(text, width=width, measure=squares)
    except LineTooNarrow:
        return
    assert "".join(lines).replace(THIN_SPACE, "") == text.replace("|", "")
    for line in lines:
        assert squares(line) <= width
    for line in lines[1:]:
        assert line[0] not in NEVER_FIRST
    for line in lines[:-1]:
        assert line[-1] not in NEVER_LAST


def test_a_comma_takes_its_character_to_the_next_line() -> None:
    assert lines_broken("晴天中午，放风排湿", width=4, measure=squares)[0] == "晴天中"


def test_a_number_stays_whole() -> None:
    assert "2022" in "\n".join(lines_broken("党的二十大2022年召开", width=6, measure=squares))


def test_a_paragraph_does_not_end_on_one_character() -> None:
    assert [len(line) for line in lines_broken("一二三四五六七", width=6, measure=squares)] == [
        5,
        2,
    ]


def test_a_heading_breaks_at_its_mark() -> None:
    lines = lines_broken("设施大棚番茄|越冬管理", width=8, measure=squares, balanced=True)
    assert lines == ["设施大棚番茄", "越冬管理"]


def test_a_heading_without_marks_is_balanced() -> None:
    lines = lines_broken("一二三四五六七八", width=6, measure=squares, balanced=True)
    assert lines == ["一二三四", "五六七八"]


def test_han_and_digits_are_spaced_apart() -> None:
    assert spaced("拨打110报警") == f"拨打{THIN_SPACE}110{THIN_SPACE}报警"


def test_a_piece_wider_than_the_line_is_refused() -> None:
    with pytest.raises(LineTooNarrow):
        lines_broken("1234567890", width=3, measure=squares)
