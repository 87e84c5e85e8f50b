"""The addresses of the API, version 1. Every list starts at `visible_to`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.caption_views import captions_response
from cms.collections import collection_lectures, collections_shown
from cms.finding.counting import choice_counts
from cms.finding.facets import FACETS
from cms.finding.models import LectureCell
from cms.finding.results import results
from cms.finding.searching import cell_counts, cells_of, search, wished
from cms.listing import PER_PAGE, Wish
from cms.models import LecturePage, LecturePageQuerySet
from cms.sharing.answering import QUOTED, Refusal, api_view, known_only, number_asked
from cms.sharing.describing import (
    collection_said,
    for_describing,
    found_said,
    instant,
    lecture_said,
    unit_said,
)
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.delivery import playback_for, poster_file
from organizations import scope
from organizations.models import Organization

MOST = 100
PAGING = ("page", "per_page")
# Pictures of lectures that are open to everybody: so long a site may keep them.
POSTER_KEPT = 300


@api_view
def index(request: HttpRequest) -> dict[str, Any]:
    known_only(request)
    names = ("lectures", "collections", "taxonomy")
    return {
        "version": 1,
        **{f"{name}_url": request.build_absolute_uri(reverse(f"api:{name}")) for name in names},
    }


@api_view
def lectures(request: HttpRequest) -> dict[str, Any]:
    known_only(request, "q", *(facet.name for facet in FACETS), "unit", *PAGING)
    return _listed(request, _of_unit(_seen(request), request.GET.get("unit", "")))


@api_view
def lecture(request: HttpRequest, lecture_id: int) -> dict[str, Any]:
    known_only(request)
    page = _one(request, for_describing(_seen(request)), lecture_id)
    within = collections_shown(request.user).filter(items__lecture=page.pk)
    collections = [{"id": pk, "title": title} for pk, title in within.values_list("pk", "title")]
    return {**lecture_said(page, request), "collections": collections}


@api_view
def playback(request: HttpRequest, lecture_id: int) -> HttpResponse:
    """Signed addresses, which end."""
    known_only(request)
    page = _one(request, _seen(request).for_playing(), lecture_id)
    now = timezone.now()
    found = playback_for(page.asset, now=now) if page.asset else None
    if found is None:
        raise Refusal(_("This recording is not ready yet."), 404)
    ends = now + dt.timedelta(seconds=found.expires_in)
    said = {
        name: request.build_absolute_uri(path) if path else None
        for name, path in (
            ("hls", found.master),
            ("mp4", found.progressive),
            ("light", found.low),
            ("sound", found.sound),
        )
    }
    response = JsonResponse(
        {
            **said,
            "duration": round(found.duration, 3),
            "width": found.width,
            "height": found.height,
            "expires_at": instant(ends),
            "expires_in": found.expires_in,
        }
    )
    response["Cache-Control"] = "no-store"
    return response


@api_view
def captions(request: HttpRequest, lecture_id: int) -> HttpResponseBase:
    known_only(request)
    page = _one(request, _seen(request), lecture_id)
    track = CaptionTrack.objects.filter(asset=page.asset_id).first()
    if track is None:
        raise Refusal(_("This lecture has no captions."), 404)
    return captions_response(request, track)


@api_view
def poster(request: HttpRequest, lecture_id: int) -> HttpResponseBase:
    """The picture itself, so that it can stand in another site's list."""
    known_only(request)
    page = _one(request, _seen(request).select_related("asset"), lecture_id)
    picture = poster_file(page.asset) if page.asset else None
    if picture is None:
        raise Refusal(_("This lecture has no picture yet."), 404)
    response = HttpResponse(picture, content_type="image/jpeg")
    if not request.user.is_authenticated:
        response["Cache-Control"] = f"public, max-age={POSTER_KEPT}"
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@api_view
def collections(request: HttpRequest) -> dict[str, Any]:
    known_only(request)
    shown = collections_shown(request.user)
    return {"collections": [collection_said(one, request) for one in shown]}


@api_view
def collection(request: HttpRequest, pk: int) -> dict[str, Any]:
    known_only(request, *PAGING)
    found = collections_shown(request.user).filter(pk=pk).first()
    if found is None:
        raise Refusal(_nothing(request, _("There is no such collection, or it is not shown.")), 404)
    held = collection_lectures(found, user=request.user)
    return {**collection_said(found, request), **_listed(request, held, is_ordered=True)}


