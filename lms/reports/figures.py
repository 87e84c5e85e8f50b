"""The figures of units in a span of months: sums of a few narrow rows, however many people.

Different people (人数) are counted once within the unit and the months; times (人次) are lessons
and sessions, each of them. Members and who is asked are those of today; whoever is exempt stands
outside. Units come in the order of the tree, never by a figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from lms.ledger.models import KINDS as LABELS
from lms.reports.asking import Asked
from lms.reports.class_tallies import classes_in_units
from lms.reports.contributions import ANYTHING, ASKED, CATEGORIES, EXEMPT, KINDS, What
from lms.reports.models import Tally
from lms.reports.months import Months
from organizations import scope
from organizations.models import Organization


@dataclass(frozen=True, slots=True)
class Figures:
    """`hours` are hundredths. `asked` have a home here today; `covered` of them learnt anything in
    the months, here or elsewhere. Those with a target of the year, and who of them reached it. Of
    classes that fell into the months: enrolments by their end, completions within them and before.
    """

    people: int = 0
    times: int = 0
    hours: int = 0
    asked: int = 0
    exempt: int = 0
    covered: int = 0
    with_target: int = 0
    reached: int = 0
    target: int = 0
    counted: int = 0
    enrolled: int = 0
    completed: int = 0
    completed_before: int = 0

    @property
    def missing(self) -> int:
        return self.asked - self.covered

    @property
    def not_reached(self) -> int:
        return self.with_target - self.reached

    @property
    def is_empty(self) -> bool:
        parts = (self.times, self.asked, self.exempt, self.with_target, self.hours, self.enrolled)
        return not any(parts)

    @property
    def covered_percent(self) -> int:
        return percent(self.covered, self.asked)

    @property
    def reached_percent(self) -> int:
        return percent(self.reached, self.with_target)

    @property
    def completed_in_all(self) -> int:
        return self.completed + self.completed_before

    @property
    def completed_percent(self) -> int:
        return percent(self.completed_in_all, self.enrolled)

    @property
    def hours_text(self) -> str:
        return hours_text(self.hours)

    @property
    def target_text(self) -> str:
        return hours_text(self.target)

    @property
    def counted_text(self) -> str:
        return hours_text(self.counted)


def percent(part: int, whole: int) -> int:
    """Never 100 while one is missing."""
    return part * 100 // whole if whole else 0


def hours_text(hundredths: int) -> str:
    """ "12.5" of 1250."""
    return f"{(Decimal(hundredths) / 100).normalize():f}"


NOTHING = Figures()


@dataclass(frozen=True, slots=True)
class ByKind:
    label: str
    people: int
    times: int
    hours: str


def units_figures(units: Collection[int], *, months: Months, year: int) -> dict[int, Figures]:
    """By the id of the unit; two queries for any number of them."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    learnt = Tally.objects.filter(
        unit__in=units, what__in=(What.LEARNT, What.COVERED), item=ANYTHING
    )
    for row in _sums(learnt, months).values("unit", "what", *_SUMS):
        own = found[row["unit"]]
        if row["what"] == What.COVERED:
            own["covered"] = row["different"]
        else:
            own |= {"people": row["different"], "times": row["all_times"], "hours": row["worth"]}
    members = Tally.objects.filter(
        unit__in=units,
        what__in=(What.MEMBERS, What.YEAR),
        item__in={ASKED, EXEMPT, *CATEGORIES.values()},
        month__in=(0, year),
    )
    names = ("unit", "what", "item", "people", "times", "hours", "counted")
    for unit, what, item, people, times, hours, counted in members.values_list(*names):
        own = found[unit]
        if what == What.MEMBERS:
            own["exempt" if item == EXEMPT else "asked"] = people
        else:
            more = {"with_target": people, "reached": times, "target": hours, "counted": counted}
            own |= {name: own.get(name, 0) + value for name, value in more.items()}
    return {unit: replace(NOTHING, **own) for unit, own in found.items()}


_SUMS = ("different", "all_times", "worth")


def _sums(rows: QuerySet[Tally], months: Months) -> QuerySet[Any, Any]:
    """By unit and what; a person is counted where their month before lies before the first."""
    return (
        rows.filter(month__range=(months.first, months.last))
        .order_by()
        .values("unit", "what", "item")
        .annotate(
            different=Sum("people", filter=Q(before__lt=months.first), default=0),
            all_times=Sum("times"),
            worth=Sum("hours"),
        )
    )


def kinds_figures(unit: Organization, months: Months) -> list[ByKind]:
    """Self-study, class, watching together, from outside: apart, in this order."""
    rows = Tally.objects.filter(unit=unit, what=What.LEARNT, item__in=KINDS.values())
    sums = {row["item"]: row for row in _sums(rows, months).values("item", *_SUMS)}
    found = []
    for kind, label in LABELS:
        row: Any = sums.get(KINDS[kind], {})
        hours = hours_text(row.get("worth", 0))
        found.append(ByKind(str(label), row.get("different", 0), row.get("all_times", 0), hours))
    return found


@dataclass(frozen=True, slots=True)
class Target:
    """Of one category: how many have a target of the year, reached it, and who lacks."""

    category: str
    people: int
    reached: int
    target: str


def targets_figures(unit: Organization, year: int) -> list[Target]:
    rows = Tally.objects.filter(unit=unit, what=What.YEAR, month=year, people__gt=0)
    by_item = {number: name for name, number in CATEGORIES.items()}
    return [
        Target(by_item[row.item], row.people, row.times, hours_text(row.hours))
        for row in rows.order_by("item")
    ]


@dataclass(frozen=True, slots=True)
class UnitRow:
    unit: Organization
    name: str
    url: str
    figures: Figures


def below(unit: Organization) -> list[Organization]:
    """Right below, in the order of the tree."""
    inside = Organization.objects.filter(scope.subtree(unit.path), depth=unit.depth + 1)
    return list(inside.order_by("path"))


def figures_of(asked: Asked) -> tuple[Figures, list[UnitRow]]:
    """The unit in all, and each below it that is open or has figures."""
    children = [] if asked.is_branch else below(asked.unit)
    units = [asked.unit.pk, *(one.pk for one in children)]
    found = units_figures(units, months=asked.months, year=asked.year)
    for unit, classes in classes_in_units(units, asked.months).items():
        found[unit] = replace(found.get(unit, NOTHING), **classes)
    rows = [
        UnitRow(one, one.name, f"?{asked.address(unit=one.code)}", found.get(one.pk, NOTHING))
        for one in children
        if one.closed_on is None or not found.get(one.pk, NOTHING).is_empty
    ]
    return found.get(asked.unit.pk, NOTHING), rows


def lectures_learnt(unit: Organization, months: Months) -> dict[int, tuple[int, int]]:
    """Of a unit above branches, by lecture: different people, times."""
    rows = Tally.objects.filter(
        unit=unit, what=What.LECTURE, month__range=(months.first, months.last)
    )
    sums = (
        rows.order_by()
        .values(lecture=F("item"))
        .annotate(
            different=Sum("people", filter=Q(before__lt=months.first), default=0),
            all_times=Sum("times"),
        )
    )
    return {
        row["lecture"]: (row["different"], row["all_times"]) for row in sums if row["all_times"]
    }
