"""The download pack of a lecture: asked for, waited for, handed out and logged.

The bytes come from nginx by a signed address; nothing of them passes here.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit.log import record
from cms.durations import duration_text
from cms.models import LecturePage
from cms.permissions import check_can_watch
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.chore_models import Chore
from media_pipeline.delivery import poster_name
from media_pipeline.messages import size_text
from media_pipeline.packs import pack_ask, pack_url

# Notepad of old Windows takes a text for UTF-8 by its mark, and breaks lines at both characters.
BOM = "\ufeff"


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pack(request: HttpRequest, lecture_id: int) -> HttpResponse:
    """GET tells how far the pack is; POST has it made, or hands it out once it is made."""
    lecture = _lecture(request, lecture_id)
    now = timezone.now()
    if request.method == "POST":
        chore = _ask(lecture, request.user, now)
        if address := pack_url(chore, now=now):
            record(
                "lecture.download", actor=request.user, target=lecture, asset=str(lecture.asset_id)
            )
            return HttpResponseRedirect(address)
        return redirect("cms:pack", lecture.pk)
    found = Chore.objects.filter(asset=lecture.asset_id, kind=Chore.Kind.PACK).first()
    if found is not None and found.wish.get("texts") != texts_of(lecture):
        found = None  # captions or title have changed since
    context = {
        "nav": "library",
        "lecture": lecture,
        "lecture_url": lecture.get_url(request),
        "state": found.state if found else "",
        "size_text": size_text(found.result.get("bytes", 0)) if found else "",
    }
    return render(request, "cms/pack.html", context)


def _lecture(request: HttpRequest, lecture_id: int) -> LecturePage:
    lectures = LecturePage.objects.select_related("asset__package", "organization")
    lecture = get_object_or_404(lectures, pk=lecture_id)
    check_can_watch(request.user, lecture)
    if lecture.asset is None or not lecture.asset.is_ready:
        raise Http404
    if not lecture.may_download:
        raise PermissionDenied(_("This lecture is not offered for download."))
    return lecture


def _ask(lecture: LecturePage, user: Any, now: dt.datetime) -> Chore:
    assert lecture.asset is not None
    return pack_ask(
        asset=lecture.asset,
        texts=texts_of(lecture),
        poster=poster_name(lecture.asset),
        actor=user,
        now=now,
    )


def texts_of(lecture: LecturePage) -> dict[str, str]:
    """The files beside the film, by name. Names are plain ASCII: old Windows breaks others."""
    track = CaptionTrack.objects.filter(asset=lecture.asset_id).first()
    context = {
        "lecture": lecture,
        "duration_text": duration_text(lecture.asset.duration if lecture.asset else None),
        "captions": track.text if track else "",
        "unchecked": bool(track and track.is_unchecked),
    }
    with override("zh-hans"):
        page = render_to_string("cms/pack/index.html", context)
        read_me = render_to_string("cms/pack/readme.txt", context)
    texts = {"index.html": page, "README.txt": BOM + read_me.replace("\n", "\r\n")}
    if track:
        texts["captions.vtt"] = track.text
    return texts
