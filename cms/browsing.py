"""What members see of a lecture; templates get everything ready. Lists are in `cms.listing`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from cms.breadcrumbs import breadcrumbs
from cms.cards import CARD, lecture_card, lecture_cards
from cms.collections import lecture_places, parts_of
from cms.durations import clock_text
from cms.enquiries.models import Enquiry
from cms.models import LecturePage
from cms.permissions import PUBLISHERS, lecture_unit
from cms.recordings import recording_problem
from cms.review.models import Review
from cms.review.reviewers import PROOFREADERS
from cms.sequences import next_lecture
from cms.text_views import chapter_rows
from media_pipeline.delivery import playback_for
from organizations.people.viewer import Viewer
from organizations.permissions import units_path_covers

MORE_LECTURES = 6
QUESTIONS = 3


def lecture_context(
    page: LecturePage, request: HttpRequest, now: dt.datetime | None = None
) -> dict[str, Any]:
    now = now or timezone.now()
    is_preview = getattr(request, "is_preview", False)
    crumbs = breadcrumbs(page, request)
    asset = page.asset
    parts = parts_of(page, request.user) if page.pk else []
    places = lecture_places(page, request, parts) if page.pk else {}
    following = next_lecture(page, request, parts=parts) if page.pk else None
    shown = {page.pk} | ({following.card.id} if following and following.card else set())
    more = _more(page, request, shown)
    track = getattr(asset, "captions", None) if page.pk else None
    return {
        "nav": "library",
        "lecture": {
            **vars(lecture_card(page, request=request, now=now)),
            "is_new": False,
            "summary": page.summary,
            "subject": page.get_subject_display(),
            **places,
            "recorded_on": page.recorded_on,
            "unit_url": crumbs[-1]["url"] if crumbs else "",
            "is_ready": bool(asset and asset.is_ready),
        },
        "playback": playback_for(asset, now=now) if asset and asset.is_ready else None,
        "playback_url": reverse("cms:playback", args=[page.pk]) if page.pk else "",
        "captions_url": reverse("cms:captions", args=[page.pk]) if track else "",
        **start_context(request),
        "text_url": reverse("cms:text", args=[page.pk]) if page.pk else "",
        "chapters": chapter_rows(places.get("chapters", [])),
        "captions_unchecked": bool(track and track.is_unchecked),
        # What the person's browser asks of every page (RFC 8942's client hint).
        "save_data": request.headers.get("Save-Data", "").strip().lower() == "on",
        "pack_url": (
            reverse("cms:pack", args=[page.pk])
            if page.live and page.may_download and asset and asset.is_ready
            else ""
        ),
        "questions": _questions(page),
        "recording_url": _recording_url(page, request),
        "review_url": _review_url(page, request),
        # A preview counts nothing, so it opens no play session.
        "watch_open_url": "" if is_preview else _watch_open_url(),
        "waiting_text": recording_problem(asset) or None,
        "breadcrumbs": crumbs,
        "next_lecture": following,
        "more_lectures": lecture_cards(more, request=request, now=now),
    }


def start_context(request: HttpRequest) -> dict[str, Any]:
    """The moment that the address names (`?t=192`), 0 for none. The player reads the address
    itself; a link serves where scripts are off.
    """
    asked = request.GET.get("t", "")
    second = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
    return {"start_at": second, "start_text": clock_text(second)}


def _questions(page: LecturePage) -> list[Enquiry]:
    """The latest that were answered; all of them have a page of their own."""
    rows = Enquiry.objects.published().filter(lecture=page.pk)
    return list(rows.order_by("-answered_at", "-pk")[:QUESTIONS]) if page.pk else []


def _recording_url(page: LecturePage, request: HttpRequest) -> str:
    """Where its owner and its keepers change captions and picture; empty for everybody else."""
    asset = page.asset
    if asset is None or not asset.is_ready:
        return ""
    unit = lecture_unit(page)
    kept = Viewer.of(request).units(PUBLISHERS)
    if asset.owner_id != request.user.pk and not (unit and units_path_covers(kept, unit)):
        return ""
    return reverse("cms:recording", args=[asset.pk])


def _review_url(page: LecturePage, request: HttpRequest) -> str:
    """Where its keepers take it down, and find its review; for its reviewers, the review. Empty
    for everybody else: whoever holds no post is asked for no query.
    """
    viewer, unit = Viewer.of(request), lecture_unit(page)
    if page.pk and unit and units_path_covers(viewer.units(PUBLISHERS), unit):
        return reverse("review:take_down", args=[page.pk])
    reviewing = [one.pk for one in viewer.units(PROOFREADERS)]
    if not page.pk or not reviewing:
        return ""
    here = Q(steps__unit__in=reviewing) | Q(steps__unit=None, steps__planned_unit__in=reviewing)
    review = Review.objects.filter(here, lecture=page.pk).first()
    return reverse("review:sheet", args=[review.pk]) if review else ""


def _more(page: LecturePage, request: HttpRequest, shown: set[int]) -> list[LecturePage]:
    """The newest of the same subject, then the newest of all; without what is shown already."""
    others = LecturePage.objects.visible_to(request.user).exclude(pk__in=shown)
    others = others.for_cards().only(*CARD).newest()
    near = list(others.filter(subject=page.subject)[:MORE_LECTURES])
    left = MORE_LECTURES - len(near)
    return [*near, *others.exclude(subject=page.subject)[:left]] if left else near


def _watch_open_url() -> str:
    """By name only: the library does not know the rooms above it."""
    try:
        return reverse("watching:open")
    except NoReverseMatch:
        return ""
