"""A submission enters review, comes back changed, or gets a new recording; and the sweep.

Each act is one transaction that ends with its entry in the log. Judging is in `acts`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from cms.models import LecturePage
from cms.publishing import page_withdraw
from cms.review import wagtail_states
from cms.review.errors import ReviewError
from cms.review.gate import recording_published
from cms.review.lines import plan_for
from cms.review.models import Review, ReviewStep, ReviewVersion, SubmissionDraft, TakeDown
from cms.review.plan import is_staffed
from cms.review.reviewers import barred_from, deciders_of, staff_by_kind, unit_for
from cms.review.telling import author_untell
from media_pipeline.models import Upload, VideoAsset

State = Review.State
# As long as an unfinished upload is kept.
HOLD_LASTS = dt.timedelta(hours=48)
# The round in which a recording passed that was published without any.
BEFORE_REVIEWS = 0


@transaction.atomic
def review_open(
    *,
    lecture: LecturePage,
    user: Any,
    now: dt.datetime,
    script: str = "",
    declared: bool = False,
    published: VideoAsset | None = None,
) -> Review:
    """Open the file of a lecture and its first round; there is one for each lecture.

    `published` is the recording that members see meanwhile: it is from before there were reviews,
    and what the lecture returns to when the new one is refused.
    """
    present = Review.objects.filter(lecture=lecture).first()
    if present is not None:
        return present
    if lecture.asset is None or lecture.organization is None:
        raise ValueError("a lecture in review has a recording and a unit")
    review = Review.objects.create(
        lecture=lecture,
        asset=lecture.asset,
        uploader=user,
        organization=lecture.organization,
        opened_at=now,
        version=1 if published is None else 2,
        script=script,
        declared_at=now if declared else None,
    )
    if published is not None:
        ReviewVersion.objects.create(
            review=review, number=1, asset=published, added_at=now, passed_round=BEFORE_REVIEWS
        )
    ReviewVersion.objects.create(
        review=review, number=review.version, asset=lecture.asset, added_at=now
    )
    _round_begin(review, now=now, user=user)
    record("review.open", actor=user, target=lecture, asset=str(lecture.asset_id))
    return review


def check_is_own(user: Any, review: Review) -> None:
    if review.uploader_id != user.pk:
        raise PermissionDenied(_("This is somebody else's submission."))


@transaction.atomic
def review_resubmit(
    *,
    review_id: int,
    user: Any,
    fields: dict[str, Any],
    asset: VideoAsset | None,
    now: dt.datetime,
) -> Review:
    """The author hands in again: with changed words, or with a new recording (`asset`).

    Approvals of the same recording stay; a new one resets all of them. `fields` are those of the
    form: title, speaker, subject, summary, recorded_on, audiences, script.
    Raises PermissionDenied, ReviewError.
    """
    review = locked(review_id)
    check_is_own(user, review)
    is_new = asset is not None and asset.pk != review.asset_id
    if review.state == State.REFUSED:
        raise ReviewError(
            _("This submission was refused. Please hand the lecture in anew as one of its own.")
        )
    if not is_new and review.state != State.SENT_BACK:
        raise ReviewError(_("This submission is in review already. You see below how far it is."))
    if asset is not None and is_new:
        _check_is_free(asset, user)
    lecture = review.lecture
    _words_take(lecture, fields, asset if is_new else None, user)
    review.script = fields["script"]
    review.declared_at, review.secrecy_by, review.secrecy_at = now, None, None
    version_put(review, asset if is_new else None, user=user, now=now)
    SubmissionDraft.objects.filter(user=user, lecture=lecture).delete()
    author_untell(lecture)
    record(
        "review.replace" if is_new else "review.resubmit",
        actor=user,
        target=lecture,
        asset=str(review.asset_id),
    )
    return review


def version_put(review: Review, asset: VideoAsset | None, *, user: Any, now: dt.datetime) -> None:
    """Begin the next round, anew for a new recording. The caller holds the row's lock."""
    carried: list[ReviewStep] = []
    steps = list(review.steps.filter(round=review.round))
    last = review.steps.aggregate(round=Max("round", default=0), version=Max("version", default=0))
    if asset is not None:
        review.version = max(review.version, last["version"]) + 1
        review.asset = asset
        # An earlier recording again is a new version, and no longer the earlier one.
        known = review.versions.filter(asset=asset).first()
        version = known or ReviewVersion(review=review, asset=asset)
        version.number, version.added_at = review.version, now
        version.save()
    else:
        carried = [step for step in steps if step.state == ReviewStep.State.APPROVED]
    review.steps.filter(state__in=[ReviewStep.State.OPEN, ReviewStep.State.WAITING]).update(
        state=ReviewStep.State.VOID
    )
    review.round = max(review.round, last["round"]) + 1
    review.state, review.held_since = State.REVIEWING, None
    review.save()
    _round_begin(review, now=now, user=user, carried=carried)


