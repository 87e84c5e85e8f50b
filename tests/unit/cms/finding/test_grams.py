"""Runs of characters find what a plain search finds: exactly for numbers of up to three characters,
never too little for longer words, and exactly by positions.
"""

import sqlite3
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from cms.finding.folding import fold
from cms.finding.grams import gram_codes, gram_phrase, gram_tokens

SIGNS = "党课ab1 .\"'*-😀𠮷é"
LINES = st.lists(st.text(SIGNS, max_size=12).map(fold).filter(bool), min_size=1, max_size=4)
WORDS = st.text(SIGNS, min_size=1, max_size=6).map(fold).filter(bool)


def numbers(folded: str) -> set[int]:
    """As the database's function makes them of a text."""
    return {
        number
        for size in (1, 2, 3)
        for at in range(len(folded) - size + 1)
        for number in gram_codes(folded[at : at + size])
    }


@given(LINES, WORDS)
def test_numbers_of_up_to_three_characters_are_exact(lines: list[str], word: str) -> None:
    text = "\n".join(lines)
    held = set(gram_codes(word)) <= numbers(text)
    assert held >= (word in text)
    if len(word) <= 3:
        assert held == (word in text)


@given(WORDS)
def test_numbers_fit_the_database(word: str) -> None:
    assert all(0 < number < 2**63 for number in gram_codes(f"{word}\U0010ffff\U0010ffff\U0010ffff"))


@given(st.lists(LINES, min_size=1, max_size=3), WORDS)
def test_positions_of_pairs_are_exact(texts: list[list[str]], word: str) -> None:
    with closing(sqlite3.connect(":memory:")) as base:
        base.execute(
            "CREATE VIRTUAL TABLE grams USING fts5("
            "pairs, content='', columnsize=0, tokenize='ascii', prefix='1')"
        )
        joined = {number: "\n".join(lines) for number, lines in enumerate(texts, start=1)}
        base.executemany(
            "INSERT INTO grams(rowid, pairs) VALUES (?, ?)",
            [(number, gram_tokens(text)) for number, text in joined.items()],
        )
        rows = base.execute("SELECT rowid FROM grams WHERE grams MATCH ?", [gram_phrase(word)])
        assert {row[0] for row in rows} == {n for n, text in joined.items() if word in text}
