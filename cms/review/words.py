"""Captions and chapters of what was handed in: what is changed is proofread again, and what was
approved is changed by keepers alone.

They are words that members read beside the film, so a proofreading is of them as well. Keeping
them is in `media_pipeline`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from cms.models import LecturePage
from cms.permissions import can_publish, lecture_unit
from cms.review.models import Review, ReviewStep
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.chapters.marks import chapters_of
from media_pipeline.chapters.reading import ChapterLine
from media_pipeline.models import VideoAsset

State = ReviewStep.State


@contextmanager
def words_open(*, asset: VideoAsset, user: Any) -> Iterator[None]:
    """One transaction for changing captions or chapters of a recording.

    What was different in them before voids the proofreading of the open review, and the check for
    secrets with it. Raises PermissionDenied before anything is changed.
    """
    with transaction.atomic():
        review = (
            Review.objects.select_for_update(of=("self",)).filter(versions__asset=asset).first()
        )
        check_can_change_words(user, asset)
        before = words_of(asset)
        yield
        if review is not None and review.asset_id == asset.pk and words_of(asset) != before:
            _read_again(review, user=user)


def check_can_change_words(user: Any, asset: VideoAsset) -> None:
    """Once a recording has passed its review, or is published, only who keeps the lecture does."""
    review = Review.objects.filter(asset=asset).select_related("lecture").first()
    shown = LecturePage.objects.filter(asset=asset, first_published_at__isnull=False).first()
    has_passed = review is not None and review.state == Review.State.APPROVED
    lecture = review.lecture if review is not None and has_passed else shown
    if lecture is None or can_publish(user, lecture):
        return
    step = ReviewStep.objects.filter(review__lecture=lecture, state=State.APPROVED)
    last = step.select_related("unit").order_by("decided_at", "position").last()
    unit = last.unit if last and last.unit else lecture_unit(lecture)
    raise PermissionDenied(
        _(
            "This recording has passed its review, so its captions and chapters are changed by the "
            "reviewers and curators responsible. Please ask those of %(unit)s, or upload a new "
            "version."
        )
        % {"unit": unit}
    )


def words_mark(captions: str | None, chapters: list[ChapterLine]) -> str:
    """By which a sheet says which captions and chapters its reader had before them."""
    return hashlib.sha256(repr((captions, chapters)).encode()).hexdigest()[:16]


def words_heard(asset_id: Any) -> None:
    """What a machine has heard came in meanwhile, past `words_open`."""
    with transaction.atomic():
        reviews = Review.objects.select_for_update(of=("self",))
        review = reviews.filter(asset=asset_id, state=Review.State.REVIEWING).first()
        if review is not None:
            _read_again(review, user=None)


def words_of(asset: VideoAsset) -> tuple[str | None, list[ChapterLine]]:
    """Captions as they are stored, and chapters."""
    captions = CaptionTrack.objects.filter(asset=asset).values_list("text", flat=True).first()
    return captions, chapters_of(asset)


def _read_again(review: Review, *, user: Any) -> None:
    """The caller holds the row's lock."""
    step = review.steps.filter(state=State.OPEN).first()
    if step is None or (step.proofread_by_id is None and review.secrecy_by_id is None):
        return
    step.proofread_by = step.proofread_at = None
    step.changed_at = timezone.now()
    step.save(update_fields=["proofread_by", "proofread_at", "changed_at"])
    review.secrecy_by = review.secrecy_at = None
    review.save(update_fields=["secrecy_by", "secrecy_at"])
    record("review.unread", actor=user, target=review.lecture, **step.log_detail())
