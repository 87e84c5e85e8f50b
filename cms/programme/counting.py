"""Lecture activities counted: sessions (场次) and attendances (人次), by unit and period."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from cms.periods import Period
from cms.programme.models import LectureActivity
from cms.unit_figures import Asked, by_branch
from organizations import scope
from organizations.models import Organization


@dataclass(frozen=True)
class Held:
    """Attendances are counted each time: somebody who came twice is two."""

    sessions: int = 0
    attendances: int = 0


NOTHING = Held()
SUMS = {"sessions": Count("pk"), "attendances": Sum("headcount")}


def activities_in(unit: Organization, period: Period) -> QuerySet[LectureActivity]:
    rows = LectureActivity.objects.filter(held_on__range=(period.first, period.last))
    return rows.filter(scope.subtree(unit.path, "organization"))


def held_by_branch(asked: Asked) -> dict[str, Held]:
    rows = by_branch(activities_in(asked.unit, asked.period), asked.unit, field="organization")
    return {
        row["branch"]: Held(row["sessions"], row["attendances"]) for row in rows.annotate(**SUMS)
    }


def held_in_all(asked: Asked) -> Held:
    sums = activities_in(asked.unit, asked.period).order_by().aggregate(**SUMS)
    return Held(sums["sessions"], sums["attendances"] or 0)