@api_view
def taxonomy(request: HttpRequest) -> dict[str, Any]:
    """The choices of every filter, each with how many lectures it would show."""
    known_only(request)
    seen = _seen(request).order_by()
    cells = cell_counts(LectureCell.objects.visible_to(request.user))
    counts = choice_counts(cells, [""] * len(FACETS))
    said: dict[str, Any] = {}
    for facet, counted in zip(FACETS, counts, strict=True):
        names = facet.names(counted.keys() - {""})
        said[facet.name] = [
            {"key": key, "name": name, "lecture_count": counted[key]} for key, name in names.items()
        ]
    units = Organization.objects.filter(lectures__in=seen).order_by("path")
    return said | {
        "unit": [
            {**(unit_said(unit) or {}), "lecture_count": unit.number}
            for unit in units.annotate(number=Count("lectures"))
        ]
    }


@api_view
def unknown(request: HttpRequest, rest: str) -> None:
    raise Refusal(_("There is nothing at this address. The start is /api/v1/."), 404)


# -- lists -----------------------------------------------------------------------------------------


def _seen(request: HttpRequest) -> LecturePageQuerySet:
    return LecturePage.objects.visible_to(request.user)


def _one(request: HttpRequest, lectures: LecturePageQuerySet, pk: int) -> LecturePage:
    found = lectures.filter(pk=pk).first()
    if found is None:
        raise Refusal(_nothing(request, _("There is no such lecture, or it was taken down.")), 404)
    return found


def _nothing(request: HttpRequest, sentence: str) -> str:
    """Strangers are told the same of what is not there and of what is not for them."""
    if request.user.is_authenticated:
        return sentence
    return _("There is nothing here that is open to the public. Signed in, you see more.")


def _of_unit(lectures: LecturePageQuerySet, code: str) -> LecturePageQuerySet:
    """Of the unit and all below. A unit that is not there has none, as one without lectures."""
    if not code:
        return lectures
    unit = Organization.objects.filter(code=code[:QUOTED]).first()
    return lectures.filter(scope.subtree(unit.path, "organization")) if unit else lectures.none()


def _listed(
    request: HttpRequest, lectures: LecturePageQuerySet, *, is_ordered: bool = False
) -> dict[str, Any]:
    """One page of lectures, found and narrowed down as on the library's pages."""
    wish = _wish(request)
    number = number_asked(request, "page", usual=1)
    size = number_asked(request, "per_page", usual=PER_PAGE, most=MOST)
    found = search(lectures, wish.query) if wish.query else None
    if found is not None:
        paginator = Paginator(found.narrowed(wish.picked), size)
    else:
        if marks := wished(wish.picked):
            lectures = lectures.filter(pk__in=cells_of(lectures).marked(marks).values("pk"))
        paginator = Paginator(lectures if is_ordered else lectures.newest(), size)
    page = paginator.page(min(number, paginator.num_pages))
    shown: list[Any] = list(page.object_list) if number <= paginator.num_pages else []
    if found is not None:
        shown = results(lectures, found, shown, request=request)
        pages = _described(lectures, [one.card.id for one in shown])
        rows = [lecture_said(pages[one.card.id], request) | found_said(one) for one in shown]
    else:
        pages = _described(lectures, [one.pk for one in shown])
        rows = [lecture_said(pages[one.pk], request) for one in shown if one.pk in pages]
    return {
        "count": paginator.count,
        "page": number,
        "pages": paginator.num_pages,
        "next": _page_url(request, number + 1) if number < paginator.num_pages else None,
        "previous": _page_url(request, number - 1) if number > 1 else None,
        "lectures": rows,
    }


def _described(lectures: LecturePageQuerySet, ids: list[int]) -> dict[int, LecturePage]:
    found = for_describing(lectures.filter(pk__in=ids).order_by())
    return {page.pk: page for page in found} if ids else {}


def _wish(request: HttpRequest) -> Wish:
    wish = Wish.of(request.GET)
    for name, choice in wish.choices.items():
        if choice != request.GET.get(name, ""):
            text = _("“%(value)s” is no choice of “%(name)s”. /api/v1/taxonomy/ names them.")
            raise Refusal(text % {"value": request.GET[name][:QUOTED], "name": name})
    return wish


def _page_url(request: HttpRequest, number: int) -> str:
    asked = request.GET.copy()
    asked["page"] = str(number)
    return request.build_absolute_uri(f"{request.path}?{asked.urlencode()}")
