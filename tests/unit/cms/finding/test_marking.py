"""What is shown of a text, and that the marks stand on what was looked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.finding.folding import fold, folded_offsets
from cms.finding.marking import Part, marked, snippet
from tests.unit.cms.finding.test_folding import MIXED


def brackets(parts: list[Part]) -> str:
    return "".join(f"[{part.text}]" if part.hit else part.text for part in parts)


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("推进乡村振兴", ["乡村"], "推进[乡村]振兴"),
        ("ＡＩ与ai", ["ai"], "[ＡＩ]与[ai]"),
        ("乡\u200b村里", ["乡村"], "[乡\u200b村]里"),
        ("乡村振兴", ["乡村", "村振"], "[乡村振]兴"),
        ("啊啊啊", ["啊啊"], "[啊啊啊]"),
        ("第 \u3000一课", ["第 一"], "[第 \u3000一]课"),
        ("ﬁlm", ["i"], "[ﬁ]lm"),
        ("cafe\u0301s", ["é"], "caf[e\u0301]s"),
        ("<b>粗</b>", ["<b>"], "[<b>]粗</b>"),
        ("没有", ["别的"], "没有"),
        ("", ["党"], ""),
    ],
)
def test_the_author_s_own_characters_are_marked(text: str, words: list[str], shown: str) -> None:
    assert brackets(marked(text, words)) == shown


def test_initials_mark_the_characters_that_they_stand_for() -> None:
    assert brackets(marked("推进乡村振兴", ["xczx"], "tjxczx")) == "推进[乡村振兴]"


@given(MIXED, MIXED)
def test_parts_are_the_whole_text_and_marks_fold_to_the_word(text: str, word: str) -> None:
    folded = fold(word)
    parts = marked(text, [folded] if folded else [])
    assert "".join(part.text for part in parts) == text
    for part in parts:
        if part.hit:
            assert folded[:1] in fold(part.text)


@given(MIXED, MIXED, MIXED)
def test_whatever_is_found_is_marked(before: str, word: str, after: str) -> None:
    wanted, text = fold(word), before + word + after
    folded, offsets = folded_offsets(text)
    # Beside a mark that joins to what stands before it, the word may have become another one.
    if offsets and wanted and wanted in folded:
        assert any(part.hit for part in marked(text, [wanted]))


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_snippet_shows_the_word_and_is_short(before: int, after: int) -> None:
    text = "字" * before + "乡村振兴" + "词" * after
    parts = snippet(text, ["乡村振兴"], length=60)
    assert Part("乡村振兴", hit=True) in parts
    assert len("".join(part.text for part in parts)) <= 62


def test_a_long_text_without_the_word_begins_at_its_beginning() -> None:
    assert brackets(snippet("字" * 100, ["党"], length=10)) == "字" * 10 + "…"
