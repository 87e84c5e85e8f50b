"""Where a submission stands, in the words and steps that its author sees.

A submission is a transfer under way, a recording, or a recording with its lecture. Reading and
wording only; handing in is `submissions`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cms.durations import duration_text
from cms.left_behind import left_behind_at
from cms.models import LecturePage
from cms.review.findings import Finding, captioned, findings_of
from cms.review.models import Review, ReviewVersion
from cms.review.standing import (
    Remark,
    names_at,
    remarks_of,
    review_stages,
    standing_of,
    taken_down,
    with_lectures,
    with_reviews,
)
from media_pipeline.messages import (
    CHECK_STEPS,
    advice,
    outlook_text,
    percent_of,
    sentence,
    size_text,
    state_text,
)
from media_pipeline.models import TranscodeJob, Upload, VideoAsset

State = VideoAsset.State
PER_PAGE = 30


@dataclass(frozen=True)
class Step:
    """`state` is done, current, waiting or failed; `percent` only of a current one."""

    key: str
    label: str
    state: str
    note: str = ""
    percent: int | None = None


@dataclass(frozen=True)
class Submission:
    """What templates/cms/submission_item.html shows; `tone` is info, ok, warn or danger."""

    title: str
    created_at: dt.datetime
    size_text: str
    state: str
    state_text: str
    tone: str
    asset_id: uuid.UUID | None = None
    duration_text: str = ""
    reason_text: str = ""
    advice_text: str = ""
    url: str = ""
    status_url: str = ""
    finish_url: str = ""
    retry_url: str = ""
    discard_url: str = ""
    recording_url: str = ""
    change_url: str = ""
    change_label: str = ""
    findings: list[Finding] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


def submissions_of(*, user: Any, page: Any = 1, now: dt.datetime | None = None) -> Page[Any]:
    """A page of the person's submissions, newest first, in a constant number of queries. What is
    still being sent stands before the first page and is not counted.
    """
    found = Paginator(_own_recordings(user), PER_PAGE).get_page(page)
    assets: list[VideoAsset] = list(found.object_list)
    names = names_at([review for review in map(review_of, assets) if review is not None])
    has_captions = captioned(assets)
    items = [
        asset_submission(asset, names=names, has_captions=asset.pk in has_captions)
        for asset in assets
    ]
    if found.number == 1:
        uploads = Upload.objects.owned_by(user).receiving(now or timezone.now())
        items = [*map(upload_submission, uploads.order_by("-created_at")), *items]
    found.object_list = items
    return found


def _own_recordings(user: Any) -> Any:
    """Of each submission one of the person's own versions, so that it is one item: the one that
    counts, else the last. Where a keeper's has followed, that one goes on telling how far the
    submission is.
    """
    better = (
        ReviewVersion.objects.filter(review=OuterRef("review_version__review"), asset__owner=user)
        .exclude(review__asset=OuterRef("pk"))
        .filter(Q(asset=F("review__asset")) | Q(number__gt=OuterRef("review_version__number")))
    )
    recordings = VideoAsset.objects.owned_by(user).exclude(Exists(better))
    return with_history(recordings, reviews=True).order_by("-created_at", "-pk")


def with_history(assets: Any, *, reviews: bool = False) -> Any:
    """Recordings with their full jobs and lectures, as the functions here read them; with all
    that is told of their reviews, if asked.
    """
    return assets.prefetch_related(
        Prefetch("jobs", TranscodeJob.objects.full().order_by("-pk")),
        Prefetch("lectures", LecturePage.objects.with_what_is_left_behind().order_by("pk")),
        Prefetch("lectures_before", LecturePage.objects.order_by("pk")),
        *(with_reviews() if reviews else with_lectures()),
    )


def upload_submission(upload: Upload) -> Submission:
    percent = upload.offset * 100 // upload.length
    return Submission(
        title=upload.original_name or _("Recording"),
        created_at=upload.created_at,
        size_text=size_text(upload.length),
        state="uploading",
        state_text=_("Being sent, %(percent)s%%") % {"percent": percent},
        tone="info",
        reason_text=_("Choose the same recording again above: it goes on where it stopped."),
        discard_url=reverse("cms:upload_discard", args=[upload.pk]),
    )


def asset_submission(
    asset: VideoAsset,
    *,
    names: dict[int, list[str]] | None = None,
    has_captions: bool | None = None,
) -> Submission:
    """`names` and `has_captions` are given by lists, which ask for them once for all."""
    job, lecture, review = job_of(asset), lecture_of(asset), review_of(asset)
    before = None if lecture else next(iter(asset.lectures_before.all()), None)
    words, tone = _standing(asset, job, lecture, review, before)
    failed = asset.state == State.FAILED
    missed = left_behind_at(asset, lecture)
    told = lecture or before
    if has_captions is None:
        has_captions = asset.pk in captioned([asset])
    if names is None:
        names = names_at([review] if review else [])
    change_url, change_label = _change(asset, review)
    # Then captions are for its keepers to add.
    has_passed = bool(told and told.first_published_at)
    return Submission(
        title=told.draft_title or told.title if told else asset.original_name or _("Recording"),
        created_at=asset.created_at,
        size_text=size_text(asset.size),
        state=_state(asset, lecture, review),
        state_text=words,
        tone=tone,
        asset_id=asset.pk,
        duration_text=duration_text(asset.duration),
        reason_text=_reason(asset) or missed,
        advice_text=advice(asset),
        url=(lecture.url or "") if lecture and lecture.live else "",
        status_url=(
            reverse("cms:upload_status", args=[asset.pk]) if asset.state == State.PROCESSING else ""
        ),
        finish_url=(
            f"{reverse('cms:upload')}?asset={asset.pk}"
            if told is None and asset.state in {State.PROCESSING, State.READY}
            else ""
        ),
        retry_url=reverse("cms:upload_retry", args=[asset.pk]) if failed else "",
        discard_url=(reverse("cms:recording_discard", args=[asset.pk]) if lecture is None else ""),
        recording_url=(
            reverse("cms:recording", args=[asset.pk]) if asset.state == State.READY else ""
        ),
        change_url=change_url,
        change_label=change_label,
        # What was left behind is said once, in its own words.
        findings=findings_of(asset, has_captions=has_captions or bool(missed) or has_passed),
        remarks=remarks_of(review) if review else [],
        steps=[
            Step("upload", pgettext("upload", "Sent"), "done", _day(asset.created_at)),
            *pipeline_steps(asset, job),
            *_after_pipeline(told, review, names),
        ],
    )


def review_of(asset: VideoAsset) -> Review | None:
    """The file of the submission that this recording is a version of."""
    try:
        return asset.review_version.review
    except ReviewVersion.DoesNotExist:
        return None


def is_superseded(asset: VideoAsset) -> bool:
    """A later version of the submission has taken its place."""
    review = review_of(asset)
    return review is not None and review.asset_id != asset.pk


def _reason(asset: VideoAsset) -> str:
    if is_superseded(asset):
        return _(
            "A newer recording has been put in the place of this one. What is said here is about "
            "the newer one."
        )
    return sentence(asset.reason) if asset.state in {State.FAILED, State.REFUSED} else ""


def _after_pipeline(
    lecture: LecturePage | None, review: Review | None, names: dict[int, list[str]]
) -> list[Step]:
    if review is None:
        return [_publication(lecture)]
    return [
        Step(stage.key, stage.label, stage.state, stage.note)
        for stage in review_stages(review, names=names)
    ]


def _change(asset: VideoAsset, review: Review | None) -> tuple[str, str]:
    """Where the author changes what was handed in, and what that is called."""
    if review is None or review.state == Review.State.REFUSED:
        return "", ""
    if review.uploader_id != asset.owner_id:
        return "", ""  # a keeper's recording in somebody's submission
    if asset.state in {State.FAILED, State.REFUSED}:
        label = _("Upload another recording")
    elif review.state == Review.State.SENT_BACK:
        label = _("Change it and hand it in again")
    else:
        label = _("Upload a new version")
    return reverse("cms:submission_change", args=[review.lecture_id]), label


def job_of(asset: VideoAsset) -> TranscodeJob | None:
    return next(iter(asset.jobs.all()), None)


def lecture_of(asset: VideoAsset) -> LecturePage | None:
    """Its lecture, also while that still shows an earlier version."""
    lecture: LecturePage | None = next(iter(asset.lectures.all()), None)
    review = review_of(asset) if lecture is None else None
    return review.lecture if review is not None else lecture


def pipeline_steps(asset: VideoAsset, job: TranscodeJob | None) -> list[Step]:
    """The check and the making of the renditions, as far as they are. A recording whose length is
    known has passed the check, by the preview's probe or by an earlier attempt.
    """
    checked = pgettext("upload", "Checked")
    made = pgettext("upload", "Made ready for phones")
    if asset.state == State.READY:
        ready_at = _day(asset.ready_at) if asset.ready_at else ""
        return [Step("check", checked, "done"), Step("transcode", made, "done", ready_at)]
    if asset.state == State.REFUSED:
        return [Step("check", checked, "failed"), Step("transcode", made, "waiting")]
    if asset.state == State.FAILED:
        return [Step("check", checked, "done"), Step("transcode", made, "failed")]
    if job is None or (job.step in CHECK_STEPS and asset.duration is None):
        note = state_text(asset, job)
        return [Step("check", checked, "current", note), Step("transcode", made, "waiting")]
    note = " · ".join(filter(None, [state_text(asset, job), outlook_text(job)]))
    return [
        Step("check", checked, "done"),
        Step("transcode", made, "current", note, percent_of(job) if job.progress else None),
    ]


def _publication(lecture: LecturePage | None) -> Step:
    label = _("Publication")
    if lecture is None:
        return Step("publish", label, "waiting")
    if lecture.live:
        published = lecture.first_published_at
        return Step("publish", label, "done", _day(published) if published else "")
    return Step(
        "publish", label, "waiting", _("handed in on %(day)s") % {"day": _day(lecture.submitted_at)}
    )


def _state(asset: VideoAsset, lecture: LecturePage | None, review: Review | None) -> str:
    if lecture is not None and lecture.live and (review is None or lecture.asset_id == asset.pk):
        return "published"
    if asset.state != State.READY:
        return str(asset.state)
    if review is not None and review.state != Review.State.REVIEWING:
        return str(review.state)
    return "in_review" if lecture is not None else "ready"


def _standing(
    asset: VideoAsset,
    job: TranscodeJob | None,
    lecture: LecturePage | None,
    review: Review | None,
    before: LecturePage | None,
) -> tuple[str, str]:
    if review is not None and is_superseded(asset):
        return standing_of(review)
    if asset.state == State.REFUSED:
        return _("Did not pass the check"), "danger"
    if asset.state == State.FAILED:
        return _("Could not be processed"), "danger"
    if asset.state == State.PROCESSING:
        return state_text(asset, job), "info"
    if before is not None:
        return _("Replaced by a newer recording"), "info"
    if review is not None:
        return standing_of(review)
    if lecture is None:
        return _("Not handed in yet"), "warn"
    if lecture.live:
        return _("Published"), "ok"
    if lecture.first_published_at is not None:
        return taken_down(lecture)
    return _("Waiting for review"), "info"


def _day(moment: dt.datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")
