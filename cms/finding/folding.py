"""Text as it is compared: one form for all ways to write the same. Pure.

Half and full width, upper and lower case, composed and decomposed marks, ligatures, marks of no
width and of direction, every kind of blank: two texts that a reader takes for the same fold to the
same. Nothing else is changed: no stop words, no other script, punctuation stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# Default_Ignorable_Code_Point (Unicode 15.1, DerivedCoreProperties): joiners, marks of direction,
# selectors of a glyph's look, tags. And what is no text: halves of surrogate pairs, and the last
# private plane, where `grams` finds room for signs of its own.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U00100000-\U0010ffff]"
)
# Controls are blanks, too: they stand between words.
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
# Texts of nothing but signs that fold each to one: what can be seen of ASCII, also at full width,
# Chinese characters, the commonest of their punctuation.
_EACH_ONE = re.compile("[!-~\u4e00-\u9fff\u3001\u3002\u300a-\u300d\u2014\uff01-\uff5e]*")
_JAMO = re.compile("[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]")
# Asked for together, blanks included; and what stands between blanks.
_QUOTED = re.compile(
    r'(?<!\S)(?:"([^"]*)"|“([^“”]*)”|「([^「」]*)」)(?!\S)'
    r"|(\S+)"
)


def fold(text: str) -> str:
    """The one form of `text`: Unicode's compatibility caseless form (D146), single blanks."""
    if text.isascii():
        return _BLANKS.sub(" ", text).strip().lower()
    text = _UNSEEN.sub("", text)
    text = unicodedata.normalize("NFD", text).casefold()
    text = unicodedata.normalize("NFKD", text).casefold()
    text = unicodedata.normalize("NFKC", text)
    return _BLANKS.sub(" ", _UNSEEN.sub("", text)).strip()


def query_words(query: str) -> list[str]:
    """The folded words that must all be found, each once, in the order of asking.

    Blanks part words. Quotation marks around words with a blank between them ask for the whole as
    it stands; around a single word they are part of it, as a text may well have them.
    """
    found: list[str] = []
    for match in _QUOTED.finditer(fold(query)):
        inner = next((part for part in match.groups()[:3] if part), "").strip()
        words = [inner] if " " in inner else match[0].split()
        found += [word for word in words if word not in found]
    return found


def unquoted(query: str) -> str:
    """The query without quotation marks at the ends of words, for when nothing has them."""
    return fold(re.sub(r'(?<!\S)["“「]+|["”」]+(?!\S)', " ", fold(query)))


def clusters(text: str) -> Iterator[tuple[int, int]]:
    """Spans of `text` that fold on their own: a character with the marks that belong to it."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not _joins(text[at]):
            yield start, at
            start = at


@lru_cache(maxsize=8192)
def _joins(character: str) -> bool:
    """Whether it may become one character with what stands before it."""
    if character < "\u0300":
        return False
    first = unicodedata.normalize("NFKD", character)[0]
    return bool(
        unicodedata.combining(first)
        or unicodedata.category(first).startswith("M")
        or _UNSEEN.match(character)
        or _JAMO.match(first)
    )


def folded_offsets(text: str) -> tuple[str, list[int]]:
    """`fold(text)` and, for each of its characters, where in `text` it begins; its end at last.

    Where the parts do not add up to the whole (a rare script's own rules), no offsets: [].
    """
    if _EACH_ONE.fullmatch(text):
        return fold(text), list(range(len(text) + 1))
    pieces: list[str] = []
    offsets: list[int] = []
    blank_at = -1
    for start, end in clusters(text):
        piece = _cluster(text[start:end])
        if not piece.strip():
            blank_at = start if piece and blank_at < 0 else blank_at
            continue
        if blank_at >= 0 and pieces:
            piece, offsets = f" {piece.lstrip()}", [*offsets, blank_at]
            offsets += [start] * (len(piece) - 1)
        else:
            piece = piece.lstrip()
            offsets += [start] * len(piece)
        pieces.append(piece)
        blank_at = -1
    folded = "".join(pieces)
    return (folded, [*offsets, len(text)]) if folded == fold(text) else (fold(text), [])


@lru_cache(maxsize=8192)
def _cluster(text: str) -> str:
    """As `fold`, but a blank stays one."""
    folded = fold(text)
    return folded or (" " if _BLANKS.search(_UNSEEN.sub("", text)) else "")
