"""What is kept about one person, in sections that every app contributes to.

`register(name, collect)`: `collect(person)` returns a `Section`, whose rows are read only when a
page or an export asks for them. Rows hold plain values (text, numbers, dates, yes and no); the
page and the readable copy print them by `shown`, data.json by `machine`. A section holds the
person's own data only: other people appear by their office, never by name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import QuerySet
from django.utils import formats, timezone
from django.utils.encoding import force_str
from django.utils.translation import gettext as _

Row = Mapping[str, Any]


class Rows(Protocol):
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Row]: ...
    def __getitem__(self, part: slice) -> Sequence[Row]: ...


class QueryRows:
    """The rows of a queryset, a slice at a time."""

    def __init__(self, queryset: QuerySet[Any, Any], row: Callable[[Any], Row]) -> None:
        self.queryset, self.row = queryset, row
        self._count: int | None = None

    def __len__(self) -> int:
        if self._count is None:
            self._count = self.queryset.count()
        return self._count

    def __iter__(self) -> Iterator[Row]:
        return (self.row(one) for one in self.queryset.iterator(chunk_size=500))

    def __getitem__(self, part: slice) -> Sequence[Row]:
        return [self.row(one) for one in self.queryset[part]]


@dataclass(frozen=True)
class Section:
    """One kind of data. Every text is in the reader's language, in plain words."""

    title: str
    why: str  # what it is for
    kept: str  # how long it is kept
    labels: Mapping[str, str]  # key of a row → what people call it
    rows: Rows | Sequence[Row]
    icon: str = "info"

    @property
    def count(self) -> int:
        return len(self.rows)


Collect = Callable[[Any], Section]
_collectors: dict[str, Collect] = {}
# The order in which people read them; what is not named here comes after.
ORDER = (
    "account",
    "ties",
    "posts",
    "tags",
    "credentials",
    "second-factors",
    "identities",
    "sessions",
    "watching",
    "completions",
    "classes",
    "attendance",
    "credit",
    "external-claims",
    "uploads",
    "submissions",
    "enquiries",
    "corrections",
    "notices",
    "notice-channels",
    "rosters",
    "looks",
    "log",
)


def register(name: str, collect: Collect) -> None:
    """Contribute a section. `name` is its part of the address: letters, digits, hyphens."""
    if name in _collectors:
        raise ValueError(f"The section {name} was registered before.")
    _collectors[name] = collect


def names() -> list[str]:
    place = {name: number for number, name in enumerate(ORDER)}
    return sorted(_collectors, key=lambda name: (place.get(name, len(ORDER)), name))


def section(name: str, *, person: Any) -> Section | None:
    collect = _collectors.get(name)
    return collect(person) if collect else None


def sections(*, person: Any) -> Iterable[tuple[str, Section]]:
    for name in names():
        yield name, _collectors[name](person)


# -- values ----------------------------------------------------------------------------------------


def shown(value: Any) -> str:
    """A value as a person reads it; empty when there is none."""
    if value is None or value == "":
        return ""
    if value is True:
        return _("yes")
    if value is False:
        return _("no")
    if isinstance(value, dt.datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return f"{formats.date_format(local, 'DATE_FORMAT')} {local:%H:%M}"
    if isinstance(value, dt.date):
        return str(formats.date_format(value, "DATE_FORMAT"))
    if isinstance(value, (list, tuple)):
        return "、".join(shown(one) for one in value)
    return force_str(value)


def machine(value: Any) -> Any:
    """A value as data.json holds it: instants in UTC, dates as ISO 8601."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [machine(one) for one in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return force_str(value)
