"""Publishing a lecture and taking it back, with exactly one audit entry for each.

Wagtail publishes from several places (editor, bulk action, scripts), and each of them writes
one entry into Wagtail's page log. The audit entry is written beside it, in the same transaction,
so no way of publishing can forget it. Who may publish is in `cms.permissions`.
"""

import datetime as dt
import logging
from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.models import Page, PageLogEntry, Revision

from audit import log
from cms.decisions import lecture_came_down, lecture_went_live
from cms.models import LecturePage
from cms.permissions import check_can_publish
from cms.recordings import recording_problem
from cms.review.gate import review_problem
from cms.review.telling import author_tell

# Wagtail's page log → ours. The name of an action never changes.
ACTIONS = {
    "wagtail.publish": "lecture.publish",
    "wagtail.publish.scheduled": "lecture.publish",
    "wagtail.unpublish": "lecture.unpublish",
    "wagtail.unpublish.scheduled": "lecture.expire",
    "wagtail.publish.schedule": "lecture.schedule",
    "wagtail.schedule.cancel": "lecture.schedule_end",
}
STANDS = {
    "lecture.publish": lecture_went_live,
    "lecture.unpublish": lecture_came_down,
    "lecture.expire": lecture_came_down,
}
# What its author is told.
TOLD = {
    "lecture.publish": "published",
    "lecture.unpublish": "taken_down",
    "lecture.expire": "expired",
}

logger = logging.getLogger(__name__)


class NotReadyError(Exception):
    """The lecture cannot be published yet; the message is for the person."""


@transaction.atomic
def lecture_release(*, lecture: LecturePage, user: Any) -> LecturePage:
    """Publish the latest draft, for those who have found that the person may: the final review does
    it by its own rules. Publishing what is published as it is changes nothing.

    Raises NotReadyError.
    """
    lecture = LecturePage.objects.select_for_update().get(pk=lecture.pk)
    if lecture.live and not lecture.has_unpublished_changes:
        return lecture
    draft = lecture.get_latest_revision_as_object()
    problem = review_problem(lecture, asset_id=draft.asset_id) or recording_problem(draft.asset)
    if problem:
        raise NotReadyError(problem)
    revision = lecture.get_latest_revision() or lecture.save_revision(user=user)
    # Whether the person may was decided above, by posts; Wagtail's groups only follow them.
    revision.publish(user=user, skip_permission_checks=True)
    return LecturePage.objects.get(pk=lecture.pk)


@transaction.atomic
def lecture_unpublish(*, lecture: LecturePage, user: Any) -> LecturePage:
    """Take a lecture out of the library; evidence of watching stays. Raises PermissionDenied."""
    lecture = LecturePage.objects.select_for_update().get(pk=lecture.pk)
    check_can_publish(user, lecture)
    page_withdraw(lecture, user=user)
    return LecturePage.objects.get(pk=lecture.pk)


def page_withdraw(lecture: LecturePage, *, user: Any) -> None:
    """Out of the library, whoever it is that decided so; Wagtail's own question does not arise."""
    if lecture.live:
        UnpublishPageAction(lecture, user=user).execute(skip_permission_checks=True)


def page_logged(entry: PageLogEntry) -> None:
    """Called for each new entry in Wagtail's page log."""
    action = ACTIONS.get(entry.action)
    if action is None:
        return
    lecture = LecturePage.objects.filter(pk=entry.page_id).first()
    if lecture is None:
        return
    if (follow := STANDS.get(action)) is not None:
        follow(lecture=lecture, user=entry.user, now=entry.timestamp)
        author_tell(lecture, TOLD[action], by=entry.user)
    log.record(action, actor=entry.user, target=lecture, asset=str(lecture.asset_id))


def lectures_due(*, now: dt.datetime) -> int:
    """Publish and take down what was scheduled for a time that has come; how many changed.

    Each by itself, so that one whose recording is gone by then, or that is in review again, does
    not hold up the others; it is tried again at every turn. It counts as published by whoever
    scheduled it.
    """
    expired = LecturePage.objects.filter(live=True, expire_at__lte=now).values_list("pk", flat=True)
    due = Revision.objects.filter(
        approved_go_live_at__lte=now,
        base_content_type=ContentType.objects.get_for_model(Page),
    ).order_by("approved_go_live_at", "pk")
    changed = sum(_take_down(pk) for pk in list(expired))
    return changed + sum(_publish(pk) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _take_down(pk: int) -> bool:
    lecture = LecturePage.objects.select_for_update(of=("self",)).get(pk=pk)
    if lecture.live:
        lecture.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    return True


def _publish(pk: int) -> bool:
    revision = Revision.objects.get(pk=pk)
    scheduled = PageLogEntry.objects.filter(revision=revision, action="wagtail.publish.schedule")
    entry = scheduled.order_by("-timestamp").first()
    try:
        with transaction.atomic():
            Page.objects.select_for_update().get(pk=revision.object_id)
            if not Revision.objects.filter(pk=pk, approved_go_live_at__isnull=False).exists():
                return False  # another host was quicker
            _check_is_reviewed(revision)
            revision.publish(
                user=entry.user if entry else None,
                log_action="wagtail.publish.scheduled",
                skip_permission_checks=True,
            )
    except (NotReadyError, ValidationError) as problem:
        logger.warning("Lecture %s is due and cannot be published: %s", revision.object_id, problem)
        return False
    return True


def _check_is_reviewed(revision: Revision) -> None:
    """It may have come into review again since it was scheduled. Raises NotReadyError."""
    lecture = LecturePage.objects.get(pk=revision.object_id)
    if problem := review_problem(lecture, asset_id=revision.as_object().asset_id):
        raise NotReadyError(problem)


def scheduled_keys() -> list[int]:
    """The keys of lectures whose publication at a set time is agreed."""
    scheduled = Revision.page_revisions.filter(approved_go_live_at__isnull=False)
    return [int(pk) for pk in scheduled.values_list("object_id", flat=True)]


def unready(pages: Iterable[Page]) -> str:
    """Why these pages cannot be published together; "" when they can."""
    for lecture in LecturePage.objects.filter(pk__in=[page.pk for page in pages]):
        draft = lecture.get_latest_revision_as_object()
        problem = review_problem(lecture, asset_id=draft.asset_id)
        if problem := problem or recording_problem(draft.asset):
            return f"{draft.title}: {problem}"
    return ""
