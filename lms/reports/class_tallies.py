"""Classes in the figures of units: how many were enrolled and completed in which month, as sums at
every unit, a run at a time.

A run is counted as a whole from its enrolments, when these say something else than what it was
counted with; so whatever changed them is found, and counting twice changes nothing. People stand at
the branch to which they belonged when they were enrolled; whoever is exempt today stands outside.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from lms.classes.models import Enrolment, TrainingClass
from lms.ledger.own_month import month_of_instant
from lms.reports.models import ClassTally, CountedRun
from lms.reports.months import Months, first_day
from organizations.models import Organization

# Runs that ended longer ago are looked at in the night.
FRESH = dt.timedelta(days=60)
ROWS = 2000
NOBODY = "0"


class Key(NamedTuple):
    """A unit, the month of enrolment, that of completion or 0."""

    unit: int
    enrolled: int
    completed: int


def classes_in_units(units: Collection[int], months: Months) -> dict[int, dict[str, int]]:
    """By unit, of runs that fell into these months: enrolments by their end, completions within
    them and before. One query.
    """
    rows = ClassTally.objects.filter(
        unit__in=units,
        run__starts_on__lt=first_day(months.last + 1),
        run__ends_on__gte=first_day(months.first),
        enrolled_in__lte=months.last,
    )
    within = Q(completed_in__range=(months.first, months.last))
    before = Q(completed_in__range=(1, months.first - 1))
    sums = rows.order_by().values("unit").annotate(
        enrolled=Sum("people"),
        completed=Sum("people", filter=within, default=0),
        completed_before=Sum("people", filter=before, default=0),
    )  # fmt: skip
    names = ("enrolled", "completed", "completed_before")
    return {row["unit"]: {name: row[name] for name in names} for row in sums.values("unit", *names)}


# -- counting --------------------------------------------------------------------------------------


def runs_count(*, now: dt.datetime | None = None, all_of_them: bool = False) -> int:
    """Count the runs that are not long over, or all, whose enrolments changed; how many did."""
    runs = TrainingClass.objects.order_by()
    if not all_of_them:
        runs = runs.filter(ends_on__gte=timezone.localdate(now) - FRESH)
    seen = _seen(_learners().filter(training_class__in=runs))
    counted = dict(CountedRun.objects.filter(run__in=runs).values_list("run_id", "seen"))
    changed = [
        run for run in seen.keys() | counted.keys() if seen.get(run, NOBODY) != counted.get(run)
    ]
    for run in sorted(changed):
        run_count(run)
    return len(changed)


@transaction.atomic
def run_count(run: int) -> list[Key]:
    """Bring the sums of a run to what its enrolments say; which rows were other ones."""
    state = _held(run)
    # Before the sums: what changes meanwhile is seen by the next look.
    state.seen = _seen(_learners().filter(training_class=run)).get(run, NOBODY)
    wrong = _difference(run)
    rows = ClassTally.objects.filter(run=run)
    for pk, people in wrong.values():
        if pk is not None:
            rows.filter(pk=pk).update(people=people)
    rows.filter(people=0).delete()
    ClassTally.objects.bulk_create(
        [
            ClassTally(
                run_id=run,
                unit_id=key.unit,
                enrolled_in=key.enrolled,
                completed_in=key.completed,
                people=people,
            )
            for key, (pk, people) in wrong.items()
            if pk is None
        ],
        batch_size=ROWS,
    )
    state.save(update_fields=["seen"])
    return list(wrong)


def runs_doubts(*, mend: bool = False) -> Iterator[tuple[int, Key]]:
    """Rows (run and key) that are not what the enrolments say, of runs that do not wait to be
    counted.
    """
    for run in list(CountedRun.objects.order_by("run").values_list("run_id", flat=True)):
        with transaction.atomic():
            state = _held(run)
            if state.seen != _seen(_learners().filter(training_class=run)).get(run, NOBODY):
                continue
            wrong = list(_difference(run))
            if wrong and mend:
                run_count(run)
        yield from ((run, key) for key in wrong)


def _held(run: int) -> CountedRun:
    """One writer at a time, for each run."""
    CountedRun.objects.get_or_create(run_id=run)
    return CountedRun.objects.select_for_update().get(run=run)


def _learners() -> Any:
    return Enrolment.objects.open().asked().order_by()


def _months(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.annotate(
        enrolled=month_of_instant("enrolled_at"),
        completed=Coalesce(month_of_instant("completed_at"), Value(0)),
    )


def _seen(learners: QuerySet[Any]) -> dict[int, str]:
    """By run, a text that is another one when its enrolments are. One query.

    Of each enrolment a number is made of what counts in it, and squared: of plain sums two changes
    could make up for each other.
    """
    mixed = (
        F("pk") * 7919
        + Coalesce(F("organization"), 0) * 104_729
        + F("enrolled") * 15_485_863
        + F("completed") * 32_452_843
    ) % 1_000_003
    rows = _months(learners).annotate(mixed=mixed).values("training_class")
    found = rows.annotate(
        n=Count("pk"), last=Max("pk"), sum=Sum("mixed"), squares=Sum(F("mixed") * F("mixed"))
    ).values_list("training_class", "n", "last", "sum", "squares")
    return {run: " ".join(str(value) for value in values) for run, *values in found}


def _sums(run: int) -> Counter[Key]:
    """From the enrolments, at the branch and each unit above it. Who had no branch is counted
    where the tree begins.
    """
    learners = _months(_learners().filter(training_class=run))
    counts = learners.values("organization__path", "enrolled", "completed").annotate(n=Count("pk"))
    rows = list(counts.values_list("organization__path", "enrolled", "completed", "n"))
    ids = dict(Organization.objects.order_by().values_list("path", "pk")) if rows else {}
    step, found = Organization.steplen, Counter[Key]()
    roots = [path for path in ids if len(path) == step]
    for path, enrolled, completed, n in rows:
        above = [path[:end] for end in range(step, len(path) + 1, step)] if path else roots
        found.update({Key(ids[one], enrolled, completed): n for one in above})
    return found


def _difference(run: int) -> dict[Key, tuple[int | None, int]]:
    """Rows that are wrong or not there: their id and how many people should stand in them."""
    wanted = _sums(run)
    found: dict[Key, tuple[int | None, int]] = {}
    rows = ClassTally.objects.filter(run=run)
    for pk, *key, people in rows.values_list("pk", "unit", "enrolled_in", "completed_in", "people"):
        due = wanted.pop(Key(*key), 0)
        if people != due:
            found[Key(*key)] = (pk, due)
    return found | {key: (None, n) for key, n in wanted.items()}
