"""Who has not yet: a list for whoever calls people, by unit and name, never by a figure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from lms.reports.asking import Asked
from lms.reports.contributions import Person, person_of
from lms.reports.figures import hours_text, units_figures
from lms.reports.models import Counted
from lms.reports.months import Months
from lms.reports.walking import branches_with

PER_PAGE = 50
# Of whom: who learnt nothing in the months, or who has not reached the target of the year.
NOTHING_LEARNT, TARGET = "nothing", "target"
WHICH = (NOTHING_LEARNT, TARGET)


@dataclass(frozen=True, slots=True)
class Lacking:
    counted: Counted
    # "12 of 32" for who has not reached the target, else "".
    counts: str = ""
    target: str = ""

    @property
    def order(self) -> tuple[str, str, int]:
        one = self.counted
        assert one.home is not None
        return one.home.path, one.user.name, one.user_id


def lacking(asked: Asked, which: str, *, after: int | None = None) -> Iterator[Lacking]:
    """In the order of the tree, from the one after this person on."""
    place = _place(asked, after)

    def counts(units: Collection[int]) -> dict[int, int]:
        found = units_figures(units, months=asked.months, year=asked.year)
        return {
            unit: one.missing if which == NOTHING_LEARNT else one.not_reached
            for unit, one in found.items()
        }

    for some in branches_with(
        asked.unit, counts, wanted=PER_PAGE + 1, after=place[0] if place else ""
    ):
        rows = Counted.objects.filter(home__in=some.units, is_asked=True)
        found = [
            one
            for counted in rows.select_related("user", "home")
            if (one := _lacks(counted, which, asked)) is not None
        ]
        for one in sorted(found, key=lambda one: one.order):
            if place is None or one.order > place:
                yield one


def _place(asked: Asked, user_id: int | None) -> Any:
    if user_id is None:
        return None
    rows = Counted.objects.filter(user=user_id, home__path__startswith=asked.unit.path)
    return rows.values_list("home__path", "user__name", "user_id").first()


def _lacks(counted: Counted, which: str, asked: Asked) -> Lacking | None:
    person = person_of(counted.state)
    if which == NOTHING_LEARNT:
        return None if has_learnt(person, asked.months) else Lacking(counted)
    year = next((one for one in person.years if one.year == asked.year), None)
    if year is None or year.counted >= year.target:
        return None
    return Lacking(counted, hours_text(year.counted), hours_text(year.target))


def has_learnt(person: Person, months: Months) -> bool:
    """As `contributions` has it: in some month more than was taken back."""
    sums: dict[int, int] = {}
    for one in person.learnt:
        if months.first <= one.month <= months.last:
            sums[one.month] = sums.get(one.month, 0) + one.times
    return any(times > 0 for times in sums.values())
