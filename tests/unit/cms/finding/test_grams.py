"""Runs of characters find what a plain search finds: exactly for words that are one run, never too
little for longer ones, and exactly by positions.
"""

import sqlite3
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from cms.finding.folding import fold
from cms.finding.grams import FOURS, gram_codes, gram_phrase, gram_tokens, is_one_run

SIGNS = "党课ab1 .\"'*-😀𠮷é"
LINES = st.lists(st.text(SIGNS, max_size=12).map(fold).filter(bool), min_size=1, max_size=4)
WORDS = st.text(SIGNS, min_size=1, max_size=6).map(fold).filter(bool)


def numbers(folded: str) -> set[int]:
    """As the database's function makes them of a text."""
    return {
        number
        for size in (1, 2, 3, 4)
        for at in range(len(folded) - size + 1)
        for number in gram_codes(folded[at : at + size])
    }


@given(LINES, WORDS)
def test_numbers_of_one_run_are_exact(lines: list[str], word: str) -> None:
    text = "\n".join(lines)
    held = set(gram_codes(word)) <= numbers(text)
    assert held >= (word in text)
    if is_one_run(word):
        assert held == (word in text)


def test_words_of_up_to_four_chinese_characters_are_one_run() -> None:
    assert is_one_run("乡村振兴")
    assert not is_one_run("全面从严治党")
    assert not is_one_run("党课好😀")


@given(WORDS, st.sampled_from(["\U0010ffff", chr(FOURS - 1), "\x01"]))
def test_numbers_fit_the_database_and_runs_of_four_are_told_apart(word: str, sign: str) -> None:
    longest = gram_codes(word + 4 * sign)
    assert all(-(2**63) <= number < 2**63 for number in longest)
    threes = {number for at in range(len(word)) for number in gram_codes(word[at : at + 3])}
    assert all(number > 0 for number in threes)
    assert threes.isdisjoint(longest) or max(map(ord, word + sign)) >= FOURS


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
