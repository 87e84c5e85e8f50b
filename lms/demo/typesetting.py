"""Breaking Chinese text into lines, by the rules a compositor keeps.

Pure: what a string measures is asked of a function. No line starts with closing punctuation
or ends with an opening bracket; numbers and Latin words stay whole; a paragraph does not end
on a single character; a `|` in the text marks where a line may best end and is never shown.
The rules are those of 《标点符号用法》 GB/T 15834-2011, section 5.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable

NEVER_FIRST = frozenset("，。、；：？！）》」』】〉”’…—～·%％℃°,.;:?!)]}")
NEVER_LAST = frozenset("（《「『【〈“‘([{")
PREFERRED_BREAK = "|"
THIN_SPACE = "\u2009"

_WHOLE = re.compile(r"[A-Za-z0-9]+(?:[—.:/-][A-Za-z0-9]+)*")
_HAN = r"[\u3400-\u9fff]"
_HAN_THEN_LATIN = re.compile(rf"({_HAN})([A-Za-z0-9])")
_LATIN_THEN_HAN = re.compile(rf"([A-Za-z0-9])({_HAN})")

_HARD_BREAK_COST = 4.0
_WIDOW_COST = 40.0

Measure = Callable[[str], float]


class LineTooNarrow(ValueError):
    """One unbreakable piece is wider than the line."""


def spaced(text: str) -> str:
    """Put a thin space between Han characters and Latin letters or digits."""
    text = _HAN_THEN_LATIN.sub(rf"\1{THIN_SPACE}\2", text)
    return _LATIN_THEN_HAN.sub(rf"\1{THIN_SPACE}\2", text)


def plain(text: str) -> str:
    """The text without its break marks."""
    return text.replace(PREFERRED_BREAK, "")


def pieces(text: str) -> list[str]:
    """Cut into the smallest pieces between which a line may end.

    Break marks stay as pieces of their own.
    """
    atoms: list[str] = []
    position = 0
    while position < len(text):
        whole = _WHOLE.match(text, position)
        atom = whole.group() if whole else text[position]
        atoms.append(atom)
        position += len(atom)
    joined: list[str] = []
    for atom in atoms:
        # A mark where no line may end is no mark.
        if joined and joined[-1][-1] in NEVER_LAST:
            joined[-1] += plain(atom)
            continue
        while atom[0] in NEVER_FIRST and joined and joined[-1] == PREFERRED_BREAK:
            joined.pop()
        if joined and atom[0] in NEVER_FIRST:
            joined[-1] += atom
        else:
            joined.append(atom)
    return joined


def lines_broken(text: str, *, width: float, measure: Measure, balanced: bool = False) -> list[str]:
    """Break `text` into as few lines as fit `width`, as evenly or as fully as asked.

    `balanced` evens out all lines (headings); otherwise the last line may be short
    (paragraphs). Raises `LineTooNarrow` when a piece does not fit.
    """
    parts, preferred = _parts(text)
    has_marks = bool(preferred)
    count = len(parts)
    # best[i]: the cheapest (number of lines, cost, start of the last line) for parts[:i]
    best: list[tuple[int, float, int] | None] = [None] * (count + 1)
    best[0] = (0, 0.0, 0)
    for end in range(1, count + 1):
        for start in range(end - 1, -1, -1):
            line = spaced("".join(parts[start:end])).strip()
            wide = measure(line)
            if wide > width:
                if start == end - 1:
                    raise LineTooNarrow(line)
                break
            before = best[start]
            if before is None:
                continue
            slack = (width - wide) / width
            cost = before[1] + (slack * slack if balanced or end < count else 0.0)
            if end < count and has_marks and end not in preferred:
                cost += _HARD_BREAK_COST
            if end == count and start > 0 and len(line) <= 1:
                cost += _WIDOW_COST
            candidate = (before[0] + 1, cost, start)
            current = best[end]
            if current is None or candidate[:2] < current[:2]:
                best[end] = candidate
    return _traced(parts, best)


def _parts(text: str) -> tuple[list[str], set[int]]:
    parts: list[str] = []
    preferred: set[int] = set()
    for piece in pieces(text):
        if piece == PREFERRED_BREAK:
            preferred.add(len(parts))
        else:
            parts.append(piece)
    return parts, preferred


def _traced(parts: list[str], best: list[tuple[int, float, int] | None]) -> list[str]:
    lines: list[str] = []
    end = len(parts)
    while end > 0:
        found = best[end]
        assert found is not None
        lines.append(spaced("".join(parts[found[2] : end])).strip())
        end = found[2]
    return lines[::-1]
