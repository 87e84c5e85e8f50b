"""Who of each category has been taught (全员全覆盖): eligible, enrolled, completed, missing.

A category is a tag of position or field; a person with several counts in each of them. People whose
tag says that nothing is asked of them (exempt) stand outside. Categories come in the order of the
tags, people in the order of the tree: nothing here is a ranking.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from lms.classes.matching import learnt, ties_in
from lms.classes.models import ClassPlan, Enrolment
from organizations.models import DIMENSIONS, Membership, Organization, Tag
from organizations.people.wish import RosterWish

CATEGORIES = (*DIMENSIONS[Tag.Dimension.POSITION], *DIMENSIONS[Tag.Dimension.FIELD])
SHOWS = ("missing", "completed", "enrolled", "eligible")


@dataclass(frozen=True)
class Covered:
    """Counts of people of one category; completed ones are those of any run of the plan."""

    value: str
    label: str
    eligible: int
    enrolled: int
    completed: int

    @property
    def missing(self) -> int:
        return self.eligible - self.completed


def coverage(plan: ClassPlan, unit: Organization) -> list[Covered]:
    """One row for each category that anybody of the unit has. Three queries."""
    people = _eligible(ties_in(unit)).values("user")
    tags = Tag.objects.current().filter(value__in=CATEGORIES, user__in=people)
    learners = Enrolment.objects.filter(training_class__plan=plan)
    eligible = _count(tags)
    enrolled = _count(tags.filter(user__in=learners.open().values("user")))
    completed = _count(tags.filter(user__in=learnt(plan).values("user")))
    return [
        Covered(
            value=str(value),
            label=str(Tag.Value(value).label),
            eligible=eligible[value],
            enrolled=enrolled.get(value, 0),
            completed=completed.get(value, 0),
        )
        for value in CATEGORIES
        if eligible.get(value)
    ]


def people_of(plan: ClassPlan, unit: Organization, value: str, show: str) -> QuerySet[Membership]:
    """The ties of the people behind one figure, by unit and name."""
    dimension = next(name for name, values in DIMENSIONS.items() if value in values)
    ties = _eligible(ties_in(unit, RosterWish(tags={dimension: value})))
    learners = Enrolment.objects.filter(training_class__plan=plan)
    if show == "missing":
        ties = ties.exclude(user__in=learnt(plan).values("user"))
    elif show == "completed":
        ties = ties.filter(user__in=learnt(plan).values("user"))
    elif show == "enrolled":
        ties = ties.filter(user__in=learners.open().values("user"))
    shown = ties.select_related("user", "organization")
    return shown.order_by("organization__path", "user__name", "pk")


def _eligible(ties: QuerySet[Membership]) -> QuerySet[Membership]:
    exempt = Tag.objects.current().filter(value=Tag.Value.EXEMPT)
    return ties.exclude(user__in=exempt.values("user"))


def _count(tags: QuerySet[Any]) -> dict[str, int]:
    rows = tags.order_by().values("value").annotate(n=Count("user", distinct=True))
    return dict(rows.values_list("value", "n"))
