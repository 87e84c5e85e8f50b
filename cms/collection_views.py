"""The addresses of collections and speakers: for everybody who is signed in."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from cms.collections import (
    collection_lectures,
    collections_shown,
    speaker_lectures,
    speakers_shown,
)
from cms.curated import LectureCollection, Speaker
from cms.listing import list_context
from cms.sequences import cards_in_row

PER_PAGE = 60


@never_cache
@gzip_page
@login_required
@require_safe
def collection_list(request: HttpRequest) -> HttpResponse:
    context = {"nav": "library", "collections": collections_shown(request.user)}
    return render(request, "cms/collection_list.html", context)


@never_cache
@gzip_page
@login_required
@require_safe
def collection(request: HttpRequest, pk: int) -> HttpResponse:
    found: LectureCollection = get_object_or_404(
        LectureCollection.objects.visible_to(request.user).select_related("organization"), pk=pk
    )
    lectures = collection_lectures(found, user=request.user)
    context = list_context(request, lectures, is_ordered=True)
    if not context["wish"].query:
        cards_in_row(context["lectures"].object_list, "collection", pk)
    context |= {"nav": "library", "collection": found}
    return render(request, "cms/collection.html", context)


@never_cache
@gzip_page
@login_required
@require_safe
def speaker_list(request: HttpRequest) -> HttpResponse:
    query = " ".join(request.GET.get("q", "").split())[:60]
    found = speakers_shown(request.user)
    if query:
        found = found.filter(name__icontains=query)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("p"))
    prefix = f"{urlencode({'q': query})}&" if query else ""
    context = {"nav": "library", "speakers": page, "query": query, "query_prefix": prefix}
    return render(request, "cms/speaker_list.html", context)


@never_cache
@gzip_page
@login_required
@require_safe
def speaker(request: HttpRequest, pk: int) -> HttpResponse:
    found = Speaker.objects.select_related("organization").filter(pk=pk).first()
    if found is None:
        raise Http404
    context = {"nav": "library", "speaker": found}
    lectures = speaker_lectures(found, user=request.user)
    return render(request, "cms/speaker.html", context | list_context(request, lectures))
