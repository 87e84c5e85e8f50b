"""What people are told about: each cause with its texts, declared by the room that knows it.

A message keeps the cause, the name of the text and the values; the words come from the catalogue
when somebody reads them, in the reader's language.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format

# What stands for a value in a text; a longer title is cut.
LONGEST = 80


@dataclass(frozen=True)
class Cause:
    """`texts` are lazy translations with %(name)s in them, by name; `icon` a file of icons/."""

    code: str
    label: Any
    texts: Mapping[str, Any]
    icon: str = "info"


_causes: dict[str, Cause] = {}


def declare(cause: Cause) -> Cause:
    """Make a cause known. A second one of the same code is an error."""
    if cause.code in _causes:
        raise ValueError(f"The cause {cause.code} was declared before.")
    _causes[cause.code] = cause
    return cause


def known() -> list[str]:
    return list(_causes)


def cause_of(code: str) -> Cause:
    return _causes[code]


def stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as a row keeps them: text, whole numbers, and days as {"day": "2026-11-26"}."""
    return {name: _stored(value) for name, value in values.items()}


def _stored(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        raise TypeError("Messages name days, not instants.")
    if isinstance(value, dt.date):
        return {"day": value.isoformat()}
    if isinstance(value, int):
        return value
    text = " ".join(str(value).replace("\x00", "").split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


class _Shown(dict[str, Any]):
    """A text that asks for more than an old row kept still reads."""

    def __missing__(self, name: str) -> str:
        return ""


def worded(code: str, text: str, values: Mapping[str, Any]) -> str:
    """A message in the active language; empty when its text is no longer declared."""
    cause = _causes.get(code)
    template = cause.texts.get(text) if cause else None
    if template is None:
        return ""
    return str(template) % _Shown({name: _shown(value) for name, value in values.items()})


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        day = parse_date(str(value.get("day", "")))
        return date_format(day, "DATE_FORMAT") if day else ""
    return value
