"""Enrolling, withdrawing, and completing a run.

Completion is derived: from what was learnt and from what the run asks for (`asks`). Its instant is
that of the last item needed, not that of whoever noticed, so the receiver and the sweep write the
same. What was learnt before the enrolment counts. A run that asks for more later does not take a
completion back; voided evidence and corrected attendance do.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone

from audit import log
from lms.classes.asks import Asks, class_asks, done_by
from lms.classes.criterion import RULE
from lms.classes.models import Enrolment, ItemDone, TrainingClass
from lms.classes.proofs import (
    NOTHING,
    Evidence,
    completion_put,
    evidence_again,
    evidence_of,
    facts_of,
    stored,
)
from lms.classes.signals import class_completed, class_completion_withdrawn
from lms.classes.telling import class_untell, enrolled_tell
from lms.watching.clocks import people_locked
from lms.watching.models import Completion
from notices.commits import after_commit
from notices.wakeups import wake
from organizations import scope

# Runs that ended longer ago are no longer swept.
SWEPT = dt.timedelta(days=60)
BATCH = 500
WORK = "lms.classes.tasks.review_class"
Origin = Enrolment.Origin


@transaction.atomic
def enrolment_create(
    *,
    training_class: TrainingClass,
    user: Any,
    actor: Any = None,
    origin: str = Origin.HAND,
    now: dt.datetime | None = None,
) -> Enrolment:
    """Enrol a person. Idempotent; whoever was withdrawn gets a new row, the old one stays."""
    opened = Enrolment.objects.open().filter(training_class=training_class, user=user)
    if (found := opened.first()) is not None:
        return found
    try:
        with transaction.atomic():
            enrolment = Enrolment.objects.create(
                training_class=training_class,
                user=user,
                organization=scope.home_branch(user),
                origin=origin,
                enrolled_at=now or timezone.now(),
            )
    except IntegrityError:
        # Another hand was faster.
        return opened.get()
    if not enrolments_complete([enrolment]):
        enrolled_tell(training_class, [user.pk], by=actor)
    log.record("enrolment.create", actor=actor, target=enrolment, user=user.pk, way=str(origin))
    return enrolment


@transaction.atomic
def people_enrol(
    *,
    training_class: TrainingClass,
    homes: Iterable[tuple[int, int | None]],
    origin: str,
    actor: Any = None,
    rule: Any = None,
    returning: bool = True,
    now: dt.datetime | None = None,
) -> int:
    """Enrol people given as (person, home branch); how many are new.

    Without `returning` those who were in the run before and were withdrawn stay out: that was
    decided for each of them. No entry is logged here; whoever calls says what was done and why.
    """
    now = now or timezone.now()
    wanted = dict(homes)
    before = Enrolment.objects.filter(training_class=training_class, user__in=list(wanted))
    known = before.open() if returning else before
    for pk in known.values_list("user_id", flat=True):
        wanted.pop(pk, None)
    if not wanted:
        return 0
    asks = class_asks([training_class])[training_class.pk]
    reached = _reached(wanted, asks)
    rows = []
    for user, home in wanted.items():
        row = Enrolment(
            training_class=training_class,
            user_id=user,
            organization_id=home,
            origin=origin,
            rule=rule,
            enrolled_at=now,
        )
        if (evidence := reached.get(user)) is not None:
            completion_put(row, evidence)
        rows.append(row)
    # Somebody enrolled by another hand in this very moment is left as that hand left it.
    Enrolment.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    for one in rows:
        if one.completed_at:
            _announce_on_commit(one.user_id, training_class.pk)
    enrolled_tell(training_class, [one.user_id for one in rows if not one.completed_at], by=actor)
    return len(rows)


@transaction.atomic
def people_enrol_by_hand(
    *, training_class: TrainingClass, homes: dict[int, int], actor: Any
) -> int:
    """The people (person → branch) who are not in the run; how many. Logged at the end, all at
    once: whoever holds the end of the log waits for nobody.
    """
    rows = Enrolment.objects.open().filter(training_class=training_class, user__in=homes)
    before = set(rows.values_list("pk", flat=True))
    people_enrol(
        training_class=training_class,
        homes=sorted(homes.items()),
        origin=Origin.HAND,
        actor=actor,
    )
    made = list(rows.exclude(pk__in=before).order_by("pk"))
    log.record_many(
        [
            log.Entry(
                "enrolment.create",
                target=one,
                detail={"user": one.user_id, "way": Origin.HAND.value},
            )
            for one in made
        ],
        actor=actor,
    )
    return len(made)


@transaction.atomic
def enrolment_withdraw(
    *, enrolment: Enrolment, actor: Any = None, now: dt.datetime | None = None
) -> bool:
    """Take a person out of a run; what was learnt stays. False when that was done already."""
    changed = Enrolment.objects.open().filter(pk=enrolment.pk)
    if not changed.update(withdrawn_at=now or timezone.now()):
        return False
    class_untell(enrolment.training_class_id, [enrolment.user_id])
    log.record("enrolment.withdraw", actor=actor, target=enrolment, user=enrolment.user_id)
    return True


# -- completing ------------------------------------------------------------------------------------


def enrolments_complete(enrolments: Iterable[Enrolment]) -> int:
    """Write the completion of those among these enrolments that reached it; how many did."""
    rows = list(enrolments)
    asks = class_asks({one.training_class_id: one.training_class for one in rows}.values())
    by_class: dict[int, list[Enrolment]] = defaultdict(list)
    for enrolment in rows:
        by_class[enrolment.training_class_id].append(enrolment)
    written = 0
    for pk, group in by_class.items():
        for start in range(0, len(group), BATCH):
            written += _complete(group[start : start + BATCH], asks[pk])
    return written


@transaction.atomic
def _complete(enrolments: list[Enrolment], asks: Asks) -> int:
    reached = _reached([one.user_id for one in enrolments], asks)
    written = 0
    for one in enrolments:
        evidence = reached.get(one.user_id)
        if evidence is None:
            continue
        waiting = Enrolment.objects.filter(pk=one.pk, completed_at__isnull=True)
        if waiting.update(**stored(completion_put(one, evidence))):
            class_untell(one.training_class_id, [one.user_id])
            _announce_on_commit(one.user_id, one.training_class_id)
            written += 1
    return written


def _reached(user_ids: Iterable[int], asks: Asks) -> dict[int, Evidence]:
    """By what those among the people who have completed the run did. They stay locked, so that
    nothing it rests on is taken back before it is written.
    """
    found = _counted(user_ids, asks)
    if found:
        people_locked(found)
        found = _counted(found, asks)
    return found


def _counted(user_ids: Iterable[int], asks: Asks) -> dict[int, Evidence]:
    done = done_by(user_ids, [asks])
    found = ((user, asks.criterion.counted(items)) for user, items in done.items())
    return {user: evidence_of(asks, counted) for user, counted in found if counted is not None}


def _announce_on_commit(user_id: int, class_id: int) -> None:
    after_commit(_announce, user_id, class_id)


def _announce(user_id: int, class_id: int) -> None:
    class_completed.send_robust(Enrolment, user_id=user_id, class_id=class_id)


def lecture_counted(*, user_id: int, lecture_id: int) -> int:
    """A person has completed a lecture: write the completions of runs that follow from it."""
    return enrolments_complete(
        Enrolment.objects.open()
        .filter(user=user_id, completed_at__isnull=True, training_class__items__lecture=lecture_id)
        .select_related("training_class")
    )


def lecture_uncounted(*, user_id: int, lecture_id: int) -> None:
    """A completion was taken back: take back the completions of runs that rested on it."""
    # What was counted may have left the run since.
    rested = Q(training_class__items__lecture=lecture_id) | Q(completion_rule=RULE)
    completions_review(Enrolment.objects.filter(rested, user=user_id).distinct())


@transaction.atomic
def completions_review(enrolments: Any) -> None:
    """Bring the completions of these enrolments to what the facts say now, those included that are
    being written at this moment: the same items as were counted, where they are still done, else
    what the run asks for today. What does not stand is taken back.
    """
    people_locked(enrolments.order_by().values_list("user_id", flat=True).distinct())
    rows = list(enrolments.filter(completed_at__isnull=False).select_related("training_class"))
    facts = facts_of(rows)
    again = {one.pk: evidence_again(one, facts) for one in rows}
    anew = _anew([one for one in rows if again[one.pk] is None])
    for one in rows:
        evidence = again[one.pk] or anew.get((one.training_class_id, one.user_id))
        before = stored(one)
        after = NOTHING if evidence is None else stored(completion_put(one, evidence))
        if after == before:
            continue
        Enrolment.objects.filter(pk=one.pk).update(**after)
        if evidence is None:
            class_completion_withdrawn.send(
                Enrolment, user_id=one.user_id, class_id=one.training_class_id
            )


def _anew(rows: list[Enrolment]) -> dict[tuple[int, int], Evidence]:
    """By what the runs ask for today, where that is done: by run and person."""
    people: dict[TrainingClass, list[int]] = defaultdict(list)
    for one in rows:
        people[one.training_class].append(one.user_id)
    asks = class_asks(people)
    return {
        (run.pk, user): evidence
        for run, users in people.items()
        for user, evidence in _counted(users, asks[run.pk]).items()
    }


def enrolments_sweep(*, now: dt.datetime | None = None) -> int:
    """Complete enrolments that no signal completed: it was lost, or the run asks for less now.

    Some queries for each run that is not long over; only the enrolments of people who have done
    enough are looked at one by one.
    """
    now = now or timezone.now()
    classes = TrainingClass.objects.filter(ends_on__gte=timezone.localdate(now) - SWEPT)
    return sum(class_sweep(one) for one in classes)


def class_wake(class_id: int) -> None:
    """Have a worker look at whom a run asks for less now; the sweep finds them as well."""
    wake(WORK, class_id)


def class_sweep(training_class: TrainingClass) -> int:
    asks = class_asks([training_class])[training_class.pk]
    criterion = asks.criterion
    asked = len(criterion.required) + criterion.electives_needed
    if not asked:
        return 0
    waiting = Enrolment.objects.open().filter(
        training_class=training_class, completed_at__isnull=True
    )
    counts: dict[int, int] = defaultdict(int)
    people = waiting.values("user")
    for rows, what in (
        (Completion.objects.filter(lecture__in=asks.lectures.values()), "lecture"),
        (ItemDone.objects.filter(item__in=criterion.items), "item"),
    ):
        done = rows.filter(user__in=people).order_by().values("user")
        counted = done.annotate(n=Count(what, distinct=True))
        for user, n in counted.values_list("user", "n").iterator():
            counts[user] += n
    enough = [user for user, n in counts.items() if n >= asked]
    return sum(
        enrolments_complete(
            waiting.filter(user__in=enough[start : start + BATCH]).select_related("training_class")
        )
        for start in range(0, len(enough), BATCH)
    )
