"""Text as people typed it, without what nobody sees: for titles, names and introductions.

Zero-width marks make two equal names different and hide words from a search; marks of direction
turn round what stands beside them on the page. Emoji stay, also those that are joined of several.
"""

from __future__ import annotations

import re
from typing import Any

from django.db import models

# Soft hyphen, zero-width and direction marks, byte order mark, tags. U+200D joins emoji.
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
    "\U000e0000-\U000e007f]"
)
_LONELY_JOINER = re.compile("(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def plain_text(value: str) -> str:
    """Several lines stay several lines."""
    seen = _LONELY_JOINER.sub("", _UNSEEN.sub("", value))
    return _CONTROLS.sub("", seen.replace("\r\n", "\n").replace("\r", "\n")).strip()


def plain_line(value: str) -> str:
    """One line, words apart by one space."""
    return " ".join(plain_text(value).split())


class LineField(models.CharField):
    """Cleans to one plain line, from whatever form it comes."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return plain_line(text) if isinstance(text, str) else text


class ProseField(models.TextField):
    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return plain_text(text) if isinstance(text, str) else text
