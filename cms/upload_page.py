"""The upload page as it is shown: for a new lecture, or to change one that was handed in."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from cms.durations import duration_text
from cms.review.models import Review
from cms.review.standing import last_round, remarks_of
from cms.submission_form import SubmissionForm
from cms.submission_states import submissions_of
from cms.upload_texts import upload_texts
from media_pipeline.messages import size_text
from media_pipeline.models import VideoAsset

NO_ASSET = uuid.UUID(int=0)


def upload_response(
    request: HttpRequest,
    form: SubmissionForm,
    *,
    asset: VideoAsset | None,
    change: Review | None = None,
    status: int = 200,
) -> HttpResponse:
    """`asset` is the recording that is there already; `change` the submission to be changed."""
    limits = {
        "max_size_text": size_text(settings.UPLOAD_MAX_BYTES),
        "max_duration_text": duration_text(settings.MEDIA_MAX_SECONDS),
        "accept": "video/*,audio/*",
    }
    config: dict[str, Any] = {
        "endpoint": reverse("cms:tus"),
        "resumeUrl": reverse("cms:upload_resume"),
        "statusUrl": reverse("cms:upload_status", args=[NO_ASSET]),
        "draftUrl": reverse("cms:submission_draft"),
        "noAsset": str(NO_ASSET),
        "maxBytes": settings.UPLOAD_MAX_BYTES,
        "maxText": limits["max_size_text"],
        "asset": str(asset.pk) if asset else "",
        "person": request.user.pk,
        "opened": timezone.now().isoformat(),
        # What the server sent back with remarks is not overwritten by the browser's draft.
        "sentBack": form.is_bound,
        "texts": upload_texts(),
    }
    context: dict[str, Any] = {"form": form, "limits": limits, "nav": "upload"}
    if change is None:
        context |= {
            "submissions": submissions_of(user=request.user, page=request.GET.get("p")),
            # What was sent back with remarks has an address that is only posted to.
            "page_path": reverse("cms:upload"),
            "query_prefix": f"asset={asset.pk}&" if asset else "",
        }
    else:
        config |= {
            "lecture": change.lecture_id,
            "round": f"{change.lecture_id}.{last_round(change)}",
            "present": str(change.asset_id),
            "announceUrl": reverse("cms:version_announce", args=[change.lecture_id]),
            "withdrawUrl": reverse("cms:version_withdraw", args=[change.lecture_id]),
        }
        context |= {
            "change": change,
            "remarks": remarks_of(change),
            "recording_url": reverse("cms:recording", args=[change.asset_id]),
        }
    context["upload_config"] = config
    return render(request, "cms/upload.html", context, status=status)
