"""Runs of one to four characters: by them the index finds where a word can stand. Pure.

A folded text may have several lines (captions: one a cue); no run reaches over the end of a line,
and no word that is looked for holds one.
"""

from __future__ import annotations

# The largest base in which four digits fit 63 bits.
FOURS = 55_108
# SQLite's tokenizer parts words at ASCII punctuation and blanks. Here these are characters like
# all others, so each has a sign of its own in a plane that `folding` keeps free.
_SIGNS = {code: chr(0x10_0000 + code) for code in range(0x20, 0x7F) if not chr(code).isalnum()}


def gram_codes(word: str) -> list[int]:
    """What an index of numbers must hold for a text with `word`: its longest runs, at most four.

    Runs are told apart exactly. One of up to three code points takes 21 bits for each, and is
    positive; four of them fit the negative numbers where none reaches `FOURS`, as no Chinese
    character of the basic plane does. The function `cms_grams` of the database makes the same
    numbers of a text.
    """
    points = [ord(character) for character in word]
    size = 4 if len(points) > 3 and max(points) < FOURS else min(len(points), 3)
    runs = [points[at : at + size] for at in range(len(points) - size + 1)]
    return sorted({_number(run) for run in runs})


def is_one_run(word: str) -> bool:
    """Whether a text that has the runs of `word` has the word: those of more may stand apart."""
    return len(word) < 4 or (len(word) == 4 and max(map(ord, word)) < FOURS)


def _number(run: list[int]) -> int:
    number = 0
    for point in run:
        number = number * FOURS + point if len(run) == 4 else number << 21 | point
    return -1 - number if len(run) == 4 else number


def gram_tokens(folded: str) -> str:
    """The text as an index of positions takes it: overlapping pairs, and each line's last sign."""
    signs = folded.translate(_SIGNS)
    return " ".join(line[at : at + 2] for line in signs.split("\n") for at in range(len(line)))


def gram_phrase(word: str) -> str:
    """The FTS5 query for exactly the texts that hold `word`."""
    signs = word.translate(_SIGNS)
    if len(signs) == 1:
        return f'"{signs}" *'
    pairs = " ".join(signs[at : at + 2] for at in range(len(signs) - 1))
    return f'"{pairs}"'
