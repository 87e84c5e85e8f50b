"""Who has not yet: a list for whoever calls people, by unit and name, never by a figure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from lms.reports.asking import Asked
from lms.reports.figures import units_figures
from lms.reports.models import Counted
from lms.reports.walking import branches_with

PER_PAGE = 50
# Of whom: who learnt nothing in the months, or who has not reached the target of the year.
NOTHING_LEARNT, TARGET = "nothing", "target"
WHICH = (NOTHING_LEARNT, TARGET)


class Lacking(NamedTuple):
    """Where somebody stands in the list, and the hundredths of hours of who has not reached the
    target.
    """

    path: str
    name: str
    user: int
    unit: int
    counted: int = 0
    target: int = 0

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

    lacks = _nothing_learnt if which == NOTHING_LEARNT else _not_reached
    part = "state__learnt" if which == NOTHING_LEARNT else "state__years"
    path = place[0] if place else ""
    for some in branches_with(asked.unit, counts, wanted=PER_PAGE + 1, after=path):
        rows = Counted.objects.filter(home__in=some.units, is_asked=True)
        found = [
            Lacking(*who, *more)
            for *who, stored in rows.values_list(*_WHO, part)
            if (more := lacks(stored, asked)) is not None
        ]
        for one in sorted(found, key=lambda one: one.order):
            if place is None or one.order > place:
                yield one


_WHO = ("home__path", "user__name", "user_id", "home_id")


def _place(asked: Asked, user_id: int | None) -> Any:
    if user_id is None:
        return None
    rows = Counted.objects.filter(user=user_id, home__path__startswith=asked.unit.path)
    return rows.values_list(*_WHO[:3]).first()


def _nothing_learnt(stored: list[list[int]], asked: Asked) -> tuple[()] | None:
    """As `contributions` has it: in no month more than was taken back."""
    sums: dict[int, int] = {}
    for month, _kind, _place, times, *_hours in stored:
        if asked.months.first <= month <= asked.months.last:
            sums[month] = sums.get(month, 0) + times
    return None if any(times > 0 for times in sums.values()) else ()


def _not_reached(stored: list[list[int]], asked: Asked) -> tuple[int, int] | None:
    for year, _place, _category, target, counted in stored:
        if year == asked.year and counted < target:
            return counted, target
    return None
