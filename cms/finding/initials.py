"""The first letters of a text's pinyin, as many people type: 乡村振兴 is xczx. Pure.

pypinyin reads a character by the words around it (重庆 is cq, 重要 is zy). It takes a second and
some memory to load, so only what writes the index loads it; looking up needs letters alone.
"""

from __future__ import annotations

import re

from cms.finding.folding import fold

_LETTERS = re.compile(r"(?=.*[a-z])[a-z0-9]{2,}")


def initials_of(text: str) -> str:
    """Folded, one letter for each character that has a reading; all others stay as they are."""
    from pypinyin import Style, lazy_pinyin

    letters = lazy_pinyin(text, style=Style.FIRST_LETTER, errors=str)
    return fold("".join(letters))


def may_be_initials(word: str) -> bool:
    """Whether a folded word is letters and digits that may stand for characters."""
    return _LETTERS.fullmatch(word) is not None
