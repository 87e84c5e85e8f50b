"""Captions as browsers fetch them: text/vtt, for whoever may play the recording.

They are text in the database, not a file of the package: they change while the package does not,
and a lecture that was taken down takes its captions along at once.
"""

from __future__ import annotations

import hashlib
import uuid

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_safe

from cms.models import LecturePage
from cms.permissions import can_publish, check_can_play
from media_pipeline.captions.models import CaptionTrack


def _etag(request: HttpRequest, track: CaptionTrack) -> str:
    return f'"{hashlib.sha256(track.text.encode()).hexdigest()[:20]}"'


@gzip_page
@cache_control(private=True, no_cache=True)
@condition(etag_func=_etag)
def captions_response(request: HttpRequest, track: CaptionTrack) -> HttpResponse:
    response = HttpResponse(track.text, content_type="text/vtt; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def lecture_captions(request: HttpRequest, lecture_id: int) -> HttpResponse:
    """403 when the person may not watch the lecture, 404 when it has no captions."""
    lectures = LecturePage.objects.select_related("organization")
    lecture = get_object_or_404(lectures, pk=lecture_id)
    try:
        check_can_play(request.user, lecture)
    except PermissionDenied as refusal:
        return HttpResponse(str(refusal), status=403, content_type="text/plain; charset=utf-8")
    return captions_response(request, get_object_or_404(CaptionTrack, asset=lecture.asset_id))


@require_safe
def recording_captions(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    """For the owner and for keepers, also before anything is published."""
    tracks = CaptionTrack.objects.select_related("asset")
    track = get_object_or_404(tracks, asset_id=asset_id)
    lecture = LecturePage.objects.filter(asset=asset_id).first()
    is_owner = track.asset.owner_id == request.user.pk
    if not request.user.is_active or not (
        is_owner or (lecture and can_publish(request.user, lecture))
    ):
        raise Http404
    return captions_response(request, track)
