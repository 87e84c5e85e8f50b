"""What is said, as text to read: the words of cues, and cues put together to paragraphs. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from media_pipeline.captions.cues import Cue

# A paragraph ends at a pause, at the end of a sentence once it is long enough, and at the latest
# where people lose their place. Milliseconds.
PAUSE_MS = 2_500
LONG_ENOUGH_MS = 20_000
LONGEST_MS = 45_000
SENTENCE_ENDS = tuple("。！？…!?.")

_TAG = re.compile(r"</?[biu]>")
_BREAK = re.compile(r"\s*\n\s*")
# Scripts that part no words by blanks: a line of captions may end inside a word.
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


def spoken(cue: str) -> str:
    """A cue's words on one line: a break inside a Chinese word leaves no blank."""
    text = html.unescape(_TAG.sub("", cue)).strip()

    def joint(found: re.Match[str]) -> str:
        around = text[found.start() - 1 : found.start()] + text[found.end() : found.end() + 1]
        return "" if all(_WIDE.match(character) for character in around) else " "

    return _BREAK.sub(joint, text)


@dataclass(frozen=True)
class Paragraph:
    """Cues that are read in one go, at least one."""

    cues: tuple[Cue, ...]

    @property
    def start(self) -> int:
        return self.cues[0].start


def paragraphs(cues: Iterable[Cue], *, breaks: Sequence[int] = ()) -> list[Paragraph]:
    """Every cue once, in the order given. A paragraph begins with the first cue at or after each
    of `breaks` (milliseconds, ascending).
    """
    found: list[Paragraph] = []
    held: list[Cue] = []
    waiting = list(breaks)
    for cue in cues:
        is_break = bool(waiting) and cue.start >= waiting[0]
        while waiting and cue.start >= waiting[0]:
            waiting.pop(0)
        if held and (is_break or _ends(held, cue)):
            found.append(Paragraph(tuple(held)))
            held = []
        held.append(cue)
    if held:
        found.append(Paragraph(tuple(held)))
    return found


def _ends(held: list[Cue], following: Cue) -> bool:
    last, begun = held[-1], held[0].start
    if following.start - last.end >= PAUSE_MS or following.end - begun > LONGEST_MS:
        return True
    return last.end - begun >= LONG_ENOUGH_MS and spoken(last.text).endswith(SENTENCE_ENDS)
