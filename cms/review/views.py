"""The reviewers' pages: the queue and the sheet of one submission."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms.caption_views import captions_response
from cms.durations import duration_text
from cms.permissions import can_publish
from cms.review.form_pdf import form_pdf
from cms.review.lines import lines_kept_by
from cms.review.models import Kind, Review, ReviewStep
from cms.review.queue import ended_for, for_rows, narrowed, queue_for
from cms.review.reviewers import PROOFREADERS, check_can_see
from cms.review.sheet import sheet_context, sheet_of
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.delivery import poster_for
from organizations import scope

PER_PAGE = 30
ENDED_SHOWN = 20


def check_is_reviewer(request: HttpRequest) -> None:
    if not scope.holds_post(request.user, *PROOFREADERS):
        raise PermissionDenied(_("Reviewing is for people with a post in their unit."))


@login_required
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    check_is_reviewer(request)
    kind, words = request.GET.get("kind", ""), request.GET.get("q", "")[:60]
    steps = narrowed(queue_for(request.user), kind=kind, words=words)
    # All their keys: to ask the rules for the number, and for the page again, takes twice as long.
    page = Paginator(list(steps.values_list("pk", flat=True)), PER_PAGE).get_page(
        request.GET.get("p")
    )
    now = timezone.now()
    is_whole = page.number == 1 and not kind and not words
    ended = ended_for(request.user).select_related("lecture", "organization")
    context = {
        "nav": "review",
        "ended": ended[:ENDED_SHOWN] if is_whole else [],
        "rows": [_row(step, now) for step in for_rows(page.object_list)],
        "page_obj": page,
        "total": page.paginator.count,
        "kinds": [("", _("All")), ("proofread", _("To proofread")), *Kind.choices],
        "kind": kind,
        "q": words,
        "query_prefix": urlencode({"kind": kind, "q": words}) + "&",
        "keeps_lines": bool(lines_kept_by(request.user)),
    }
    return render(request, "cms/review/queue.html", context)


@login_required
@never_cache
@require_safe
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    return sheet_response(request, visible(request, pk))


@login_required
@require_safe
def captions(request: HttpRequest, pk: int) -> HttpResponse:
    review = visible(request, pk)
    return captions_response(request, get_object_or_404(CaptionTrack, asset=review.asset_id))


@login_required
@never_cache
@require_safe
def form(request: HttpRequest, pk: int) -> HttpResponse:
    """The review form for the files, as a PDF."""
    review = visible(request, pk)
    response = HttpResponse(form_pdf(review, now=timezone.now()), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="review-{review.lecture_id}.pdf"'
    return response


def visible(request: HttpRequest, pk: int) -> Review:
    """The file, for whoever reviews it or keeps its unit's shelf; somebody else's is none."""
    review = sheet_of(pk)
    if review is None:
        raise Http404
    try:
        check_can_see(request.user, review)
    except PermissionDenied:
        if not can_publish(request.user, review.lecture):
            raise Http404 from None
    return review


def sheet_response(
    request: HttpRequest, review: Review, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page; `more` brings back what was typed, and what is to be said about it."""
    context = sheet_context(review, user=request.user, now=timezone.now())
    return render(request, "cms/review/sheet.html", context | more, status=status)


def _row(step: ReviewStep, now: Any) -> dict[str, Any]:
    review = step.review
    return {
        "step": step,
        "review": review,
        "title": review.lecture.draft_title or review.lecture.title,
        "poster_url": poster_for(review.asset, now=now),
        "duration_text": duration_text(review.asset.duration),
        "is_portrait": review.asset.is_portrait,
        "to_read": step.proofread_by_id is None,
    }
