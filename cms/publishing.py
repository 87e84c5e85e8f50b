"""Publishing a lecture and taking it back, with exactly one audit entry for each.

Wagtail publishes from several places (editor, bulk action, scripts), and each of them writes
one entry into Wagtail's page log. The audit entry is written beside it, in the same transaction,
so no way of publishing can forget it. Who may publish is in `cms.permissions`.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.models import Page, PageLogEntry

from audit import log
from cms.models import LecturePage
from cms.permissions import check_can_publish
from cms.recordings import recording_problem
from cms.review.gate import review_problem

# Wagtail's page log → ours. The name of an action never changes.
ACTIONS = {"wagtail.publish": "lecture.publish", "wagtail.unpublish": "lecture.unpublish"}


class NotReadyError(Exception):
    """The lecture cannot be published yet; the message is for the person."""


@transaction.atomic
def lecture_publish(*, lecture: LecturePage, user: Any) -> LecturePage:
    """Publish the latest draft. Publishing what is published as it is changes nothing.

    Raises PermissionDenied, NotReadyError.
    """
    check_can_publish(user, LecturePage.objects.get(pk=lecture.pk))
    return lecture_release(lecture=lecture, user=user)


@transaction.atomic
def lecture_release(*, lecture: LecturePage, user: Any) -> LecturePage:
    """As `lecture_publish`, for those who have found that the person may: the final review does it
    by its own rules. Raises NotReadyError.
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
    if lecture.live:
        # As with publishing: posts decide, Wagtail's own question was answered above.
        UnpublishPageAction(lecture, user=user).execute(skip_permission_checks=True)
    return LecturePage.objects.get(pk=lecture.pk)


def page_logged(entry: PageLogEntry) -> None:
    """Called for each new entry in Wagtail's page log."""
    action = ACTIONS.get(entry.action)
    if action is None:
        return
    lecture = LecturePage.objects.filter(pk=entry.page_id).first()
    if lecture is not None:
        log.record(action, actor=entry.user, target=lecture, asset=str(lecture.asset_id))


def unready(pages: Iterable[Page]) -> str:
    """Why these pages cannot be published together; "" when they can."""
    for lecture in LecturePage.objects.filter(pk__in=[page.pk for page in pages]):
        draft = lecture.get_latest_revision_as_object()
        problem = review_problem(lecture, asset_id=draft.asset_id)
        if problem := problem or recording_problem(draft.asset):
            return f"{draft.title}: {problem}"
    return ""
