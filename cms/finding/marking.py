"""What of a text is shown for a word that was found in it, and where the word stands. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cms.finding.folding import folded_offsets


@dataclass(frozen=True)
class Part:
    """A piece of text as its author wrote it; `hit` when it is what was looked for."""

    text: str
    hit: bool = False


def spans(text: str, words: Iterable[str], letters: str = "") -> list[tuple[int, int]]:
    """Where the folded words stand in `text`, in order, joined where they touch.

    With `letters`, the initials of the text, the words are looked for in those.
    """
    folded, offsets = folded_offsets(text)
    if not offsets or (letters and len(letters) != len(folded)):
        return []
    folded = letters or folded
    found = []
    for word in filter(None, words):
        at = folded.find(word)
        while at >= 0:
            found.append((offsets[at], _end(offsets, at + len(word))))
            at = folded.find(word, at + 1)
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _end(offsets: Sequence[int], at: int) -> int:
    """Behind the character before `at`, which may have folded to several."""
    before = offsets[at - 1]
    return next((offset for offset in offsets[at:] if offset > before), offsets[-1])


def parts(text: str, found: Sequence[tuple[int, int]]) -> list[Part]:
    """The whole text, cut at the spans."""
    pieces: list[Part] = []
    at = 0
    for start, end in found:
        pieces += [Part(text[at:start]), Part(text[start:end], hit=True)]
        at = end
    pieces.append(Part(text[at:]))
    return [piece for piece in pieces if piece.text]


def marked(text: str, words: Iterable[str], letters: str = "") -> list[Part]:
    return parts(text, spans(text, words, letters))


def snippet(text: str, words: Iterable[str], letters: str = "", *, length: int = 60) -> list[Part]:
    """About `length` characters around the first hit, with … where text was left out."""
    found = spans(text, words, letters)
    if len(text) <= length or not found:
        return parts(text, found) if len(text) <= length else [Part(f"{text[:length]}…")]
    start = max(0, min(found[0][0] - length // 4, len(text) - length))
    end = max(start + length, found[0][1])
    inside = [(a - start, min(b, end) - start) for a, b in found if start <= a < end]
    pieces = parts(text[start:end], inside)
    return [Part("…")] * (start > 0) + pieces + [Part("…")] * (end < len(text))
