"""Taking a published lecture out of members' sight, with a reason, and bringing it back.

Evidence of watching and the file of review stay. Who may is who may publish in the unit.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record
from cms.models import LecturePage
from cms.permissions import check_can_publish
from cms.publishing import NotReadyError, lecture_release, lecture_unpublish
from cms.review.errors import ReviewError
from cms.review.models import Review, TakeDown

UNFINISHED = (Review.State.REVIEWING, Review.State.SENT_BACK)


@transaction.atomic
def take_down(*, lecture: LecturePage, user: Any, reason: str, now: dt.datetime) -> TakeDown:
    """Raises PermissionDenied, ReviewError (not published, or no reason given)."""
    lecture = LecturePage.objects.select_for_update().get(pk=lecture.pk)
    check_can_publish(user, lecture)
    if not reason:
        raise ReviewError(_("Please write down why it is taken down."))
    present = TakeDown.objects.filter(lecture=lecture, lifted_at=None).first()
    if present is not None:
        return present
    if not lecture.live:
        raise ReviewError(_("This lecture is not published, so there is nothing to take down."))
    lecture_unpublish(lecture=lecture, user=user)
    taken = TakeDown.objects.create(lecture=lecture, by=user, at=now, reason=reason)
    record("lecture.take_down", actor=user, target=lecture, take_down=taken.pk)
    return taken


@transaction.atomic
def take_down_lift(*, lecture: LecturePage, user: Any, now: dt.datetime) -> LecturePage:
    """Publish again what was taken down; while a new version is in review or sent back, only end
    the take-down, for then the final review publishes. Twice is once. Raises PermissionDenied,
    ReviewError.
    """
    lecture = LecturePage.objects.select_for_update().get(pk=lecture.pk)
    check_can_publish(user, lecture)
    lifted = TakeDown.objects.filter(lecture=lecture, lifted_at=None).update(
        lifted_by=user, lifted_at=now
    )
    if not lifted:
        return lecture
    record("lecture.take_down_lift", actor=user, target=lecture)
    if Review.objects.filter(lecture=lecture, state__in=UNFINISHED).exists():
        return lecture
    try:
        return lecture_release(lecture=lecture, user=user)
    except NotReadyError as problem:
        raise ReviewError(str(problem)) from problem
