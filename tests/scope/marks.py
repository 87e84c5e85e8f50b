"""Unmistakable characters: one for each kind of secret in each unit, found in any answer.

They come from a part of Unicode that nobody writes with, so one of them in an answer says what
was shown and of which unit. A masked name still holds its first and last character.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from tests.scope import tree
from tests.scope.tree import Viewer

# people: names, wishes to correct them. contacts: who holds a post in a branch, what a branch plans
# to watch. drafts: lectures
# not published. recordings: file names, and what members write to keepers.
# classes: titles of training classes.
KINDS = ("people", "contacts", "drafts", "recordings", "classes")
FIRST = 0x3400
# Written in every secret and in nothing else: what searches look for.
WORD = "机密"

_CELLS = [(kind, unit) for kind in KINDS for unit in tree.UNITS]
MARKS = {cell: chr(FIRST + number) for number, cell in enumerate(_CELLS)}
MEANING = {mark: cell for cell, mark in MARKS.items()}


def secret(kind: str, unit: str) -> str:
    """A name that holds the mark at both ends."""
    mark = MARKS[kind, unit]
    return f"{mark}{WORD}{mark}"


def phone(unit: str) -> str:
    return f"1390000{list(tree.UNITS).index(unit):04d}"


PHONES = {phone(unit): ("people", unit) for unit in tree.UNITS}


def shown(response: Any, *, masked: bool = False, asked: str = "") -> set[tuple[str, str]]:
    """The kinds and units of which an answer tells something; `masked` passes masked names.

    A number that stood in what was asked tells nothing by standing in the answer.
    """
    text = written(response)
    for number in PHONES:
        if number in asked:
            text = text.replace(number, "")
    found = {
        MEANING[mark]
        for mark in set(text) & MEANING.keys()
        if not masked or f"{mark}{WORD}{mark}" in text
    }
    return found | {cell for number, cell in PHONES.items() if number in text}


def written(response: Any) -> str:
    """All that stands in an answer, unpacked: HTML, JSON, workbooks, headers."""
    body = response.body_read if response.streaming else response.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            text = "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    else:
        text = body.decode("utf-8", "replace")
    if "json" in response.get("Content-Type", ""):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    # Wagtail writes JSON into attributes; Django escapes what it does not know there.
    if "\\u" in text:
        for mark in MEANING:
            text = text.replace(f"\\u{ord(mark):04x}", mark)
    return f"{headers}\n{text}"


def permitted(viewer: Viewer) -> set[tuple[str, str]]:
    """What the person may be told of at all."""
    found: set[tuple[str, str]] = set()
    for unit in tree.UNITS:
        if tree.readable(viewer, unit):
            found |= {("people", unit), ("contacts", unit), ("classes", unit)}
        elif unit == viewer.seat and viewer.role in (tree.MEMBER, tree.LEARNER):
            # Whom to ask in the own branch.
            found.add(("contacts", unit))
        if viewer.role in KEEPERS and tree.managed(viewer, unit):
            found |= {("drafts", unit), ("recordings", unit)}
        if viewer.role in REVIEWERS and viewer.seat == unit:
            # What is in review with them.
            found.add(("drafts", unit))
    return found


KEEPERS = (tree.REVIEWER, tree.CURATOR, tree.ADMINISTRATOR)
REVIEWERS = (tree.SECRETARY, tree.OFFICER, tree.REVIEWER, tree.CURATOR)
