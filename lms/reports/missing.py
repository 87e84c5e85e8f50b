"""Who has not yet: a list for whoever calls people, by unit and name, never by a figure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from django.db.models import F, QuerySet, Value
from django.db.models.functions import StrIndex, Substr

from lms.reports.asking import Asked
from lms.reports.contributions import FIRST_MONTH
from lms.reports.figures import units_figures
from lms.reports.models import Counted
from lms.reports.walking import branches_with

PER_PAGE = 50
ORDER = ("home__path", "user__name", "user_id")
# Of whom: who learnt nothing in the months, or who has not reached the target of the year.
NOTHING_LEARNT, TARGET = "nothing", "target"
WHICH = (NOTHING_LEARNT, TARGET)


class Lacking(NamedTuple):
    """Where somebody stands in the list; hundredths of hours that count, and of the target."""

    path: str
    name: str
    user: int
    unit: int
    counted: int
    target: int | None

    @property
    def order(self) -> tuple[str, str, int]:
        return self.path, self.name, self.user


def lacking(asked: Asked, which: str, *, after: int | None = None) -> Iterator[Lacking]:
    """In the order of the tree, from the one after this person on."""
    place = _place(asked, after)

    def counts(units: Collection[int]) -> dict[int, int]:
        found = units_figures(units, months=asked.months, year=asked.year)
        return {
            unit: one.missing if which == NOTHING_LEARNT else one.not_reached
            for unit, one in found.items()
        }

    path = place[0] if place else ""
    for some in branches_with(asked.unit, counts, wanted=PER_PAGE + 1, after=path):
        rows = _lacking(asked, which).filter(home__in=some.units).order_by(*ORDER)
        for values in rows.values_list(*ORDER, "home_id", "hours", "target"):
            one = Lacking(*values)
            if place is None or one.order > place:
                yield one


def _lacking(asked: Asked, which: str) -> QuerySet[Counted]:
    rows = Counted.objects.filter(is_asked=True)
    if which == TARGET:
        return rows.filter(target__gt=F("hours"))
    first = asked.months.first - FIRST_MONTH + 1
    there = Substr("months", first, asked.months.last - asked.months.first + 1)
    return rows.alias(learnt=StrIndex(there, Value("1"))).filter(learnt=0)


def _place(asked: Asked, user_id: int | None) -> Any:
    if user_id is None:
        return None
    rows = Counted.objects.filter(user=user_id, home__path__startswith=asked.unit.path)
    return rows.values_list(*ORDER).first()
