"""One submission as its reviewers see it: the recording, what was said of it, who has held what.

Reading and wording only; the acts are in `acts`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cms.durations import duration_text
from cms.models import LecturePage
from cms.permissions import can_publish, why_not
from cms.review.findings import findings_of
from cms.review.models import Review, ReviewComment, ReviewStep
from cms.review.queue import next_of
from cms.review.reviewers import check_can_decide, check_can_proofread
from cms.review.standing import open_step_of, open_take_down, standing_of
from cms.review.words import words_mark
from cms.text_views import chapter_rows
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.chapters.marks import chapters_of
from media_pipeline.delivery import playback_for

State = ReviewStep.State


@dataclass(frozen=True)
class Part:
    """What the person can do with the open review; a sentence says why not."""

    may_proofread: bool = False
    may_decide: bool = False
    why_not: str = ""

    @property
    def may_act(self) -> bool:
        return self.may_proofread or self.may_decide


def sheet_of(review_id: int) -> Review | None:
    """The file with all that its page shows, in a constant number of queries."""
    found: Review | None = (
        Review.objects.select_related(
            "lecture__organization", "asset__package", "uploader", "organization", "secrecy_by"
        )
        .prefetch_related(
            "steps__unit",
            "steps__planned_unit",
            "steps__decided_by",
            "steps__proofread_by",
            "comments__author",
            "lecture__take_downs",
        )
        .filter(pk=review_id)
        .first()
    )
    return found


def part_of(user: Any, review: Review) -> Part:
    step = open_step_of(review)
    if step is None or review.held_since is not None or not review.asset.is_ready:
        return Part()
    is_read = step.proofread_by_id is not None
    no_reading = why_not(check_can_proofread, user, review, step)
    no_decision = why_not(check_can_decide, user, review, step)
    # Whoever wants two people lets the second one decide when the first has read.
    decides = not no_decision and (is_read or not step.separate)
    return Part(
        may_proofread=not is_read and not no_reading,
        may_decide=decides,
        why_not=no_decision or ("" if is_read else no_reading),
    )


def sheet_context(review: Review, *, user: Any, now: dt.datetime) -> dict[str, Any]:
    """What templates/cms/review/sheet.html shows."""
    step = open_step_of(review)
    part = part_of(user, review)
    lecture: LecturePage = review.lecture.get_latest_revision_as_object()
    captions = CaptionTrack.objects.filter(asset=review.asset_id).first()
    chapters = chapters_of(review.asset)
    words, tone = standing_of(review)
    following = next_of(user, step) if step else None
    is_down = open_take_down(review.lecture) is not None
    return {
        "nav": "review",
        "review": review,
        "lecture": lecture,
        "page": review.lecture,
        "step": step,
        "part": part,
        "standing": {"text": words, "tone": tone},
        "steps": [one for one in review.steps.all() if one.round == review.round],
        "earlier": [
            one
            for one in review.steps.all()
            if one.round != review.round and one.state in (State.SENT_BACK, State.REFUSED)
        ],
        "comments": comments_of(review),
        "findings": findings_of(review.asset, has_captions=captions is not None),
        "playback": playback_for(review.asset, now=now) if review.asset.is_ready else None,
        "captions_url": reverse("review:captions", args=[review.pk]) if captions else "",
        "captions_unchecked": bool(captions and captions.is_unchecked),
        "chapters": chapter_rows(chapters),
        "words": words_mark(captions.text if captions else None, chapters),
        "duration_text": duration_text(review.asset.duration),
        "audiences": audiences_text(lecture),
        "next_url": reverse("review:sheet", args=[following.review_id]) if following else "",
        "can_take_down": (review.lecture.live or is_down) and can_publish(user, review.lecture),
        "is_down": is_down,
    }


def audiences_text(lecture: LecturePage) -> str:
    """For whom it is meant, in words."""
    names = [one.name for one in lecture.audiences.all()]
    return pgettext("between names", ", ").join(names) or _("All members")


def comments_of(review: Review) -> list[ReviewComment]:
    """Those of the present recording by time, then those of earlier ones."""
    comments = list(review.comments.all())
    return sorted(
        comments,
        key=lambda one: (-one.version, one.second is None, one.second or 0.0, one.pk),
    )
