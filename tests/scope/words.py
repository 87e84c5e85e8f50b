"""Words that were left in English: what a page in Chinese shows in Latin letters.

Names of things that have no Chinese name, and what people typed, are in `KNOWN`; everything else is
a string without a translation, from whichever library it comes.
"""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from tests.scope import tree

# Read by people: by eye, by a screen reader, on hovering.
READ_ALOUD = ("title", "aria-label", "placeholder", "alt", "data-label")
# The admin's menu is drawn from data in the page.
MENU = "wagtail-sidebar-props"
LABEL = re.compile(r'"label": "([^"]*)"')
UNSEEN = ("script", "style", "svg", "template", "code", "textarea")
WORD = re.compile(r"[A-Za-z][A-Za-z_-]*[A-Za-z]")
# Names of formats, techniques and programs, as Chinese sentences write them as well; and the `None`
# that Wagtail writes into a counter which is hidden.
KNOWN = frozenset(
    (
        *("excel", "pdf", "mp", "srt", "vtt", "icp", "url", "wps", "xlsx", "xls", "csv"),
        *("mov", "et", "json", "data", "xczx"),
        *("tv", "mb", "gb", "kb", "http", "https", "cookie", "javascript"),
        *("iphone", "android", "linux", "windows", "chrome", "safari", "firefox", "edge"),
        "none",
        # Units, roles and accounts of the matrix itself.
        *(*tree.UNITS, *tree.ROLES, "empty", "closed"),
    )
)
# Addresses, file names, codes of units and people, masked or not, what stands for a number.
NO_WORDS = re.compile(
    r"https?://\S+|[\w./-]*/[\w./-]*|\S*[\d*]\S*|\{\w+\}|\b[SPEs]-[\w-]+"
    r"|\S*\.(?:mp4|xlsx|xls|csv|vtt|srt|zip|jpg|jsonl)\b"
)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden: list[str] = []
        self._is_menu = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._is_menu = given.get("id") == MENU
        if tag in UNSEEN:
            self._hidden.append(tag)
        if tag == "input" and given.get("type") in ("submit", "button"):
            self.found.append(given.get("value") or "")
        self.found += [unescape(given[name] or "") for name in READ_ALOUD if name in given]

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            self._hidden.remove(tag)

    def handle_data(self, data: str) -> None:
        if self._is_menu:
            self.found += [json.loads(f'"{label}"') for label in LABEL.findall(data)]
        elif not self._hidden:
            self.found.append(data)


def foreign_words(response: Any) -> dict[str, str]:
    """Latin words of a page, each with the text in which it stands."""
    if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
        return {}
    page = _Text()
    page.feed(response.content.decode())
    return {
        word: " ".join(text.split())
        for text in page.found
        for word in WORD.findall(NO_WORDS.sub(" ", text))
        if word.casefold() not in KNOWN
    }
