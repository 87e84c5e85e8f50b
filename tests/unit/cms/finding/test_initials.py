"""First letters of pinyin, read by the words around."""

import pytest

from cms.finding.initials import initials_of, may_be_initials


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("乡村振兴", "xczx"),
        ("重庆", "cq"),
        ("重要", "zy"),
        ("银行", "yh"),
        ("学习ＡＩ，第2讲", "xxai,d2j"),
        ("<b>课</b>", "<b>k</b>"),
        ("", ""),
    ],
)
def test_characters_have_their_letter_and_all_else_stays(text: str, letters: str) -> None:
    assert initials_of(text) == letters


@pytest.mark.parametrize(
    ("word", "may"),
    [("xczx", True), ("d2j", True), ("x", False), ("22", False), ("乡村", False), ("a.b", False)],
)
def test_letters_and_digits_may_be_initials(word: str, may: bool) -> None:
    assert may_be_initials(word) is may
