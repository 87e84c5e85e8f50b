"""A class in figures: enrolled, completed, lacking, of a unit and those right below; who lacks it.

From the enrolments themselves: of one run there are some ten thousand at most, by the branch that
each had then. Enrolments count by the end of the months, completions within them. Who is exempt
stands outside the denominators. Units in the order of the tree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import Substr

from lms.classes.models import Enrolment, EnrolmentQuerySet, TrainingClass
from lms.ledger.standings import exempt_people
from lms.reports.figures import below, percent
from lms.reports.months import Months, first_day, midnight
from organizations import scope
from organizations.models import Organization

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """People who were enrolled by the end of the months: completed within them, or before. `exempt`
    learn here without being asked to.
    """

    enrolled: int = 0
    completed: int = 0
    completed_before: int = 0
    exempt: int = 0

    @property
    def missing(self) -> int:
        return self.enrolled - self.completed - self.completed_before

    @property
    def completed_percent(self) -> int:
        """By the end of the months."""
        return percent(self.completed + self.completed_before, self.enrolled)


NOTHING = ClassFigures()


def learners(run: TrainingClass, unit: Organization, months: Months) -> EnrolmentQuerySet:
    """Who was enrolled by the end of these months and has not been withdrawn."""
    inside = scope.subtree(unit.path, "organization")
    if unit.is_root():
        # Whoever had no branch is counted where the tree begins.
        inside |= Q(organization__isnull=True)
    rows = Enrolment.objects.open().filter(inside, training_class=run)
    return rows.filter(enrolled_at__lt=midnight(first_day(months.last + 1)))


def class_figures(
    run: TrainingClass, unit: Organization, months: Months
) -> tuple[ClassFigures, list[tuple[Organization, ClassFigures]]]:
    """The unit in all, and each right below that has learners. Two queries."""
    length = len(unit.path) + Organization.steplen
    first, end = (midnight(first_day(month)) for month in (months.first, months.last + 1))
    rows = (
        learners(run, unit, months)
        .order_by()
        .annotate(exempt=exempt_people(), branch=Substr("organization__path", 1, length))
        .values_list("branch", "exempt")
        .annotate(
            all=Count("pk"),
            done=Count("pk", filter=Q(completed_at__gte=first, completed_at__lt=end)),
            before=Count("pk", filter=Q(completed_at__lt=first)),
        )
    )
    by_path: dict[str, ClassFigures] = {}
    for branch, is_exempt, n, done, before in rows:
        key = branch or unit.path
        add = ClassFigures(exempt=n) if is_exempt else ClassFigures(n, done, before)
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
        sum(one.completed_before for one in some),
        sum(one.exempt for one in some),
    )


def class_missing(
    run: TrainingClass, unit: Organization, months: Months, *, after: int | None = None
) -> list[Enrolment]:
    """A page of who had not completed it by the end of the months, and one more if there are
    others. Who has no branch comes first.
    """
    end = midnight(first_day(months.last + 1))
    lacking = Q(completed_at__isnull=True) | Q(completed_at__gte=end)
    rows = learners(run, unit, months).asked().filter(lacking)
    place: Any = None
    if after is not None:
        place = rows.filter(pk=after).values_list("organization__path", "pk").first()
    if place is not None:
        path, pk = place
        below = Q(organization__isnull=False) if path is None else Q(organization__path__gt=path)
        rows = rows.filter(below | Q(organization__path=path, pk__gt=pk))
    ordered = rows.order_by(F("organization__path").asc(nulls_first=True), "pk")
    return list(ordered.select_related("user", "organization")[: PER_PAGE + 1])
