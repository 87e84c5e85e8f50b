"""Two ways to write the same fold to the same, and nothing else does."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.finding.folding import clusters, fold, folded_offsets, query_words, unquoted

TEXT = st.text(max_size=40)
# What a library's texts are made of, and what gets into them by accident.
MIXED = st.text(
    st.one_of(
        st.sampled_from(
            "党课乡村振兴的，。“”「」《》ABCabcＡＢＣａｂｃ１２12 \u3000\t\n-.％%é\u0301ﬁ"
        ),
        st.sampled_from("\u200b\u200d\u200f\u202e\ufeff\ufe0f\u00ad👍🏽👨\u200d👩ｶﾞがガ한ᄒ\u1161ß"),
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＡＩ党课", "ai党课"),
        ("WPS", "wps"),
        ("（一）：", "(一):"),
        ("５Ｇ", "5g"),
        ("乡\u200b村\u200d振\ufeff兴", "乡村振兴"),
        ("\u202e乡村\u202c", "乡村"),
        ("Straße ﬁn", "strasse fin"),
        ("cafe\u0301", "café"),
        ("ｶﾞ", "ガ"),
        ("❤\ufe0f", "❤"),
        ("  党 \u3000 课\r\n二 ", "党 课 二"),
        ("党\x00课", "党 课"),
        ("\ud800课", "课"),
        ("𠮷野家", "𠮷野家"),
        ("。、“”", "。、“”"),
    ],
)
def test_the_same_in_another_writing_is_the_same(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(TEXT | MIXED)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXT | MIXED)
def test_nothing_unseen_is_left(text: str) -> None:
    folded = fold(text)
    assert folded == folded.strip()
    assert not any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in folded)
    assert "  " not in folded
    folded.encode()


@given(TEXT | MIXED)
def test_case_and_width_do_not_matter(text: str) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)
    assert fold(wide) == fold(text)
    assert fold(fold(text).upper()) == fold(fold(text).upper().lower())


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=20))
def test_chinese_stays_as_it_is(text: str) -> None:
    assert fold(text) == text


@given(TEXT | MIXED)
def test_clusters_are_the_whole_text(text: str) -> None:
    assert "".join(text[start:end] for start, end in clusters(text)) == text


@given(MIXED)
def test_every_folded_character_knows_where_it_came_from(text: str) -> None:
    folded, offsets = folded_offsets(text)
    assert folded == fold(text)
    if offsets:
        assert len(offsets) == len(folded) + 1
        assert offsets == sorted(offsets)
        assert offsets[-1] == len(text)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("乡村振兴", ["乡村振兴"]),
        ("报告 解读", ["报告", "解读"]),
        ("报告\u3000报告 ", ["报告"]),
        ('"micro lecture" 党', ["micro lecture", "党"]),
        ("“学 思 想”", ["学 思 想"]),
        ("“四个意识”", ["“四个意识”"]),
        ("说“好”", ["说“好”"]),
        ('"open', ['"open']),
        ('"a b', ['"a', "b"]),
        ('""', ['""']),
        (" \u200b ", []),
        ("<script>alert(1)</script>", ["<script>alert(1)</script>"]),
    ],
)
def test_a_question_is_made_of_words(query: str, words: list[str]) -> None:
    assert query_words(query) == words


@given(TEXT | MIXED)
def test_words_are_folded_and_stand_in_the_question(query: str) -> None:
    for word in query_words(query):
        assert word
        assert fold(word) == word
        assert word in fold(query)


def test_quotation_marks_at_the_ends_can_be_left_out() -> None:
    assert unquoted("“四个意识” 说“好”") == "四个意识 说“好"
