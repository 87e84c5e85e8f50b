"""Titles and names without what nobody sees."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.plain import plain_line, plain_text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  乡村　振兴 ", "乡村 振兴"),
        ("乡\u200b村\ufeff振\u2060兴", "乡村振兴"),
        ("\u202e兴振村乡\u202c", "兴振村乡"),
        ("\u2067右\u2069\u200f", "右"),
        ("张\u200d三", "张三"),
        ("👩\u200d🌾 种玉米🌽", "👩\u200d🌾 种玉米🌽"),
        ("❤️ 党课", "❤️ 党课"),
        ("a\x00b\x1b[0m", "ab[0m"),
        ("<b>粗</b>", "<b>粗</b>"),
    ],
)
def test_a_line_keeps_what_one_sees(typed: str, kept: str) -> None:
    assert plain_line(typed) == kept


def test_prose_keeps_its_lines() -> None:
    assert plain_text("第一行\r\n第二行\u200b\r第三行\n") == "第一行\n第二行\n第三行"


@given(st.text())
def test_cleaning_twice_changes_nothing_more(typed: str) -> None:
    assert plain_line(plain_line(typed)) == plain_line(typed)


@given(st.text())
def test_no_mark_of_direction_stays(typed: str) -> None:
    kinds = {unicodedata.bidirectional(one) for one in plain_line(typed)}
    assert not kinds & {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
