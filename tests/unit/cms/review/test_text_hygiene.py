"""What people type loses what cannot be seen and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.review.text_hygiene import tidy_line, tidy_text

HIDDEN = "\u200b\u200e\u200f\u202a\u202e\u2066\u2069\ufeff\u00ad\u2060"


@pytest.mark.parametrize("mark", HIDDEN)
def test_marks_that_hide_or_turn_are_taken_out(mark):
    assert tidy_line(f"乡{mark}村{mark}振兴{mark}") == "乡村振兴"


def test_emoji_stay_whole():
    family = "党课👨‍👩‍👧‍👦👍🏽❤️"
    assert tidy_line(family) == family


def test_a_joiner_inside_a_word_goes():
    assert tidy_line("乡\u200d村") == "乡村"


def test_markup_is_text():
    assert tidy_line("<script>alert(1)</script>") == "<script>alert(1)</script>"


def test_lines_stay_lines_with_at_most_one_empty_one():
    assert tidy_text(" 一 \r\n\r\n\r\n\n 二\t三 ") == "一\n\n二 三"


@given(st.text())
def test_twice_is_once_and_nothing_unseen_is_left(text):
    line, lines = tidy_line(text), tidy_text(text)
    assert tidy_line(line) == line
    assert tidy_text(lines) == lines
    assert not set(line + lines) & set(HIDDEN)
    assert "\n" not in line
