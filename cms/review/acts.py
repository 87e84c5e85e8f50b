"""What reviewers do with a submission: proofread, check for secrets, comment, decide.

Every act names the step, the version and the words that its author looked at, holds the file's row,
and ends with its entry in the log. Of two at once the first one counts; the other is told so.
"""

from __future__ import annotations

import datetime as dt
import math
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record
from cms.models import LecturePage
from cms.publishing import NotReadyError, lecture_release
from cms.review import wagtail_states
from cms.review.errors import (
    ReviewError,
    already_decided,
    version_changed,
    version_on_its_way,
    words_changed,
)
from cms.review.models import Kind, Review, ReviewComment, ReviewStep
from cms.review.reviewers import (
    check_can_decide,
    check_can_proofread,
    check_can_read,
    check_can_see,
)
from cms.review.rounds import locked, step_open, version_passed, version_return
from cms.review.telling import author_tell
from cms.review.words import words_mark, words_of

State = ReviewStep.State


class Verdict(StrEnum):
    APPROVE = "approve"
    SEND_BACK = "send_back"
    REFUSE = "refuse"


@transaction.atomic
def proofread(
    *, review_id: int, step_id: int, version: int, user: Any, now: dt.datetime, words: str = ""
) -> ReviewStep:
    """Title, summary, captions and slides were read and are right. Twice is once.

    Raises PermissionDenied, ReviewError.
    """
    review, step = _open_step(review_id, step_id, version)
    check_can_proofread(user, review, step)
    _check_words(review, words)
    _proofread_take(review, step, user=user, now=now)
    return step


@transaction.atomic
def secrecy_pass(
    *, review_id: int, step_id: int, version: int, user: Any, now: dt.datetime, words: str = ""
) -> Review:
    """A named reviewer found nothing secret (谁审核谁负责). Twice is once.

    Raises PermissionDenied, ReviewError.
    """
    review, step = _open_step(review_id, step_id, version)
    check_can_read(user, review, step)
    _check_words(review, words)
    _secrecy_take(review, step, user=user, now=now)
    return review


@transaction.atomic
def comment_add(
    *,
    review_id: int,
    version: int,
    user: Any,
    text: str,
    second: float | None,
    now: dt.datetime,
) -> ReviewComment:
    """Say something about a second of the recording, or about the whole.

    Also while a new version is on its way: nothing that was seen shall be lost. Raises
    PermissionDenied, ReviewError.
    """
    review = locked(review_id)
    check_can_see(user, review)
    if review.state != Review.State.REVIEWING:
        raise ReviewError(_("This review is over; there is nothing to comment on any more."))
    if version != review.version:
        raise version_changed()
    if second is not None and not (
        math.isfinite(second) and 0 <= second <= (review.asset.duration or 0) + 1
    ):
        raise ReviewError(_("This moment lies outside the recording. Please choose another."))
    comment = ReviewComment.objects.create(
        review=review,
        version=review.version,
        round=review.round,
        second=None if second is None else round(second, 1),
        text=text,
        author=user,
        created_at=now,
    )
    record("review.comment", actor=user, target=review.lecture, at=comment.second)
    return comment


@transaction.atomic
def comment_remove(*, comment_id: int, user: Any) -> bool:
    """One's own, as long as the round lasts; False when it is gone already."""
    comment = ReviewComment.objects.filter(pk=comment_id, author=user).first()
    if comment is None:
        return False
    review = locked(comment.review_id)
    if review.state != Review.State.REVIEWING or comment.round != review.round:
        raise ReviewError(_("This comment has reached the author and stays."))
    comment.delete()
    record("review.comment_remove", actor=user, target=review.lecture)
    return True


