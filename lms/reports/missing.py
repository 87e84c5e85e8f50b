"""Who has not yet: a list for whoever calls people, by unit and name, never by a figure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F, QuerySet, Value
from django.db.models.functions import StrIndex, Substr

from lms.ledger.models import YearStatement
from lms.ledger.statements import closing_of
from lms.reports.asking import Asked
from lms.reports.contributions import FIRST_MONTH
from lms.reports.figures import units_figures
from lms.reports.models import Counted
from lms.reports.walking import branches_with
from organizations.models import today

PER_PAGE = 50
ORDER = ("path", "name", "user_id")
# Of whom: who learnt nothing in the months, or who has not reached the target of the year.
NOTHING_LEARNT, TARGET = "nothing", "target"
WHICH = (NOTHING_LEARNT, TARGET)


class Lacking(NamedTuple):
    """Where somebody stands in the list; hundredths of hours that count, and of the target. The
    unit is the branch of today; of a year that is over, the one with which it was closed.
    """

    path: str
    name: str
    user: int
    unit: int
    counted: int
    target: int | None

    @property
    def order(self) -> tuple[str, str, int]:
        return self.path, self.name, self.user


def is_told(asked: Asked, which: str) -> bool:
    """Whether there is such a list: of targets of this year, and of years that are closed."""
    if which == NOTHING_LEARNT or asked.year == today().year:
        return True
    closing = closing_of(asked.year)
    return closing is not None and closing.finished_at is not None


def lacking(asked: Asked, which: str, *, after: int | None = None) -> Iterator[Lacking]:
    """In the order of the tree, from the one after this person on. Only of lists that are told."""
    people = _people(asked, which)
    place = _place(people, asked, after)

    def counts(units: Collection[int]) -> dict[int, int]:
        found = units_figures(units, months=asked.months, year=asked.year)
        return {
            unit: one.missing if which == NOTHING_LEARNT else one.not_reached
            for unit, one in found.items()
        }

    path = place[0] if place else ""
    for some in branches_with(asked.unit, counts, wanted=PER_PAGE + 1, after=path):
        rows = _lacking(people, asked, which).filter(unit__in=some.units).order_by(*ORDER)
        for values in rows.values_list(*ORDER, "unit", "done", "target"):
            one = _one(*values)
            if place is None or one.order > place:
                yield one


def _people(asked: Asked, which: str) -> QuerySet[Any]:
    """Everybody as counted, or as frozen with the year whose target is asked about."""
    rows: QuerySet[Any] = Counted.objects.all()
    unit, done = "home", "hours"
    if which == TARGET and asked.year != today().year:
        rows = YearStatement.objects.filter(closing__year=asked.year, closing__reopened_at=None)
        unit, done = "organization", "counted"
    return rows.annotate(unit=F(unit), path=F(f"{unit}__path"), name=F("user__name"), done=F(done))


def _one(path: str, name: str, user: int, unit: int, done: Any, target: Any) -> Lacking:
    """Statements are in hours."""
    if isinstance(done, Decimal):
        done, target = int(done * 100), int(target * 100)
    return Lacking(path, name, user, unit, done, target)


def _lacking(people: QuerySet[Any], asked: Asked, which: str) -> QuerySet[Any]:
    if which == TARGET:
        return people.filter(target__gt=F("done"))
    rows = people.filter(is_asked=True)
    first = asked.months.first - FIRST_MONTH + 1
    there = Substr("months", first, asked.months.last - asked.months.first + 1)
    return rows.alias(learnt=StrIndex(there, Value("1"))).filter(learnt=0)


def _place(people: QuerySet[Any], asked: Asked, user_id: int | None) -> Any:
    if user_id is None:
        return None
    rows = people.filter(user=user_id, path__startswith=asked.unit.path)
    return rows.values_list(*ORDER).first()
