"""Where a submission stands, in the words and steps that its author sees.

A submission is a transfer under way, a recording, or a recording with its lecture. Reading and
wording only; handing in is `submissions`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cms.durations import duration_text
from cms.left_behind import left_behind_text
from cms.models import LecturePage
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
SHOWN = 30


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
    steps: list[Step] = field(default_factory=list)


def submissions_of(*, user: Any, now: dt.datetime | None = None) -> list[Submission]:
    """The person's transfers and recordings, newest first, in a constant number of queries."""
    now = now or timezone.now()
    uploads = Upload.objects.owned_by(user).receiving(now)
    found = [upload_submission(upload) for upload in uploads.order_by("-created_at")[:SHOWN]]
    assets = with_history(VideoAsset.objects.owned_by(user)).order_by("-created_at")[:SHOWN]
    found += [asset_submission(asset) for asset in assets]
    return sorted(found, key=lambda item: item.created_at, reverse=True)[:SHOWN]


def with_history(assets: Any) -> Any:
    """Recordings with their full jobs and lectures, as the functions here read them."""
    return assets.prefetch_related(
        Prefetch("jobs", TranscodeJob.objects.full().order_by("-pk")),
        Prefetch("lectures", LecturePage.objects.with_what_is_left_behind().order_by("pk")),
        Prefetch("lectures_before", LecturePage.objects.order_by("pk")),
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


def asset_submission(asset: VideoAsset) -> Submission:
    job, lecture = job_of(asset), lecture_of(asset)
    before = None if lecture else next(iter(asset.lectures_before.all()), None)
    words, tone = _standing(asset, job, lecture, before)
    failed = asset.state == State.FAILED
    told = lecture or before
    return Submission(
        title=told.title if told else asset.original_name or _("Recording"),
        created_at=asset.created_at,
        size_text=size_text(asset.size),
        state=_state(asset, lecture),
        state_text=words,
        tone=tone,
        asset_id=asset.pk,
        duration_text=duration_text(asset.duration),
        reason_text=(
            sentence(asset.reason)
            if failed or asset.state == State.REFUSED
            else left_behind_text(lecture)
        ),
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
        steps=[
            Step("upload", pgettext("upload", "Sent"), "done", _day(asset.created_at)),
            *pipeline_steps(asset, job),
            _publication(told),
        ],
    )


def job_of(asset: VideoAsset) -> TranscodeJob | None:
    return next(iter(asset.jobs.all()), None)


def lecture_of(asset: VideoAsset) -> LecturePage | None:
    return next(iter(asset.lectures.all()), None)


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


def _state(asset: VideoAsset, lecture: LecturePage | None) -> str:
    if lecture is not None and lecture.live:
        return "published"
    if asset.state != State.READY:
        return str(asset.state)
    return "in_review" if lecture is not None else "ready"


def _standing(
    asset: VideoAsset,
    job: TranscodeJob | None,
    lecture: LecturePage | None,
    before: LecturePage | None,
) -> tuple[str, str]:
    if lecture is not None and lecture.live:
        return _("Published"), "ok"
    if asset.state == State.REFUSED:
        return _("Did not pass the check"), "danger"
    if asset.state == State.FAILED:
        return _("Could not be processed"), "danger"
    if asset.state == State.PROCESSING:
        return state_text(asset, job), "info"
    if before is not None:
        return _("Replaced by a newer recording"), "info"
    if lecture is None:
        return _("Not handed in yet"), "warn"
    if lecture.first_published_at is not None:
        return _("Taken down"), "warn"
    return _("Waiting for review"), "info"


def _day(moment: dt.datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")
