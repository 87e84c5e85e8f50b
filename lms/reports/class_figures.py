"""A class in figures: enrolled, completed, lacking, of a unit and those right below; who lacks it.

From the enrolments themselves: of one run there are some ten thousand at most, by the branch that
each had then. Who is exempt stands outside the denominators. Units in the order of the tree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Substr

from lms.classes.models import Enrolment, TrainingClass
from lms.reports.figures import below, percent
from organizations import scope
from organizations.models import Organization, Tag

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """People; `exempt` learn here without being asked to."""

    enrolled: int = 0
    completed: int = 0
    exempt: int = 0

    @property
    def missing(self) -> int:
        return self.enrolled - self.completed

    @property
    def completed_percent(self) -> int:
        return percent(self.completed, self.enrolled)


NOTHING = ClassFigures()


def learners(run: TrainingClass, unit: Organization) -> QuerySet[Enrolment]:
    inside = scope.subtree(unit.path, "organization")
    if unit.is_root():
        # Whoever had no branch is counted where the tree begins.
        inside |= Q(organization__isnull=True)
    return Enrolment.objects.open().filter(inside, training_class=run)


def _exempt() -> Exists:
    rows = Tag.objects.current().filter(value=Tag.Value.EXEMPT, user=OuterRef("user"))
    return Exists(rows)


def class_figures(
    run: TrainingClass, unit: Organization
) -> tuple[ClassFigures, list[tuple[Organization, ClassFigures]]]:
    """The unit in all, and each right below that has learners. Two queries."""
    length = len(unit.path) + Organization.steplen
    rows = (
        learners(run, unit)
        .order_by()
        .annotate(exempt=_exempt(), branch=Substr("organization__path", 1, length))
        .values_list("branch", "exempt")
        .annotate(all=Count("pk"), done=Count("completed_at"))
    )
    by_path: dict[str, ClassFigures] = {}
    for branch, is_exempt, n, done in rows:
        key = branch or unit.path
        add = ClassFigures(0, 0, n) if is_exempt else ClassFigures(n, done)
        by_path[key] = _sum([by_path.get(key, NOTHING), add])
    found = [(one, by_path[one.path]) for one in below(unit) if one.path in by_path]
    if unit.path in by_path and found:
        found.insert(0, (unit, by_path[unit.path]))
    return _sum(by_path.values()), found


def _sum(parts: Iterable[ClassFigures]) -> ClassFigures:
    some = list(parts)
    return ClassFigures(
        sum(one.enrolled for one in some),
        sum(one.completed for one in some),
        sum(one.exempt for one in some),
    )


def class_missing(
    run: TrainingClass, unit: Organization, *, after: int | None = None
) -> list[Enrolment]:
    """A page of who has not completed it, and one more if there are others."""
    rows = learners(run, unit).filter(~_exempt(), completed_at__isnull=True)
    place: Any = None
    if after is not None:
        place = rows.filter(pk=after).values_list("organization__path", "pk").first()
    if place is not None and place[0] is not None:
        path, pk = place
        rows = rows.filter(Q(organization__path__gt=path) | Q(organization__path=path, pk__gt=pk))
    ordered = rows.order_by("organization__path", "pk")
    return list(ordered.select_related("user", "organization")[: PER_PAGE + 1])
