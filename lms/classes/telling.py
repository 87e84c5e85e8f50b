"""Learners are told of their enrolment, and once before the end what is still missing.

A run is one matter for a learner, so the reminder replaces the message of the enrolment. Whoever
completes the run or leaves it has it taken back in the same act; the nightly task finds the rest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import log
from lms.classes.asks import class_asks
from lms.classes.models import Enrolment, TrainingClass
from lms.classes.permissions import check_can_organise
from notices.causes import Cause, declare
from notices.models import Message
from notices.telling import tell, untell

CLASS = declare(
    Cause(
        code="class",
        label=_("Training class"),
        icon="class",
        texts={
            "enrolled": _("You are enrolled in “%(title)s”. It lasts from %(from)s to %(until)s."),
            "ending": _(
                "“%(title)s” ends on %(until)s and you still lack something. The class shows you "
                "what."
            ),
            "asked": _(
                "Whoever holds “%(title)s” reminds you: you still lack something, and it ends on "
                "%(until)s."
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


def class_untell(class_id: int, users: Iterable[int]) -> None:
    untell(cause=CLASS.code, subject=_matter(class_id), to=users)


@transaction.atomic
def learners_ask(*, run: TrainingClass, user: Any) -> int:
    """Remind everybody who lacks something, by whoever holds the run; how many are told anew.

    Once a day at most. Raises PermissionDenied.
    """
    check_can_organise(user, run.organization)
    if not _can_be_missed(run):
        return 0
    told = _tell(run, _lacking(run), "asked", {"until": run.ends_on, "day": timezone.localdate()})
    if told:
        log.record("training_class.remind", actor=user, target=run, people=told)
    return told


def learners_remind(*, now: dt.datetime | None = None) -> int:
    """Runs that end soon: tell those who lack something, take back from those who do not, and from
    everybody where the end was moved. How many are told anew; twice a night is once.
    """
    today = timezone.localdate(now)
    last = today + dt.timedelta(days=settings.NOTICES_CLASS_DAYS)
    runs = TrainingClass.objects.filter(starts_on__lte=today, ends_on__range=(today, last))
    told, near = 0, []
    for run in runs.order_by("pk"):
        if not _can_be_missed(run):
            continue
        near.append(_matter(run.pk))
        lacking = set(_lacking(run))
        standing = Message.objects.standing().filter(cause=CLASS.code, subject=near[-1])
        done = set(standing.values_list("recipient", flat=True)) - lacking
        untell(cause=CLASS.code, subject=near[-1], to=done)
        # Whoever was reminded by hand is not reminded again.
        asked = set(standing.filter(text="asked").values_list("recipient", flat=True))
        told += _tell(run, lacking - asked, "ending", {"until": run.ends_on})
    moved = Message.objects.standing().filter(cause=CLASS.code, text="ending")
    for subject in moved.exclude(subject__in=near).order_by().values_list("subject").distinct():
        untell(cause=CLASS.code, subject=subject[0], text="ending")
    return told


def _can_be_missed(run: TrainingClass) -> bool:
    criterion = class_asks([run])[run.pk].criterion
    is_over = run.state_on(timezone.localdate()) == "ended"
    return not is_over and bool(len(criterion.required) + criterion.electives_needed)


def _lacking(run: TrainingClass) -> list[int]:
    rows = Enrolment.objects.open().filter(training_class=run, completed_at=None)
    return list(rows.values_list("user_id", flat=True))


def _tell(run: TrainingClass, users: Iterable[int], text: str, values: dict[str, Any]) -> int:
    after = dt.datetime.combine(run.ends_on + dt.timedelta(days=1), dt.time())
    return tell(
        to=users,
        cause=CLASS.code,
        text=text,
        subject=_matter(run.pk),
        path=reverse("classes:detail", args=[run.pk]),
        values={"title": run.title} | values,
        expires_at=timezone.make_aware(after),
    )


def _matter(class_id: int) -> str:
    return f"class:{class_id}"