PASSED_WITH = ("script", "declared_at", "secrecy_by", "secrecy_at")


def version_passed(review: Review) -> None:
    """The last review was passed: keep what with. The caller holds the row's lock."""
    kept = {name: getattr(review, name) for name in PASSED_WITH}
    review.versions.filter(asset=review.asset_id).update(passed_round=review.round, **kept)


def version_return(review: Review, *, user: Any, note: str, now: dt.datetime) -> None:
    """A recording of a published lecture was refused: file and draft go back to the one that
    passed. What was refused itself is members' no more. The caller holds the lock.
    """
    lecture = LecturePage.objects.get(pk=review.lecture_id)
    former = review.versions.filter(asset=lecture.asset_id, passed_round__isnull=False).first()
    if former is None or former.passed_round is None or former.asset_id == review.asset_id:
        if lecture.live:
            TakeDown.objects.create(lecture=lecture, by=user, at=now, reason=note)
            page_withdraw(lecture, user=user)
        return
    review.asset_id, review.version = former.asset_id, former.number
    review.round = former.passed_round
    for name in PASSED_WITH:
        setattr(review, name, getattr(former, name))
    review.state, review.held_since = State.APPROVED, None
    review.save()
    lecture.save_revision(user=user)
    LecturePage.objects.filter(pk=lecture.pk).update(
        draft_title=lecture.title, has_unpublished_changes=not lecture.live
    )
    wagtail_states.dropped(lecture, user=user)
    record("review.return", actor=user, target=lecture, asset=str(former.asset_id))


@transaction.atomic
def version_announce(*, review_id: int, user: Any, now: dt.datetime) -> Review:
    """The author begins to upload a new recording: until it is here nobody decides.

    Raises PermissionDenied, ReviewError.
    """
    review = locked(review_id)
    check_is_own(user, review)
    if review.state == State.REFUSED:
        raise ReviewError(
            _("This submission was refused. Please hand the lecture in anew as one of its own.")
        )
    if review.held_since is None:
        record("review.hold", actor=user, target=review.lecture)
    review.held_since = now
    review.save(update_fields=["held_since"])
    return review


@transaction.atomic
def version_withdraw(*, review_id: int, user: Any) -> Review:
    """The author stays with the recording there is. Twice is once. Raises PermissionDenied."""
    review = locked(review_id)
    check_is_own(user, review)
    if review.held_since is not None:
        review.held_since = None
        review.save(update_fields=["held_since"])
        record("review.release", actor=user, target=review.lecture)
    return review


def draft_followed(lecture: LecturePage, *, user: Any, now: dt.datetime) -> Review | None:
    """A keeper saved the lecture in Wagtail: a draft without a file gets one, another recording
    resets the approvals. The file, if it has to be reviewed now.
    """
    lecture = LecturePage.objects.get(pk=lecture.pk)
    draft = lecture.get_latest_revision_as_object()
    if draft.asset_id is None:
        return None
    with transaction.atomic():
        review = Review.objects.select_for_update().filter(lecture=lecture).first()
        if review is None:
            if lecture.organization_id is None:
                return None
            if draft.asset_id == recording_published(lecture):
                return None  # published before there were reviews; only its words are changed
            published = lecture.asset if lecture.live else None
            lecture.asset = draft.asset
            return review_open(lecture=lecture, user=user, now=now, published=published)
        if draft.asset_id == review.asset_id or review.state == State.REFUSED:
            return None
        review.secrecy_by = review.secrecy_at = review.declared_at = None
        version_put(review, draft.asset, user=user, now=now)
        record("review.replace", actor=user, target=lecture, asset=str(draft.asset_id))
        return review


def locked(review_id: int) -> Review:
    """The file, held until the transaction ends. Raises Review.DoesNotExist."""
    review: Review = Review.objects.select_for_update().get(pk=review_id)
    return review


def step_open(step: ReviewStep, review: Review, *, now: dt.datetime) -> None:
    """It is now with the people of a unit."""
    step.unit = unit_for(step, review=review, steps=review.steps.all())
    step.state, step.opened_at = ReviewStep.State.OPEN, now
    step.save(update_fields=["unit", "state", "opened_at"])


