"""Learners are told of their enrolment, and once before the end what is still missing; whoever
asked to join in vain is told that.

A run is one matter for a learner, so the reminder replaces the message of the enrolment. Whoever
completes the run or leaves it has it taken back in the same act; the nightly task finds the rest.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import log
from lms.classes.asks import able_now, class_asks
from lms.classes.models import Enrolment, TrainingClass
from lms.classes.permissions import check_can_organise
from notices.causes import Cause, declare, stored
from notices.models import Message
from notices.telling import tell, untell
from notices.wakeups import wake

ASK = "lms.classes.tasks.ask_learners"
# Whoever was reminded, or enrolled, is not reminded again within it.
RESTING = dt.timedelta(days=2)
REMINDERS = ("asked", "ending")
BATCH = 500
logger = logging.getLogger(__name__)

CLASS = declare(
    Cause(
        code="class",
        label=_("Training class"),
        icon="class",
        texts={
            "enrolled": _("You are enrolled in “%(title)s”. It lasts from %(from)s to %(until)s."),
            "refused": _("Your request to join “%(title)s” was not approved."),
            "ending": _(
                "“%(title)s” ends on %(until)s and you still lack something. The class shows you "
                "what."
            ),
            "asked": _(
                "Whoever holds “%(title)s” reminds you: you still lack something, and it ends on "
                "%(until)s."
            ),
            "fallen": _(
                "“%(title)s” is not completed any more: something that counted for it was taken "
                "back. The class shows you what is missing; with questions please turn to its unit."
            ),
        },
    )
)


def enrolled_tell(run: TrainingClass, users: Iterable[int], *, by: Any = None) -> None:
    """People who were enrolled and have not completed the run yet; nobody of their own act."""
    if run.state_on(timezone.localdate()) == "ended":
        return
    others = [user for user in users if user != getattr(by, "pk", None)]
    if others:
        _tell(run, others, "enrolled", {"from": run.starts_on, "until": run.ends_on})


def refused_tell(run: TrainingClass, user: int, *, by: Any) -> None:
    """Somebody who asked to join; nobody of their own act."""
    if run.state_on(timezone.localdate()) != "ended" and user != by.pk:
        _tell(run, [user], "refused", {})


def fallen_tell(class_id: int, user_id: int) -> None:
    """A completion was taken back; it may be reached again after the last day, too."""
    opened = Enrolment.objects.open().filter(training_class=class_id, user=user_id)
    if (one := opened.select_related("training_class").first()) is not None:
        _tell(one.training_class, [user_id], "fallen", {}, expires=False)


def class_untell(class_id: int, users: Iterable[int]) -> None:
    untell(cause=CLASS.code, subject=_matter(class_id), to=users)


def run_moved(run: TrainingClass) -> None:
    """Its days or its name changed: reminders with the old ones are taken back, the message of the
    enrolment says the new ones, and nobody is told again for that.
    """
    for text in REMINDERS:
        untell(cause=CLASS.code, subject=_matter(run.pk), text=text)
    standing = Message.objects.filter(cause=CLASS.code, subject=_matter(run.pk), withdrawn_at=None)
    values = {"title": run.title, "from": run.starts_on, "until": run.ends_on}
    standing.update(values=stored(values))
    standing.filter(expires_at__isnull=False).update(expires_at=_after(run))


def learners_to_ask(*, run: TrainingClass, user: Any, now: dt.datetime | None = None) -> int:
    """How many `learners_ask` would remind now. Raises PermissionDenied."""
    check_can_organise(user, run.organization)
    return len(_to_ask(run, now or timezone.now())) if _can_be_missed(run) else 0


def ask_wake(*, run: TrainingClass, user: Any) -> bool:
    """Have a worker remind them; False when it cannot be reached, so nobody is reminded."""
    return wake(ASK, run.pk, user.pk)


def learners_ask(*, run: TrainingClass, user: Any, now: dt.datetime | None = None) -> int:
    """Remind everybody who lacks something and was not reminded within `RESTING`, by whoever holds
    the run; how many. Raises PermissionDenied.
    """
    check_can_organise(user, run.organization)
    now = now or timezone.now()
    if not _can_be_missed(run):
        return 0
    values = {"until": run.ends_on, "day": timezone.localdate(now)}
    told = _tell_lacking(run, _to_ask(run, now), "asked", values, now)
    if told:
        log.record("training_class.remind", actor=user, target=run, people=told)
    return told


def learners_remind(*, now: dt.datetime | None = None) -> int:
    """Runs that end soon: tell those who lack something, take back from those who do not, and from
    everybody where the end was moved. How many are told anew; twice a night is once.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    last = today + dt.timedelta(days=settings.NOTICES_CLASS_DAYS)
    runs = TrainingClass.objects.filter(starts_on__lte=today, ends_on__range=(today, last))
    told, near = 0, []
    for run in runs.order_by("pk"):
        if not _can_be_missed(run):
            continue
        near.append(_matter(run.pk))
        try:
            told += _remind(run, now)
        except DatabaseError:
            # The other runs are reminded all the same; this one tomorrow.
            logger.exception("Reminder of class %d", run.pk)
    moved = Message.objects.standing().filter(cause=CLASS.code, text="ending")
    for subject in moved.exclude(subject__in=near).order_by().values_list("subject").distinct():
        untell(cause=CLASS.code, subject=subject[0], text="ending")
    return told