@transaction.atomic
def review_decide(
    *,
    review_id: int,
    step_id: int,
    version: int,
    user: Any,
    verdict: Verdict,
    note: str = "",
    secrecy: bool = False,
    proofread: bool = False,
    words: str = "",
    now: dt.datetime,
) -> Review:
    """Approve, send back with comments, or refuse with a reason.

    Approving takes a proofreading, a final review a check for secrets as well; `proofread` and
    `secrecy` say that they were made with this decision, the former only where the line lets one
    person do both. It hands on to the next review or publishes. Raises PermissionDenied,
    ReviewError; nothing has changed then.
    """
    review, step = _open_step(review_id, step_id, version)
    check_can_decide(user, review, step)
    # Before the log's head, which whoever takes the lecture down waits for with the page in hand.
    LecturePage.objects.select_for_update(of=("self",)).get(pk=review.lecture_id)
    if verdict == Verdict.APPROVE:
        _check_words(review, words)
    if verdict == Verdict.APPROVE and secrecy:
        _secrecy_take(review, step, user=user, now=now)
    if verdict == Verdict.APPROVE and proofread and not step.separate:
        _proofread_take(review, step, user=user, now=now)
    _check_is_due(review, step, verdict, note)
    step.decided_by, step.decided_at, step.note = user, now, note
    step.state = {
        Verdict.APPROVE: State.APPROVED,
        Verdict.SEND_BACK: State.SENT_BACK,
        Verdict.REFUSE: State.REFUSED,
    }[verdict]
    step.save(update_fields=["decided_by", "decided_at", "note", "state"])
    if verdict == Verdict.APPROVE:
        _hand_on(review, step, user=user, now=now)
    else:
        review.state = (
            Review.State.SENT_BACK if verdict == Verdict.SEND_BACK else Review.State.REFUSED
        )
        review.save(update_fields=["state"])
        review.steps.filter(state=State.WAITING).update(state=State.VOID)
        wagtail_states.turned_down(review.lecture, user=user, comment=note)
        if verdict == Verdict.REFUSE:
            version_return(review, user=user, note=note, now=now)
        author_tell(review.lecture, str(step.state), by=user)
    record(f"review.{verdict}", actor=user, target=review.lecture, **step.log_detail())
    return review


def _hand_on(review: Review, step: ReviewStep, *, user: Any, now: dt.datetime) -> None:
    following = review.steps.filter(round=review.round, state=State.WAITING).first()
    if following is not None:
        step_open(following, review, now=now)
        wagtail_states.passed(review.lecture, following, user=user, comment=step.note)
        return
    review.state = Review.State.APPROVED
    review.save(update_fields=["state"])
    version_passed(review)
    wagtail_states.passed(review.lecture, None, user=user, comment=step.note)
    try:
        lecture_release(lecture=review.lecture, user=user)
    except NotReadyError as problem:
        raise ReviewError(str(problem)) from problem


def _open_step(review_id: int, step_id: int, version: int) -> tuple[Review, ReviewStep]:
    """The file and the step, if that is what is open; else what happened, in a sentence."""
    review = locked(review_id)
    step = review.steps.select_related("decided_by", "unit").filter(pk=step_id).first()
    if step is None:
        raise version_changed()
    if step.decided_by is not None and not step.is_carried:
        raise already_decided(step.decided_by.name, step.get_state_display())
    if version != review.version or step.version != review.version:
        raise version_changed()
    if step.state != State.OPEN:
        raise ReviewError(_("This submission has moved on meanwhile. Please open it again."))
    if review.held_since is not None:
        raise version_on_its_way()
    return review, step


def _check_words(review: Review, words: str) -> None:
    """`words` is the mark of the captions and chapters that the person had before them; "" where
    nobody looked at a page.
    """
    if words and words != words_mark(*words_of(review.asset)):
        raise words_changed()


def _check_is_due(review: Review, step: ReviewStep, verdict: Verdict, note: str) -> None:
    if verdict == Verdict.REFUSE and not note:
        raise ReviewError(_("Please write down why it is refused; the author reads it."))
    if verdict == Verdict.SEND_BACK and not (
        note or review.comments.filter(round=review.round).exists()
    ):
        raise ReviewError(_("Please say what is to be changed, here or beside the recording."))
    if verdict != Verdict.APPROVE:
        return
    if not review.asset.is_ready:
        raise ReviewError(_("The recording is still being prepared. Please decide when it plays."))
    draft = LecturePage.objects.get(pk=review.lecture_id).get_latest_revision_as_object()
    if draft.asset_id != review.asset_id:
        raise version_changed()
    if step.proofread_by_id is None:
        raise ReviewError(_("It has to be proofread first: title, summary, captions and slides."))
    if step.kind == Kind.FINAL and review.secrecy_by_id is None:
        raise ReviewError(_("The check for secrets is missing. Please make it and tick it."))


def _proofread_take(review: Review, step: ReviewStep, *, user: Any, now: dt.datetime) -> None:
    if step.proofread_by_id is None:
        step.proofread_by, step.proofread_at = user, now
        step.save(update_fields=["proofread_by", "proofread_at"])
        record("review.proofread", actor=user, target=review.lecture, **step.log_detail())


def _secrecy_take(review: Review, step: ReviewStep, *, user: Any, now: dt.datetime) -> None:
    if review.secrecy_by_id is None:
        review.secrecy_by, review.secrecy_at = user, now
        review.save(update_fields=["secrecy_by", "secrecy_at"])
        record("review.secrecy", actor=user, target=review.lecture, **step.log_detail())
