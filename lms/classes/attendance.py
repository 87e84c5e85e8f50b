"""Acts on what is done besides watching: attendance at sessions, ticked by who holds the run, and
texts that learners have read.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import log
from lms.classes.enrolments import completions_review, enrolments_complete
from lms.classes.models import ClassItem, Enrolment, ItemDone
from lms.classes.planning import ClassError, holder_locked
from lms.classes.signals import attendance_changed
from lms.classes.syllabus import day_problem


@transaction.atomic
def attendance_set(
    *, item: ClassItem, user: Any, present: set[int], shown: set[int], now: dt.datetime
) -> tuple[int, int]:
    """Of the people who were shown those present attended, the others did not. Returns how many
    were ticked and how many unticked. Raises PermissionDenied, ClassError.

    Whoever is not shown stays as another keeper has left it.
    """
    holder_locked(item.training_class, user)
    item = ClassItem.objects.select_related("training_class").get(pk=item.pk)
    if item.starts_at is None or item.ends_at is None:
        raise ClassError(_("Please set the time of the session first."))
    if timezone.localdate(item.starts_at) > timezone.localdate(now):
        raise ClassError(_("The session has not taken place yet. Tick the list on its day."))
    learners = set(
        Enrolment.objects.open()
        .filter(training_class=item.training_class, user__in=shown)
        .values_list("user_id", flat=True)
    )
    ticked = set(
        ItemDone.objects.filter(item=item, user__in=shown).values_list("user_id", flat=True)
    )
    # Hours follow from a tick, so nobody ticks themselves.
    new, gone = (present & learners) - ticked - {user.pk}, (ticked & shown) - present
    # What is taken back is booked as a correction; nothing is added to a year that is over.
    if new and (problem := tick_problem(item, now=now)):
        raise ClassError(problem)
    # Ticked while it is still going on: done is done now, not in the evening.
    at = min(item.ends_at, now)
    ItemDone.objects.bulk_create(
        (
            ItemDone(item=item, user_id=pk, at=at, recorded_by=user, recorded_at=now)
            for pk in sorted(new)
        ),
        ignore_conflicts=True,
    )
    ItemDone.objects.filter(item=item, user__in=gone).delete()
    _follow(item, new, gone)
    if new or gone:
        log.record_many(
            [
                log.Entry("attendance.tick" if pk in new else "attendance.untick", target=item,
                          detail={"user": pk})
                for pk in sorted(new | gone)
            ],
            actor=user,
        )  # fmt: skip
    return len(new), len(gone)


def tick_problem(item: ClassItem, *, now: dt.datetime) -> str:
    """Why nobody can be ticked any more; "" when they can, once the session has begun."""
    if item.starts_at is None:
        return ""
    return day_problem(timezone.localdate(item.starts_at), today=timezone.localdate(now))


def _follow(item: ClassItem, new: set[int], gone: set[int]) -> None:
    rows = Enrolment.objects.filter(training_class=item.training_class)
    waiting = rows.open().filter(user__in=new, completed_at__isnull=True)
    enrolments_complete(waiting.select_related("training_class"))
    if gone:
        completions_review(rows.filter(user__in=gone))
    if new or gone:
        attendance_changed.send(ClassItem, item_id=item.pk, user_ids=sorted(new | gone))


@transaction.atomic
def reading_finish(*, item: ClassItem, user: Any, now: dt.datetime) -> bool:
    """The learner says so. False when that was said already, or the text is not theirs to read, or
    no longer there.
    """
    held = ClassItem.objects.select_for_update(of=("self",), no_key=True)
    own = Enrolment.objects.open().filter(user=user, training_class=item.training_class_id)
    if not item.is_reading or not own.exists() or not held.filter(pk=item.pk).first():
        return False
    _done, made = ItemDone.objects.get_or_create(item=item, user=user, defaults={"at": now})
    if made:
        _follow(item, {user.pk}, set())
        log.record("reading.finish", actor=user, target=item)
    return made