def _round_begin(
    review: Review, *, now: dt.datetime, user: Any, carried: list[ReviewStep] | None = None
) -> None:
    planned, line = plan_for(review.organization)
    kept = {(step.kind, step.planned_unit_id): step for step in carried or []}
    steps: list[ReviewStep] = []
    for position, one in enumerate(planned):
        step = ReviewStep(
            review=review,
            round=review.round,
            version=review.version,
            position=position,
            kind=one.kind,
            planned_unit_id=one.unit,
            separate=line.separate,
        )
        before = kept.get((str(one.kind), one.unit))
        # Only what was passed in a row from the beginning: a later review rests on the earlier.
        if before is not None and all(made.is_carried for made in steps):
            step.is_carried, step.state, step.unit_id = True, before.state, before.unit_id
            step.opened_at, step.note = before.opened_at, before.note
            step.proofread_by_id, step.proofread_at = before.proofread_by_id, before.proofread_at
            step.decided_by_id, step.decided_at = before.decided_by_id, before.decided_at
        steps.append(step)
    ReviewStep.objects.bulk_create(steps)
    first = review.steps.filter(round=review.round, state=ReviewStep.State.WAITING).first()
    if first is not None:
        step_open(first, review, now=now)
        wagtail_states.began(review.lecture, first, user=user)


def _check_is_free(asset: VideoAsset, user: Any) -> None:
    if asset.owner_id != user.pk:
        raise PermissionDenied(_("This is somebody else's recording."))
    taken = asset.lectures.exists() or ReviewVersion.objects.filter(asset=asset).exists()
    if taken or asset.state == VideoAsset.State.REFUSED:
        raise ReviewError(_("This recording cannot be taken. Please choose another one."))


def _words_take(
    lecture: LecturePage, fields: dict[str, Any], asset: VideoAsset | None, user: Any
) -> None:
    """Into the draft; a lecture that was published once stays as it was until its review is
    through, for that is what it returns to when the new version is refused.
    """
    draft = lecture.get_latest_revision_as_object()
    was_published = lecture.first_published_at is not None
    for target in (draft,) if was_published else (draft, lecture):
        for name in ("title", "speaker", "subject", "summary", "recorded_on"):
            setattr(target, name, fields[name])
        target.audiences.set(fields["audiences"])
        if asset is not None:
            target.asset = asset
    if not was_published:
        lecture.draft_title = lecture.title
        lecture.save()
    draft.save_revision(user=user)
    lecture.refresh_from_db()


def reviews_sweep(*, now: dt.datetime | None = None) -> int:
    """What was left undone: drafts without a file, holds that nobody ended, reviews whose people
    have gone. How many were mended; twice is harmless.
    """
    now = now or timezone.now()
    mended = Review.objects.filter(held_since__lt=now - HOLD_LASTS).update(held_since=None)
    mended += _held_for_nothing(now).update(held_since=None)
    lost = LecturePage.objects.filter(
        live=False,
        first_published_at=None,
        review=None,
        asset__isnull=False,
        organization__isnull=False,
        asset__review_version=None,
    ).select_related("asset__owner", "organization", "submitted_by")
    for lecture in lost:
        author = lecture.submitted_by or lecture.asset.owner
        review_open(lecture=lecture, user=author, now=now)
        mended += 1
    return mended + _unstaffed_move(now)


def _held_for_nothing(now: dt.datetime) -> Any:
    """Reviews whose author sent a file that was refused, and no other that might take their place.
    The page that sent it tells so by itself, but it may have been closed.
    """
    loose = VideoAsset.objects.filter(
        owner=OuterRef("uploader"), lectures=None, review_version=None
    )
    refused = loose.filter(
        state=VideoAsset.State.REFUSED, jobs__finished_at__gte=OuterRef("held_since")
    )
    other = loose.exclude(state=VideoAsset.State.REFUSED).filter(
        created_at__gte=OuterRef("held_since")
    )
    coming = Upload.objects.owned_by(OuterRef("uploader")).receiving(now)
    return Review.objects.filter(Exists(refused), ~Exists(other), ~Exists(coming))


def _unstaffed_move(now: dt.datetime) -> int:
    """Open reviews whose unit has nobody left for them are held where there is somebody."""
    steps = ReviewStep.objects.filter(state=ReviewStep.State.OPEN)
    units = set(steps.order_by().values_list("unit_id", flat=True).distinct()) - {None}
    staff = staff_by_kind(units)
    moved = 0
    steps = steps.select_related("review__asset", "planned_unit").order_by("pk")
    for step in steps.prefetch_related("review__steps").iterator(chunk_size=500):
        people = staff[step.kind][step.unit_id or 0]
        rounds = step.review.steps.all()
        if is_staffed(
            people.reviewers,
            people.proofreaders,
            barred=barred_from(step.review),
            deciders=deciders_of(rounds, step),
            proofreader=step.proofread_by_id,
            separate=step.separate,
        ):
            continue
        unit = unit_for(step, review=step.review, steps=rounds)
        if (unit.pk if unit else None) != step.unit_id:
            still = ReviewStep.objects.filter(pk=step.pk, state=ReviewStep.State.OPEN)
            moved += still.update(unit=unit)
    return moved
