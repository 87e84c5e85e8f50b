"""The rows behind the figures: who, what, when, hours, kind; branch by branch, then by time.

What was reversed within its year is as if it had never been; a later reversal is a row of its own,
with the sign turned round, as in statements.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import ExtractYear

from lms.gatherings.models import Share
from lms.gatherings.source import CODE as GATHERING
from lms.ledger.models import CreditEntry
from lms.ledger.sources import sources
from lms.ledger.watched import CODE as WATCHED
from lms.reports.asking import Asked
from lms.reports.contributions import ANYTHING, What
from lms.reports.deriving import lectures_of
from lms.reports.models import Tally
from lms.reports.months import first_day, midnight
from lms.reports.walking import branches_with

PER_PAGE = 50
# More than a branch has in two years.
BRANCH = 10_000
ORDER = ("organization__path", "at", "pk")
Titles = Mapping[tuple[str, int], str]


class Row(NamedTuple):
    pk: int
    path: str
    unit: int
    unit_name: str
    user: int
    name: str
    username: str
    source: str
    subject: int
    kind: str
    at: dt.datetime
    hours: Any
    year: int
    booked_at: dt.datetime

    @property
    def order(self) -> tuple[str, dt.datetime, int]:
        return self.path, self.at, self.pk


_NAMES = (
    *("pk", "organization__path", "organization_id", "organization__name", "user_id"),
    *("user__name", "user__username", "source", "subject", "kind", "at", "hours", "year"),
    "booked_at",
)


def rows_in(
    asked: Asked, *, lecture: int | None = None, after: int | None = None, at_once: int = PER_PAGE
) -> Iterator[Row]:
    """From the one after this entry on; of one lecture, if it is given."""
    place = _place(asked, after)
    path = place[0] if place else ""

    def counts(units: Collection[int]) -> dict[int, int]:
        return _counts(asked, units, lecture)

    blind = lecture is not None
    for some in branches_with(asked.unit, counts, wanted=at_once + 1, after=path, blind=blind):
        rows = _standing(asked, some.units)
        if lecture is not None:
            rows = rows.filter(about(lecture))
        rows = rows.order_by(*ORDER)
        while True:
            found = [
                Row(*values) for values in _after(rows, place).values_list(*_NAMES)[: at_once + 1]
            ]
            yield from found[:at_once]
            if len(found) <= at_once:
                break
            place = found[at_once - 1].order
        place = None if found else place


def _after(rows: QuerySet[CreditEntry], place: Any) -> QuerySet[CreditEntry]:
    if place is None:
        return rows
    path, at, pk = place
    return rows.filter(
        Q(organization__path__gt=path)
        | Q(organization__path=path, at__gt=at)
        | Q(organization__path=path, at=at, pk__gt=pk)
    )


def _standing(asked: Asked, units: list[int]) -> QuerySet[CreditEntry]:
    """Of these months as `deriving.own_month` has them."""
    begin, end = (midnight(first_day(n)) for n in (asked.months.first, asked.months.last + 1))
    in_time = Q(at__gte=begin, at__lt=end, at_year=F("year"))
    later = Q(booked_at__gte=begin, booked_at__lt=end) & ~Q(at_year=F("year"))
    return (
        CreditEntry.objects.filter(organization__in=units, year__range=asked.months.years)
        .alias(at_year=ExtractYear("at"))
        .filter(in_time | later)
        .exclude(reversal__year=F("year"))
        .exclude(reverses__year=F("year"))
    )


def about(lecture: int) -> Q:
    """Entries about one lecture, wherever it was learnt."""
    shares = Share.objects.filter(play__lecture=lecture).values("pk")
    return Q(source=WATCHED, subject=lecture) | Q(source=GATHERING, subject__in=shares)


def _counts(asked: Asked, units: Collection[int], lecture: int | None) -> dict[int, int]:
    """Of units above branches, and of branches if no lecture is asked for."""
    rows = Tally.objects.filter(
        unit__in=units, month__range=(asked.months.first, asked.months.last)
    )
    if lecture is None:
        rows = rows.filter(what=What.LEARNT, item=ANYTHING)
    else:
        rows = rows.filter(what=What.LECTURE, item=lecture)
    sums = rows.order_by().values("unit").annotate(n=Sum("times"))
    # Where as much was taken back as earned there are rows, too.
    return {unit: max(n, 1) for unit, n in sums.values_list("unit", "n")}


def _place(asked: Asked, pk: int | None) -> Any:
    if pk is None:
        return None
    rows = CreditEntry.objects.filter(pk=pk, organization__path__startswith=asked.unit.path)
    return rows.values_list(*ORDER).first()


def titles_of(rows: Collection[Row]) -> Titles:
    return {
        (code, subject): title
        for code, source in sources().items()
        for subject, title in source.titles(
            {row.subject for row in rows if row.source == code}
        ).items()
    }


def lectures_in_branch(asked: Asked) -> dict[int, tuple[int, int]]:
    """Of a branch, whose sums have no lectures: by lecture different people, times."""
    found = list(rows_in(asked, at_once=BRANCH))
    lectures = lectures_of((row.source, row.subject) for row in found)
    people: dict[int, set[int]] = {}
    times: dict[int, int] = {}
    for row in found:
        lecture = lectures.get((row.source, row.subject))
        if lecture is not None:
            people.setdefault(lecture, set()).add(row.user)
            times[lecture] = times.get(lecture, 0) + 1
    return {lecture: (len(people[lecture]), n) for lecture, n in times.items()}
