"""The player for units' own sites, and the page on which curators open a lecture and copy its code.

The player's addresses look at neither session nor person: everybody gets the same, in a frame no
cookie has to come through, and nothing is recorded as watched.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from cms.browsing import start_context
from cms.caption_views import captions_response
from cms.cards import lecture_card
from cms.decisions import NotPublishedError, lecture_decide, lecture_undecide
from cms.models import LecturePage
from cms.permissions import can_decide, check_can_share
from cms.recordings import recording_problem
from cms.sharing.answering import Refusal, question_count
from cms.standing import Standing
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.delivery import playback_for
from organizations.permissions import passes
from organizations.signin.limits import network

# The frame that the code asks for: the film with the controls and one line below it.
WIDTH, HEIGHT = 720, 526
View = Callable[..., HttpResponseBase]


def framed_by_units(view: View) -> View:
    """Pages of the sites in EMBED_SITES may show the answer in a frame, and our own."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        allowed = csp_replace({"frame-ancestors": [SELF, *settings.EMBED_SITES]})
        return allowed(xframe_options_exempt(view))(request, *args, **kwargs)

    return answer


def rationed(says: Callable[[str], HttpResponse]) -> Callable[[View], View]:
    """As many answers a minute as the API gives to a network of strangers, and counted beside
    those: a program that asks too much does not stop the player. `says` makes what refuses.
    """

    def rationing(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                question_count("embed", network(request))
            except Refusal as refusal:
                return refusal.given(says(str(refusal)))
            return view(request, *args, **kwargs)

        return answer

    return rationing


def _page(context: dict[str, Any]) -> HttpResponse:
    """Rendered without the request: whoever is signed in leaves no trace in it."""
    return HttpResponse(
        render_to_string("cms/embed.html", {"portal": settings.SITE_FIELDS, **context})
    )


def _refused(text: str) -> HttpResponse:
    return _page({"heading": _("A moment, please"), "text": text})


def _message(text: str) -> JsonResponse:
    return JsonResponse({"message": text})


def _opened(lecture_id: int) -> LecturePage | None:
    lectures = LecturePage.objects.visible_to(AnonymousUser()).for_playing()
    found: LecturePage | None = lectures.filter(pk=lecture_id).first()
    return found


def _not_open() -> str:
    return _("This lecture is not open to the public, or it was taken down.")


@never_cache
@framed_by_units
@gzip_page
@require_safe
@rationed(_refused)
def embed(request: HttpRequest, lecture_id: int) -> HttpResponse:
    page = _opened(lecture_id)
    if page is None:
        refused = _page({"heading": _("Not open to the public"), "text": _not_open()})
        refused.status_code = 404
        return refused
    now = timezone.now()
    track = CaptionTrack.objects.filter(asset=page.asset_id).first()
    context = {
        "page": page,
        "heading": page.title,
        "text": recording_problem(page.asset) or "",
        "lecture": lecture_card(page, request=request, now=now),
        "playback": playback_for(page.asset, now=now) if page.asset else None,
        "playback_url": reverse("cms:embed_playback", args=[page.pk]),
        "captions_url": reverse("cms:embed_captions", args=[page.pk]) if track else "",
        "captions_unchecked": bool(track and track.is_unchecked),
        "save_data": request.headers.get("Save-Data", "").strip().lower() == "on",
        **start_context(request),
        "watch_open_url": "",
    }
    return _page(context)


@never_cache
@require_safe
@rationed(_message)
def embed_playback(request: HttpRequest, lecture_id: int) -> JsonResponse:
    """Fresh signed addresses, which the player asks for in good time. 403 once it is not open."""
    page = _opened(lecture_id)
    if page is None:
        return JsonResponse({"message": _not_open()}, status=403)
    found = playback_for(page.asset, now=timezone.now()) if page.asset else None
    if found is None:
        return JsonResponse({"message": _("This recording is not ready yet.")}, status=404)
    return JsonResponse(found.as_json())


@require_safe
@rationed(_message)
def embed_captions(request: HttpRequest, lecture_id: int) -> HttpResponseBase:
    page = _opened(lecture_id)
    if page is None:
        raise Http404
    return captions_response(request, get_object_or_404(CaptionTrack, asset=page.asset_id))


@never_cache
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # the player as it will look
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def embed_code(request: HttpRequest, lecture_id: int) -> HttpResponse:
    """For curators: whether the lecture is open to the public, the act, the code to copy."""
    lecture = LecturePage.objects.select_related("organization").filter(pk=lecture_id).first()
    if lecture is None:
        raise Http404
    check_can_share(request.user, lecture)
    if request.method == "POST":
        _decide(request, lecture)
        return redirect("cms:embed_code", lecture.pk)
    url = request.build_absolute_uri(reverse("cms:embed", args=[lecture.pk]))
    context = {
        "nav": "library",
        "lecture": lecture,
        "may_decide": can_decide(request.user, lecture, Standing.Kind.OPEN),
        "code": render_to_string(
            "cms/embed_code.txt",
            {"url": url, "title": lecture.title, "width": WIDTH, "height": HEIGHT},
        ).strip(),
        "embed_url": url,
        "width": WIDTH,
        "height": HEIGHT,
        "sites": settings.EMBED_SITES,
        "api_url": request.build_absolute_uri(reverse("api:lecture", args=[lecture.pk])),
    }
    return render(request, "cms/embed_code.html", context)


def _decide(request: HttpRequest, lecture: LecturePage) -> None:
    opens = request.POST.get("act") == "open"
    act = lecture_decide if opens else lecture_undecide
    try:
        changed = act(lecture=lecture, kind=Standing.Kind.OPEN, user=request.user)
    except NotPublishedError as problem:
        messages.error(request, str(problem))
        return
    if changed and opens:
        messages.success(request, _("The lecture is open to the public now."))
    elif changed:
        messages.success(request, _("The lecture is no longer open to the public."))


def share_url(user: Any, lecture: LecturePage) -> str:
    """The curator's page of a published lecture; empty for everybody else."""
    is_shared = lecture.live and passes(check_can_share, user, lecture)
    return reverse("cms:embed_code", args=[lecture.pk]) if is_shared else ""
