"""Acts on lecture activities: log, change, delete; and what may stand in one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit import log
from cms.programme.models import LectureActivity, Programme
from cms.programme.permissions import check_can_hold
from organizations.models import Organization

# Older records belong to paper; a year typed wrong is noticed.
FIRST_DAY = dt.date(2000, 1, 1)
FIELDS = ("held_on", "title", "speaker", "place", "headcount", "recording")


class ActivityError(Exception):
    """An activity cannot be logged so; the message says why and what to do."""


def day_problem(held_on: dt.date, *, today: dt.date) -> str:
    """Why nothing can have been held on this day; "" when it can."""
    if held_on > today:
        return _("This day has not come yet. Please log the lecture after it was held.")
    if held_on < FIRST_DAY:
        return _("This day is too long ago. Please check the year.")
    return ""


@transaction.atomic
def activity_log(
    *,
    organization: Organization,
    user: Any,
    today: dt.date,
    programme: Programme | None = None,
    **fields: Any,
) -> tuple[LectureActivity, bool]:
    """The activity, and whether it is new: logging the same again gives what is there.

    Raises PermissionDenied, ActivityError.
    """
    check_can_hold(user, organization)
    if problem := day_problem(fields["held_on"], today=today):
        raise ActivityError(problem)
    if programme is not None and (held := LectureActivity.objects.filter(programme=programme)):
        return held[0], False
    key = {name: fields[name] for name in ("held_on", "title", "speaker", "place")}
    try:
        with transaction.atomic():
            activity, made = LectureActivity.objects.get_or_create(
                organization=organization,
                **key,
                defaults={
                    "headcount": fields["headcount"],
                    "recording": fields.get("recording"),
                    "programme": programme,
                    "logged_by": user,
                },
            )
    except IntegrityError:
        if programme is None:
            raise
        # The same programme, at the same moment.
        return LectureActivity.objects.get(programme=programme), False
    if made:
        log.record("activity.log", actor=user, target=activity, unit=organization.code)
    return activity, made


@transaction.atomic
def activity_change(
    *,
    activity: LectureActivity,
    user: Any,
    today: dt.date,
    programme: Programme | None = None,
    **fields: Any,
) -> bool:
    """Give it these of FIELDS; whether anything changed. An activity that was logged apart becomes
    what was held of the `programme`; one that belongs to a programme stays with it, and a programme
    with its activity. Raises PermissionDenied, ActivityError.
    """
    check_can_hold(user, activity.organization)
    activity = LectureActivity.objects.select_for_update(of=("self",)).get(pk=activity.pk)
    if problem := day_problem(fields.get("held_on", activity.held_on), today=today):
        raise ActivityError(problem)
    held = LectureActivity.objects.filter(programme=programme)
    if programme is not None and activity.programme_id is None and not held.exists():
        fields["programme"] = programme
    changed = [name for name, value in fields.items() if getattr(activity, name) != value]
    for name in changed:
        setattr(activity, name, fields[name])
    if not changed:
        return False
    try:
        with transaction.atomic():
            activity.save(update_fields=changed)
    except IntegrityError:
        raise ActivityError(
            _("Such an activity is logged already; this would be it twice.")
        ) from None
    log.record("activity.change", actor=user, target=activity, fields=changed)
    return True


@transaction.atomic
def activity_delete(*, activity: LectureActivity, user: Any) -> None:
    check_can_hold(user, activity.organization)
    gone = LectureActivity(pk=activity.pk)
    if LectureActivity.objects.filter(pk=activity.pk).delete()[0]:
        log.record(
            "activity.delete", actor=user, target=gone, unit=activity.organization.code,
            on=activity.held_on.isoformat(),
        )  # fmt: skip