def _remind(run: TrainingClass, now: dt.datetime) -> int:
    lacking = _lacking(run)
    standing = Message.objects.standing(now=now).filter(cause=CLASS.code, subject=_matter(run.pk))
    done = standing.exclude(text="refused").exclude(recipient__in=_open(run).values("user"))
    class_untell(run.pk, done.values_list("recipient", flat=True))
    for text in REMINDERS:
        idle = set(standing.filter(text=text).values_list("recipient", flat=True)) - lacking
        untell(cause=CLASS.code, subject=_matter(run.pk), to=idle, text=text)
    if timezone.localdate(now) < run.starts_on + (run.ends_on - run.starts_on) / 2:
        return 0  # it has hardly begun
    # Whoever was reminded by hand lately, or has only just been enrolled, knows.
    asked = standing.filter(
        text="asked", told_at__gt=now - dt.timedelta(days=settings.NOTICES_CLASS_DAYS)
    )
    knows = set(asked.values_list("recipient", flat=True))
    fresh = Enrolment.objects.open().filter(training_class=run, enrolled_at__gt=now - RESTING)
    knows |= set(fresh.values_list("user_id", flat=True))
    return _tell_lacking(run, lacking - knows, "ending", {"until": run.ends_on}, now)


def _to_ask(run: TrainingClass, now: dt.datetime) -> set[int]:
    lately = Message.objects.standing(now=now).filter(
        cause=CLASS.code,
        subject=_matter(run.pk),
        text__in=REMINDERS,
        told_at__gt=now - RESTING,
    )
    return _lacking(run) - set(lately.values_list("recipient", flat=True))


def _tell_lacking(
    run: TrainingClass,
    users: Iterable[int],
    text: str,
    values: dict[str, Any],
    now: dt.datetime,
) -> int:
    """In batches, each of those who still lack something at that moment: their enrolments are held,
    so whoever completes the run meanwhile waits, and has the message taken back.
    """
    wanted, told = sorted(users), 0
    for start in range(0, len(wanted), BATCH):
        with transaction.atomic():
            rows = _open(run).filter(user__in=wanted[start : start + BATCH])
            held = rows.select_for_update(of=("self",), no_key=True).order_by("pk")
            told += _tell(run, list(held.values_list("user_id", flat=True)), text, values, now)
    return told


def _can_be_missed(run: TrainingClass) -> bool:
    criterion = class_asks([run])[run.pk].criterion
    is_over = run.state_on(timezone.localdate()) == "ended"
    return not is_over and bool(len(criterion.required) + criterion.electives_needed)


def _lacking(run: TrainingClass) -> set[int]:
    """Who can learn something of it now."""
    return set(able_now(run).values_list("user_id", flat=True))


def _open(run: TrainingClass) -> QuerySet[Enrolment]:
    return Enrolment.objects.open().filter(training_class=run, completed_at=None)


def _tell(
    run: TrainingClass,
    users: Iterable[int],
    text: str,
    values: dict[str, Any],
    now: dt.datetime | None = None,
    *,
    expires: bool = True,
) -> int:
    return tell(
        to=users,
        cause=CLASS.code,
        text=text,
        subject=_matter(run.pk),
        path=reverse("classes:detail", args=[run.pk]),
        values={"title": run.title} | values,
        expires_at=_after(run) if expires else None,
        now=now,
    )


def _after(run: TrainingClass) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(run.ends_on + dt.timedelta(days=1), dt.time()))


def _matter(class_id: int) -> str:
    return f"class:{class_id}"
