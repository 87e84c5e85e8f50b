"""Texts that people type or paste: what of it is not for eyes is taken out. Pure.

Marks that turn or hide what follows let one title look like another and keep a search from finding
it. Emoji stay as they are, with the joiners that hold them together.
"""

from __future__ import annotations

import re
import unicodedata

JOINER = "\u200d"
# Controls save line feed and tab; zero-width and direction marks; separators that are no newline.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f"
    "\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANK = re.compile(r"[^\S\n]+")
_MANY_LINES = re.compile(r"\n{3,}")


def tidy_line(text: str) -> str:
    """One line without what cannot be seen, with single spaces."""
    return " ".join(_seen(text).split())


def tidy_text(text: str) -> str:
    """Several lines without what cannot be seen, with at most one empty line in between."""
    lines = _seen(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    tidied = "\n".join(_BLANK.sub(" ", line).strip() for line in lines)
    return _MANY_LINES.sub("\n\n", tidied).strip()


def _seen(text: str) -> str:
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", _LONE_SURROGATE.sub("", text)))
    if JOINER not in text:
        return text
    kept = []
    for place, sign in enumerate(text):
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if sign != JOINER or (_is_picture(before) and _is_picture(after)):
            kept.append(sign)
    return "".join(kept)


def _is_picture(sign: str) -> bool:
    """An emoji, its colour or its variation mark."""
    return bool(sign) and (
        sign == "\ufe0f" or unicodedata.category(sign) in ("So", "Sk") or ord(sign) >= 0x1F000
    )
