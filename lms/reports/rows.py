"""The rows behind the figures: who, what, when, hours, kind; branch by branch, by month and time.

What was reversed within its year is as if it had never been; a later reversal is a row of its own,
with the sign turned round, as in statements.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, Sum

from lms.gatherings.models import Share
from lms.gatherings.source import CODE as GATHERING
from lms.ledger.models import CreditEntry
from lms.ledger.own_month import own_month
from lms.ledger.sources import sources
from lms.ledger.watched import CODE as WATCHED
from lms.reports.asking import Asked
from lms.reports.contributions import ANYTHING, What
from lms.reports.deriving import lectures_of
from lms.reports.models import Tally
from lms.reports.walking import branches_with

PER_PAGE = 50
# More than a branch has in two years.
BRANCH = 10_000
ORDER = ("organization__path", "month", "at", "pk")
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
    month: int

    @property
    def order(self) -> tuple[str, int, dt.datetime, int]:
        return self.path, self.month, self.at, self.pk


_NAMES = (
    *("pk", "organization__path", "organization_id", "organization__name", "user_id"),
    *("user__name", "user__username", "source", "subject", "kind", "at", "hours", "year"),
    *("booked_at", "month"),
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
        rows = standing_entries(asked, some.units)
        if lecture is not None:
            rows = rows.filter(about(lecture))
        # A branch by itself is walked along its index, as far as the page goes.
        rows = rows.order_by(*(ORDER[1:] if some.path else ORDER))
        while True:
            page = _after(rows, place, alone=some.path).values_list(*_NAMES)[: at_once + 1]
            found = [Row(*values) for values in page]
            yield from found[:at_once]
            if len(found) <= at_once:
                break
            place = found[at_once - 1].order
        place = None if found else place


def _after(rows: QuerySet[CreditEntry], place: Any, *, alone: str) -> QuerySet[CreditEntry]:
    """`alone`: the path of the one branch that these rows are of."""
    if place is None:
        return rows
    path, month, at, pk = place
    later = Q(month__gt=month) | Q(month=month, at__gt=at) | Q(month=month, at=at, pk__gt=pk)
    if alone:
        return rows.filter(later, Q(month__gte=month)) if alone == path else rows
    return rows.filter(Q(organization__path__gt=path) | Q(organization__path=path) & later)


def standing_entries(asked: Asked, units: list[int]) -> QuerySet[CreditEntry]:
    """Of these months as `own_month` has them."""
    return (
        CreditEntry.objects.filter(organization__in=units)
        .annotate(month=own_month())
        .filter(Q(month__range=(asked.months.first, asked.months.last)))
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
    return rows.annotate(month=own_month()).values_list(*ORDER).first()


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
