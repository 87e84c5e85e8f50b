"""What somebody asks a list of lectures for: subject, words, topic, audience, length, year, state.

`Wish.of` takes only values that are known, so whatever stands in an address is harmless. Asking
costs one query for the words of the filters and none more for each filter.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, Value
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.curated import Audience, Topic
from cms.models import LecturePageQuerySet, Subject
from cms.standing import Standing

QUERY_LENGTH = 60
MINUTE = 60
# Value → words, from (more than) and up to so many minutes.
LENGTHS: dict[str, tuple[Promise, int, int | None]] = {
    "5": (gettext_lazy("up to 5 minutes"), 0, 5),
    "15": (gettext_lazy("5 to 15 minutes"), 5, 15),
    "30": (gettext_lazy("15 to 30 minutes"), 15, 30),
    "more": (gettext_lazy("more than 30 minutes"), 30, None),
}
STANDINGS = (Standing.Kind.PREMIUM, Standing.Kind.LIBRARY)
# Lectures older than this are found without the filter by year.
YEARS = 10


@dataclass(frozen=True)
class Wish:
    """Cleaned; "" where nothing is asked for. `q` are words to search."""

    subject: str = ""
    q: str = ""
    topic: str = ""
    audience: str = ""
    length: str = ""
    year: str = ""
    state: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Wish:
        asked = request.GET
        return cls(
            subject=_known(asked.get("subject"), Subject.values),
            q=" ".join(asked.get("q", "").split())[:QUERY_LENGTH],
            topic=_number(asked.get("topic")),
            audience=_number(asked.get("audience")),
            length=_known(asked.get("length"), LENGTHS),
            year=_known(asked.get("year"), _years()),
            state=_known(asked.get("state"), STANDINGS),
        )

    def address(self, **changes: str) -> str:
        """The query string of the same wish with changes, ready to be followed by `p=`."""
        asked = replace(self, **changes)
        values = {field.name: getattr(asked, field.name) for field in fields(self)}
        return urlencode({name: value for name, value in values.items() if value})

    def narrow(self, lectures: LecturePageQuerySet) -> LecturePageQuerySet:
        """By everything but the subject, which is counted by its values first."""
        if self.q:
            lectures = lectures.mentioning(self.q)
        if self.topic:
            lectures = lectures.filter(topics=self.topic)
        if self.audience:
            lectures = lectures.filter(audiences=self.audience)
        if self.length:
            _words, above, most = LENGTHS[self.length]
            lectures = lectures.filter(asset__duration__gt=above * MINUTE)
            if most is not None:
                lectures = lectures.filter(asset__duration__lte=most * MINUTE)
        if self.year:
            lectures = lectures.filter(_recorded_in(int(self.year)))
        if self.state:
            lectures = lectures.standing(self.state)
        return lectures

    @property
    def is_narrow(self) -> bool:
        """Whether a filter beside subject and words is set."""
        return replace(self, subject="", q="") != Wish()


def filter_fields(wish: Wish) -> list[dict[str, Any]]:
    """The fields of the filter form; a list without words is left out."""
    words = _words()
    found: list[tuple[str, str, list[tuple[str, Any]]]] = [
        ("topic", _("Topic"), words["topic"]),
        ("audience", _("Audience"), words["audience"]),
        ("length", _("Length"), [(key, words) for key, (words, _a, _m) in LENGTHS.items()]),
        ("year", _("Year"), [(year, year) for year in _years()]),
        ("state", _("State"), [(str(kind), kind.label) for kind in STANDINGS]),
    ]
    return [
        {
            "name": name,
            "label": label,
            "choices": [(value, text, value == getattr(wish, name)) for value, text in choices],
        }
        for name, label, choices in found
        if choices
    ]


def chosen_filters(wish: Wish, filters: list[dict[str, Any]]) -> list[dict[str, str]]:
    """What narrows the list, each with the address of the list without it."""
    return [
        {"label": str(text), "url": f"?{wish.address(**{field['name']: ''})}"}
        for field in filters
        for _value, text, is_chosen in field["choices"]
        if is_chosen
    ]


def _known(value: str | None, known: Any) -> str:
    return value if value in known else ""  # type: ignore[return-value]


def _number(value: str | None) -> str:
    """The key of a row; longer ones exist in no database."""
    return value if value and value.isascii() and value.isdigit() and len(value) < 10 else ""


def _words() -> dict[str, list[tuple[str, Any]]]:
    """The words of both lists, in their order."""
    parts = [
        model.objects.order_by().values_list(Value(kind), "position", "name", "pk")
        for kind, model in (("topic", Topic), ("audience", Audience))
    ]
    found: dict[str, list[tuple[str, Any]]] = {"topic": [], "audience": []}
    for kind, _position, name, pk in sorted(parts[0].union(parts[1])):
        found[kind].append((str(pk), name))
    return found


def _years() -> list[str]:
    this = timezone.localdate().year
    return [str(year) for year in range(this, this - YEARS, -1)]


def _recorded_in(year: int) -> Q:
    """By the day of recording; by that of publication where none is known. Ranges use indexes."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    zone = timezone.get_current_timezone()
    begin, end = dt.datetime(year, 1, 1, tzinfo=zone), dt.datetime(year + 1, 1, 1, tzinfo=zone)
    return Q(recorded_on__range=(first, last)) | Q(
        recorded_on__isnull=True, first_published_at__gte=begin, first_published_at__lt=end
    )
