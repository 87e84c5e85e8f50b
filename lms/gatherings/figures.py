"""Gatherings counted: sessions (场次), persons (人数) and attendances (人次), by unit and period.

Persons are accounts, each once in the period and unit; attendances are each time, guests among
them. In the order of the tree, never a ranking.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from cms.periods import Period
from cms.unit_figures import Asked, by_branch
from lms.gatherings.models import Attendance, Gathering
from organizations import scope
from organizations.models import Organization


@dataclass(frozen=True)
class Together:
    sessions: int = 0
    persons: int = 0
    attendances: int = 0


NOTHING = Together()
SESSIONS = {"sessions": Count("pk"), "guests": Sum("guests")}
MARKS = {"persons": Count("user", distinct=True), "marks": Count("pk")}


def gatherings_held(unit: Organization, period: Period) -> QuerySet[Gathering]:
    """Those that count, of the unit and what is below it, both days included."""
    rows = Gathering.objects.counted().filter(on__range=(period.first, period.last))
    return rows.filter(scope.subtree(unit.path, "organization"))


def held_by_branch(asked: Asked) -> dict[str, Together]:
    """By the path of the unit, or of the one right below it."""
    held = gatherings_held(asked.unit, asked.period)
    there = by_branch(_there(held), asked.unit, field="gathering__organization").annotate(**MARKS)
    marked = {row["branch"]: row for row in there}
    rows = by_branch(held, asked.unit, field="organization").annotate(**SESSIONS)
    return {row["branch"]: _together(row, marked.get(row["branch"], {})) for row in rows}


def held_in_all(asked: Asked) -> Together:
    """Not the sum of its branches: who was in two of them is one person."""
    held = gatherings_held(asked.unit, asked.period).order_by()
    return _together(held.aggregate(**SESSIONS), _there(held).aggregate(**MARKS))


def _there(held: QuerySet[Gathering]) -> QuerySet[Attendance]:
    return Attendance.objects.filter(gathering__in=held.order_by(), is_present=True).order_by()


def _together(row: dict[str, int], marked: dict[str, int]) -> Together:
    attendances = marked.get("marks", 0) + (row["guests"] or 0)
    return Together(row["sessions"], marked.get("persons", 0), attendances)
