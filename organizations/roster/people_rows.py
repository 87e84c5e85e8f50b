"""One row of a people's workbook, read: plain values, and what is wrong with its cells. Pure."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from base64 import b32encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from organizations.roster import cells, vocabulary
from organizations.roster.problems import CellProblem, Message

# Begins the codes that we make for people who came without one.
MADE = "L-"
HIDDEN = "*"


@dataclass(slots=True)
class PersonRow:
    """What a row says. Empty text means that the cell was empty or the column missing.

    `tags` has a key for each kind of tag whose cell says something; an empty list takes all away.
    """

    number: int
    code: str = ""
    name: str = ""
    phone: str = ""
    unit: str = ""
    unit_name: str = ""
    kind: str = ""
    leaving: str = ""
    tags: dict[str, list[str]] = field(default_factory=dict)
    since: dt.date | None = None
    until: dt.date | None = None
    problems: list[Message] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        """The row as JSON, without what is empty."""
        full = {
            "name": self.name,
            "phone": self.phone,
            "unit": self.unit,
            "unit_name": self.unit_name,
            "kind": self.kind,
            "leaving": self.leaving,
            "tags": self.tags,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "code": self.code,
        }
        return {key: value for key, value in full.items() if value}

    @classmethod
    def of_data(cls, number: int, data: Mapping[str, Any]) -> PersonRow:
        plain: dict[str, Any] = dict(data)
        for key in ("since", "until"):
            if plain.get(key):
                plain[key] = dt.date.fromisoformat(plain[key])
        return cls(number=number, **plain)


def person_row(number: int, picked: Mapping[str, object], *, today: dt.date) -> PersonRow:
    """Read the cells of a row by field; a cell that cannot be read becomes a problem."""
    row = PersonRow(number)
    for name, value in picked.items():
        if value is None or value == "":
            continue
        try:
            _take(row, name, value)
        except CellProblem as problem:
            row.problems.append((problem.code, {**problem.params, "column": name}))
    if not row.name and not row.problems:
        row.problems.append(("name_missing", {}))
    for name, date in (("since", row.since), ("until", row.until)):
        if date is not None and date > today:
            row.problems.append(("date_in_future", {"column": name}))
    if row.since and row.until and row.until < row.since:
        row.problems.append(("dates_out_of_order", {}))
    return row


def _take(row: PersonRow, name: str, value: object) -> None:
    if name == "code":
        row.code = cells.person_code(value)
    elif name == "name":
        row.name = cells.name(value)
    elif name == "phone":
        row.phone = cells.phone(value)
    elif name == "unit":
        row.unit = cells.code(value)
    elif name == "unit_name":
        row.unit_name = cells.name(value, longest=100)
    elif name == "since":
        row.since = cells.day(value)
    elif name == "until":
        row.until = cells.day(value)
    elif name == "kind":
        row.kind = _meant(vocabulary.tie_of, cells.text(value))
    elif name == "leaving":
        row.leaving = _meant(vocabulary.leaving_of, cells.text(value))
    else:
        tags = _tags(name, cells.text(value))
        if tags is not None:
            row.tags[name] = list(tags)


@functools.lru_cache(maxsize=256)
def _meant(meaning: Callable[[str], str | None], word: str) -> str:
    if not word:
        return ""
    found = meaning(word)
    if found is None:
        raise CellProblem("unknown_word", word=word[:20])
    return found


@functools.lru_cache(maxsize=4096)
def _tags(dimension: str, text: str) -> tuple[str, ...] | None:
    if not text:
        return None
    if vocabulary.is_nothing(text):
        return ()
    found = []
    for word in cells.words(text):
        value = vocabulary.tag_of(dimension, word)
        if value is None:
            if cells.identity_like(word):
                raise CellProblem("identity_number")
            raise CellProblem("unknown_word", word=word[:20])
        found.append(value)
    return tuple(dict.fromkeys(found))


def made_code(seed: str, number: int) -> str:
    """A code for somebody without one; the same for the same row of the same file."""
    digest = hashlib.sha256(f"{seed}:{number}".encode()).digest()
    return MADE + b32encode(digest)[:10].decode()


def is_made(code: str | None) -> bool:
    return not code or code.startswith(MADE)
