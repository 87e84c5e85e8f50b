"""Enrolling, withdrawing, and completing a class.

Completion is derived: from the lectures completed (`lms.watching`) and from what the class asks
for. Its instant is that of the last lecture needed, not that of whoever noticed, so the receiver
and the sweep write the same. Lectures completed before the enrolment count. A class that asks for
more later does not take a completion back; voided evidence does.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from audit import log
from lms.classes.criterion import Criterion
from lms.classes.models import ClassItem, Enrolment, TrainingClass
from lms.watching.models import Completion
from organizations import scope
from organizations.models import Membership, Organization

# Classes that ended longer ago are no longer swept.
SWEPT = dt.timedelta(days=60)
BATCH = 500


@transaction.atomic
def enrolment_create(
    *,
    training_class: TrainingClass,
    user: Any,
    actor: Any = None,
    now: dt.datetime | None = None,
) -> Enrolment:
    """Enrol a person. Idempotent; a withdrawn enrolment is taken up again with its history."""
    now = now or timezone.now()
    enrolment, created = Enrolment.objects.get_or_create(
        training_class=training_class,
        user=user,
        defaults={"organization": scope.home_branch(user), "enrolled_at": now},
    )
    if not created and enrolment.withdrawn_at is None:
        return enrolment
    if not created:
        enrolment.withdrawn_at = None
        enrolment.save(update_fields=["withdrawn_at"])
    enrolments_complete([enrolment])
    log.record("enrolment.create", actor=actor, target=enrolment, user=user.pk)
    return enrolment


@transaction.atomic
def enrolment_withdraw(
    *, enrolment: Enrolment, actor: Any = None, now: dt.datetime | None = None
) -> None:
    """Take a person out of a class; what was learnt stays. Idempotent."""
    changed = Enrolment.objects.open().filter(pk=enrolment.pk)
    if changed.update(withdrawn_at=now or timezone.now()):
        log.record("enrolment.withdraw", actor=actor, target=enrolment, user=enrolment.user_id)


@transaction.atomic
def unit_enrol(
    *,
    training_class: TrainingClass,
    organization: Organization,
    actor: Any = None,
    now: dt.datetime | None = None,
) -> int:
    """Enrol everybody whose home branch lies within a unit today; how many are new.

    People who were withdrawn stay withdrawn: that was decided for each of them.
    """
    now = now or timezone.now()
    homes = (
        Membership.objects.current()
        .filter(
            kind=Membership.Kind.HOME,
            organization__path__startswith=organization.path,
            user__is_active=True,
        )
        .exclude(user__enrolments__training_class=training_class)
        .values_list("user_id", "organization_id")
    )
    rows = [
        Enrolment(
            training_class=training_class, user_id=user, organization_id=home, enrolled_at=now
        )
        for user, home in homes
    ]
    # Somebody enrolled by another hand in this very moment is left as that hand left it.
    Enrolment.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    if rows:
        log.record(
            "enrolment.create_unit",
            actor=actor,
            target=training_class,
            organization=organization.pk,
            people=len(rows),
        )
    return len(rows)


# -- completing ------------------------------------------------------------------------------------


def criterion_of(training_class: TrainingClass) -> Criterion:
    items = training_class.items.values_list("lecture_id", "kind")
    return criterion_from(items, training_class.electives_needed)


def criterion_from(items: Iterable[tuple[int, str]], electives_needed: int) -> Criterion:
    """From (lecture id, kind) pairs."""
    pairs = list(items)
    return Criterion(
        required=frozenset(pk for pk, kind in pairs if kind == ClassItem.Kind.REQUIRED),
        electives=frozenset(pk for pk, kind in pairs if kind == ClassItem.Kind.ELECTIVE),
        electives_needed=electives_needed,
    )


def completed_by(
    user_ids: Iterable[int], lecture_ids: Iterable[int]
) -> dict[int, dict[int, dt.datetime]]:
    """Instants of completion by person and lecture; the first where there are several."""
    done: dict[int, dict[int, dt.datetime]] = defaultdict(dict)
    rows = Completion.objects.filter(user__in=list(user_ids), lecture__in=list(lecture_ids))
    for user, lecture, at in rows.values_list("user_id", "lecture_id", "completed_at"):
        done[user][lecture] = min(done[user].get(lecture, at), at)
    return done


def enrolments_complete(enrolments: Iterable[Enrolment]) -> int:
    """Write the completion of those among these enrolments that reached it; how many did."""
    by_class: dict[int, list[Enrolment]] = defaultdict(list)
    for enrolment in enrolments:
        by_class[enrolment.training_class_id].append(enrolment)
    written = 0
    for group in by_class.values():
        criterion = criterion_of(group[0].training_class)
        for start in range(0, len(group), BATCH):
            written += _complete(group[start : start + BATCH], criterion)
    return written


def _complete(enrolments: list[Enrolment], criterion: Criterion) -> int:
    done = completed_by([one.user_id for one in enrolments], criterion.lectures)
    written = 0
    for enrolment in enrolments:
        reached = criterion.reached(done[enrolment.user_id])
        if reached is not None:
            written += Enrolment.objects.filter(pk=enrolment.pk, completed_at__isnull=True).update(
                completed_at=max(reached, enrolment.enrolled_at)
            )
    return written


def lecture_counted(*, user_id: int, lecture_id: int) -> int:
    """A person has completed a lecture: write the completions of classes that follow from it."""
    return enrolments_complete(
        Enrolment.objects.open()
        .filter(user=user_id, completed_at__isnull=True, training_class__items__lecture=lecture_id)
        .select_related("training_class")
    )


def lecture_uncounted(*, user_id: int, lecture_id: int) -> None:
    """A completion was taken back: take back the completions of classes that rested on it."""
    for enrolment in Enrolment.objects.filter(
        user=user_id, completed_at__isnull=False, training_class__items__lecture=lecture_id
    ).select_related("training_class"):
        criterion = criterion_of(enrolment.training_class)
        if criterion.reached(completed_by([user_id], criterion.lectures)[user_id]) is None:
            Enrolment.objects.filter(pk=enrolment.pk).update(completed_at=None)


def enrolments_sweep(*, now: dt.datetime | None = None) -> int:
    """Complete enrolments that no signal completed: it was lost, or the class asks for less now.

    A query or two for each class that is not long over; only the enrolments of people with enough
    completions are looked at one by one.
    """
    now = now or timezone.now()
    classes = TrainingClass.objects.filter(ends_on__gte=timezone.localdate(now) - SWEPT)
    return sum(_class_sweep(one) for one in classes)


def _class_sweep(training_class: TrainingClass) -> int:
    criterion = criterion_of(training_class)
    asked = len(criterion.required) + criterion.electives_needed
    if not asked:
        return 0
    people = (
        Completion.objects.filter(
            lecture__in=criterion.lectures,
            user__enrolments__training_class=training_class,
            user__enrolments__completed_at__isnull=True,
            user__enrolments__withdrawn_at__isnull=True,
        )
        .order_by()
        .values("user")
        .annotate(n=Count("lecture", distinct=True))
        .filter(n__gte=asked)
        .values("user")
    )
    found = Enrolment.objects.open().filter(
        training_class=training_class, completed_at__isnull=True, user__in=people
    )
    return enrolments_complete(found.select_related("training_class"))
