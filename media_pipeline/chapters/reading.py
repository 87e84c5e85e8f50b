"""Chapters as people write them: a line each, "0:00 开场". Pure.

Tolerant in form (full-width digits and colons, hours or none, a dash behind the time), strict in
what gets through: the line that makes no sense is named, so that it can be mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MOST = 60
LONGEST_TITLE = 60

# `\d` and int() know the digits of full-width input as well.
_LINE = re.compile(r"(?:(\d{1,2})[:：])?(\d{1,3})[:：](\d{2})(?!\d)\s*[-–—、.．:：)）]?\s*(.*)")


class Fault(StrEnum):
    """What is wrong with a line. The sentences are in `messages`."""

    TIME = "time"  # no time at its beginning, or none that can be
    TITLE = "title"  # nothing behind the time
    LONG = "long"  # too much behind the time
    ORDER = "order"  # not later than the line before
    TOO_LATE = "too_late"  # after the recording has ended
    TOO_MANY = "too_many"


class ChapterFault(Exception):
    """Not chapters that we take; `line` counts from 1 as the person sees them."""

    def __init__(self, fault: Fault, *, line: int, text: str) -> None:
        super().__init__(f"{fault} at {line}: {text}")
        self.fault, self.line, self.text = fault, line, text


@dataclass(frozen=True)
class ChapterLine:
    second: int
    title: str


def read_chapters(text: str, *, duration: float | None = None) -> list[ChapterLine]:
    """In order of time; empty lines are passed over. `duration` in seconds, if known.

    Raises ChapterFault.
    """
    found: list[ChapterLine] = []
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = " ".join(raw.split())
        if not line:
            continue
        if len(found) == MOST:
            raise ChapterFault(Fault.TOO_MANY, line=number, text=line[:40])
        chapter = _chapter(number, line)
        if found and chapter.second <= found[-1].second:
            raise ChapterFault(Fault.ORDER, line=number, text=line[:40])
        if duration is not None and chapter.second >= duration:
            raise ChapterFault(Fault.TOO_LATE, line=number, text=line[:40])
        found.append(chapter)
    return found


def _chapter(number: int, line: str) -> ChapterLine:
    match = _LINE.fullmatch(line)
    hours, minutes, seconds = (int(match[part] or 0) for part in (1, 2, 3)) if match else (0, 0, 60)
    if match is None or seconds > 59 or (match[1] is not None and minutes > 59):
        raise ChapterFault(Fault.TIME, line=number, text=line[:40])
    title = match[4]
    if not title:
        raise ChapterFault(Fault.TITLE, line=number, text=line[:40])
    if len(title) > LONGEST_TITLE:
        raise ChapterFault(Fault.LONG, line=number, text=f"{title[:20]}…")
    return ChapterLine((hours * 60 + minutes) * 60 + seconds, title)


def write_chapters(chapters: Iterable[ChapterLine]) -> str:
    """The lines that `read_chapters` reads as these again."""
    return "\n".join(f"{clock(one.second)} {one.title}" for one in chapters)


def clock(second: int) -> str:
    hours, rest = divmod(second, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
