"""The upload page, what its script asks for, and handing in.

The bytes themselves go to `media_pipeline.tus`. Everything here is for the owner of a recording
only; somebody else's is answered like none.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from cms import submissions
from cms.permissions import check_can_upload
from cms.review.drafts import draft_of, typed_in
from cms.review.findings import findings_of
from cms.submission_form import SubmissionForm
from cms.submission_states import (
    asset_submission,
    job_of,
    lecture_of,
    pipeline_steps,
    with_history,
)
from cms.upload_page import upload_response
from media_pipeline.delivery import preview_for, preview_url
from media_pipeline.jobs import JobStateError, job_retry
from media_pipeline.messages import advice, sentence, state_text
from media_pipeline.models import VideoAsset
from media_pipeline.upload_errors import UploadError
from media_pipeline.uploads import upload_find_to_resume, upload_terminate

LARGEST_SIZE = 2**53


def may_upload(request: HttpRequest) -> None:
    """What the tus endpoint asks before it takes a file; raises PermissionDenied."""
    check_can_upload(request.user)


@login_required
@never_cache
@require_safe
def upload_page(request: HttpRequest) -> HttpResponse:
    check_can_upload(request.user)
    typed = typed_in(draft_of(request.user))
    asset = _asset_to_finish(request, request.GET.get("asset") or typed.get("asset", ""))
    initial = {"recorded_on": timezone.localdate(), **typed, "asset": asset.pk if asset else ""}
    form = SubmissionForm(initial=initial, user=request.user)
    return upload_response(request, form, asset=asset)


@login_required
@require_POST
def submit(request: HttpRequest) -> HttpResponse:
    check_can_upload(request.user)
    form = SubmissionForm(request.POST, request.FILES, user=request.user)
    is_valid = form.is_valid()
    form.captions_take(user=request.user, now=timezone.now())
    asset = form.cleaned_data.get("asset")
    if asset is not None and is_valid and not form.errors:
        try:
            page = submissions.lecture_submit(
                user=request.user, asset=asset, declared=True, **form.words()
            )
        except submissions.SubmissionError as problem:
            form.add_error("asset", str(problem))
        else:
            text = _("“%(title)s” is handed in. You see below how far it is.")
            messages.success(request, text % {"title": page.title})
            return redirect("cms:upload")
    return upload_response(request, form, asset=asset, status=422)


@login_required
@require_POST
def resume(request: HttpRequest) -> JsonResponse:
    """Where to go on with a file of this size and content; an empty object when it is new."""
    check_can_upload(request.user)
    size = request.POST.get("size", "")
    if not (size.isascii() and size.isdigit() and len(size) <= 16):
        return JsonResponse({"message": _("Please choose the recording again.")}, status=400)
    upload = upload_find_to_resume(
        owner=request.user,
        length=min(int(size), LARGEST_SIZE),
        fingerprint=request.POST.get("fingerprint", ""),
    )
    if upload is None:
        return JsonResponse({})
    found: dict[str, Any] = {
        "url": reverse("cms:tus_upload", args=[upload.pk]),
        "offset": upload.offset,
    }
    if upload.asset_id:
        found["asset"] = str(upload.asset_id)
    return JsonResponse(found)


@login_required
@never_cache
@require_GET
def status(request: HttpRequest, asset_id: uuid.UUID) -> JsonResponse:
    """How far a recording is; with `?item=1` also its entry in the list of submissions."""
    now = timezone.now()
    asset = _own_asset(request, asset_id)
    answer = asset_status(asset, now=now)
    if "item" in request.GET:
        item = asset_submission(asset)
        answer["html"] = render_to_string("cms/submission_item.html", {"item": item}, request)
    return JsonResponse(answer)


@login_required
@never_cache
@require_safe
def preview(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    """The owner looks at the recording; also while only its beginning is made."""
    now = timezone.now()
    asset = _own_asset(request, asset_id)
    unfinished = preview_for(asset, now=now)
    context = {
        "title": asset_submission(asset).title,
        "film_url": preview_url(asset, now=now),
        "playlist_url": unfinished.url if unfinished and unfinished.is_playlist else "",
        "status_url": reverse("cms:upload_status", args=[asset.pk]),
        "state_text": state_text(asset, job_of(asset)),
        "nav": "upload",
    }
    return render(request, "cms/upload_preview.html", context)


@login_required
@require_POST
def retry(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    job = job_of(_own_asset(request, asset_id))
    if job is None:
        raise Http404
    try:
        job_retry(job=job, actor=request.user, now=timezone.now())
    except JobStateError as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("The recording is being processed once more."))
    return redirect("cms:upload")


@login_required
@require_POST
def recording_discard(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    try:
        submissions.recording_discard(user=request.user, asset=_own_asset(request, asset_id))
    except submissions.SubmissionError as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("The recording is deleted."))
    return redirect("cms:upload")


@login_required
@require_POST
def discard(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    """Give up an unfinished transfer; a second press finds nothing and is no error."""
    try:
        upload_terminate(upload_id=upload_id, owner=request.user)
    except UploadError as problem:
        messages.warning(request, problem.message)
    else:
        messages.success(request, _("The unfinished upload is removed."))
    return redirect("cms:upload")


def asset_status(asset: VideoAsset, *, now: dt.datetime) -> dict[str, Any]:
    """`state` is that of the recording, `steps` are by key, `message` says what went wrong,
    `findings` what might be better, as far as it is known.
    """
    job, lecture = job_of(asset), lecture_of(asset)
    unfinished = preview_for(asset, now=now)
    gone_wrong = asset.state in {VideoAsset.State.REFUSED, VideoAsset.State.FAILED}
    return {
        "asset": str(asset.pk),
        "name": asset.original_name,
        "size": asset.size,
        "state": asset.state,
        "text": state_text(asset, job),
        "message": f"{sentence(asset.reason)} {advice(asset)}".strip() if gone_wrong else "",
        "retry": (
            reverse("cms:upload_retry", args=[asset.pk])
            if asset.state == VideoAsset.State.FAILED
            else ""
        ),
        "steps": {
            step.key: {"state": step.state, "note": step.note, "percent": step.percent}
            for step in pipeline_steps(asset, job)
        },
        # Of captions the form beside speaks.
        "findings": [finding.text for finding in findings_of(asset, has_captions=True)],
        "preview": (
            reverse("cms:upload_preview", args=[asset.pk]) if asset.is_ready or unfinished else ""
        ),
        # For a player that is looking at what was taken away meanwhile.
        "film": preview_url(asset, now=now) if asset.is_ready else "",
        "playlist": unfinished.url if unfinished else "",
        "submitted": lecture is not None,
    }


def _own_asset(request: HttpRequest, asset_id: uuid.UUID) -> VideoAsset:
    asset = with_history(VideoAsset.objects.owned_by(request.user)).filter(pk=asset_id).first()
    if asset is None:
        raise Http404
    return asset


def _asset_to_finish(request: HttpRequest, name: str) -> VideoAsset | None:
    """The person's recording of that id that is sent but not handed in."""
    try:
        asset_id = uuid.UUID(name)
    except ValueError:
        return None
    waiting = VideoAsset.objects.owned_by(request.user).filter(lectures=None, review_version=None)
    return waiting.exclude(state=VideoAsset.State.REFUSED).filter(pk=asset_id).first()
