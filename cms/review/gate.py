"""Whether a lecture may be published as far as its review goes; every way of publishing asks."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from wagtail.models import PageLogEntry

from cms.review.models import Review, ReviewVersion, TakeDown

if TYPE_CHECKING:
    from cms.models import LecturePage
    from media_pipeline.models import VideoAsset

PUBLISHED = ("wagtail.publish", "wagtail.publish.scheduled")


def review_problem(lecture: LecturePage, *, asset_id: uuid.UUID | None) -> str:
    """Why the lecture cannot be published with this recording; "" when it can.

    Every recording passes its reviews first. Only a lecture that was published before there were
    any has no file; its words may change, its recording may not.
    """
    if is_taken_down(lecture):
        return _("This lecture was taken down. Please lift that first, on the page of its review.")
    review = Review.objects.filter(lecture=lecture.pk).first()
    if review is None:
        return "" if asset_id in (None, recording_published(lecture)) else _not_reviewed()
    if review.state == Review.State.REFUSED:
        return _("This submission was refused in review and cannot be published.")
    if review.state == Review.State.SENT_BACK:
        return _("This submission was sent back to its author and has to come again.")
    if review.state == Review.State.REVIEWING:
        return _("This lecture is still in review. It is published by the final review.")
    if asset_id != review.asset_id:
        return _("The recording was changed after the review, so it has to be reviewed again.")
    return ""


def recording_published(lecture: LecturePage) -> uuid.UUID | None:
    """The recording with which the lecture is published, or was the last time. The row tells it
    only while it is live: then Wagtail keeps drafts apart.
    """
    live = type(lecture)._default_manager.filter(pk=lecture.pk, live=True)
    if found := live.values_list("asset", flat=True).first():
        return found
    entries = PageLogEntry.objects.filter(
        page=lecture.pk, action__in=PUBLISHED, revision__isnull=False
    )
    entry = entries.select_related("revision").order_by("-timestamp", "-pk").first()
    asset = entry.revision.content.get("asset") if entry is not None else None
    return uuid.UUID(asset) if asset else None


def _not_reviewed() -> str:
    return _(
        "This recording has not been reviewed yet. Please save the draft: it then goes into "
        "review, and the final review publishes it."
    )


def waits_text(lecture: LecturePage, *, now: dt.datetime) -> str:
    """What a time of publication means while the review is not through; "" when none is set."""
    open_states = (Review.State.REVIEWING, Review.State.SENT_BACK)
    if not Review.objects.filter(lecture=lecture.pk, state__in=open_states).exists():
        return ""
    at = lecture.get_latest_revision_as_object().go_live_at
    if at is None or at <= now:
        return ""
    return _(
        "This lecture is still in review, so the time alone does not publish it. It goes live at "
        "the time that is set if the final review has passed it by then, otherwise when it passes."
    )


def publishing_open(lecture: LecturePage) -> bool:
    """For Wagtail's buttons: whether nothing of the review stands in the way."""
    if not Review.objects.filter(lecture=lecture.pk).exists():
        return True  # the form says what to do
    draft = lecture.get_latest_revision_as_object()
    return not review_problem(lecture, asset_id=draft.asset_id)


def is_taken_down(lecture: LecturePage) -> bool:
    return TakeDown.objects.filter(lecture=lecture.pk, lifted_at=None).exists()


def lecture_of_version(asset: VideoAsset, *, but: int | None) -> LecturePage | None:
    """Of which other lecture the recording is a version, also an earlier one."""
    versions = ReviewVersion.objects.filter(asset=asset).exclude(review__lecture=but)
    version = versions.select_related("review__lecture").first()
    return version.review.lecture if version else None
