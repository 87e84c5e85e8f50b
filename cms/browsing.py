"""What members see in the library: its lists, a shelf, a lecture. Templates get everything ready.

The number of queries never depends on how many lectures, shelves or units there are.
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.db.models.functions import Substr
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.cards import lecture_card, lecture_cards
from cms.collections import collections_shown, lecture_places
from cms.filters import Wish, chosen_filters, filter_fields
from cms.models import LecturePage, LecturePageQuerySet, LibraryPage, ShelfPage, Subject
from cms.permissions import can_publish
from cms.recordings import recording_problem
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.delivery import playback_for

PER_PAGE = 24
MORE_LECTURES = 6
# Shown on the first page of the library; all of them have a page of their own.
COLLECTIONS = 3


class CountedPaginator(Paginator):
    """The number of lectures is known from the counts by subject."""

    def __init__(self, *args: Any, known: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known

    @cached_property
    def count(self) -> int:
        return self.known


def library_context(page: LibraryPage, request: HttpRequest) -> dict[str, Any]:
    context = list_context(request, LecturePage.objects.visible_to(request.user), page=page)
    first = context["lectures"].number == 1 and context["wish"] == Wish()
    return context | {"collections": collections_shown(request.user)[:COLLECTIONS] if first else []}


def shelf_context(page: ShelfPage, request: HttpRequest) -> dict[str, Any]:
    """This shelf and everything below it."""
    lectures = LecturePage.objects.visible_to(request.user).below(page)
    crumbs = _breadcrumbs(page, request)
    return list_context(request, lectures, page=page) | {"breadcrumbs": crumbs}


def list_context(
    request: HttpRequest,
    lectures: LecturePageQuerySet,
    *,
    page: Page | None = None,
    is_ordered: bool = False,
) -> dict[str, Any]:
    """Lectures under the person's wish, counted and paged; with the shelves below `page`.

    The newest first, unless they have an order of their own.
    """
    wish = Wish.of(request)
    filters = filter_fields(wish)
    lectures = wish.narrow(lectures)
    counts = dict(lectures.order_by().values_list("subject").annotate(n=Count("pk")))
    if wish.subject:
        lectures = lectures.filter(subject=wish.subject)
    known = counts.get(wish.subject, 0) if wish.subject else sum(counts.values())
    rows = lectures.for_cards()
    paginator = CountedPaginator(rows if is_ordered else rows.newest(), PER_PAGE, known=known)
    found = paginator.get_page(request.GET.get("p"))
    found.object_list = lecture_cards(found.object_list, request=request)
    prefix = wish.address()
    return {
        "nav": "library",
        "lectures": found,
        "lecture_count": known,
        "shelves": _shelves(page, lectures, wish, request) if page and not wish.q else [],
        "subjects": _subjects(counts, wish, request),
        "active_subject": Subject(wish.subject).label if wish.subject else "",
        "query": wish.q,
        "wish": wish,
        "filters": filters,
        "chosen": chosen_filters(wish, filters),
        "query_prefix": f"{prefix}&" if prefix else "",
    }


def _shelves(
    page: Page, lectures: LecturePageQuerySet, wish: Wish, request: HttpRequest
) -> list[dict[str, Any]]:
    """The shelves on the next level that hold something, in the order of the units."""
    shelves = list(ShelfPage.objects.child_of(page).live().order_by("organization__path"))
    if not shelves:
        return []
    # One group for each shelf: the part of a lecture's place in the tree that names the shelf.
    branch = Substr("path", 1, len(page.path) + Page.steplen)
    counts = dict(
        lectures.order_by().annotate(branch=branch).values_list("branch").annotate(n=Count("pk"))
    )
    asked = wish.address()
    return [
        {
            "title": shelf.title,
            "url": f"{shelf.get_url(request)}{'?' if asked else ''}{asked}",
            "count": counts[shelf.path],
        }
        for shelf in shelves
        if counts.get(shelf.path)
    ]


def _subjects(counts: dict[str, int], wish: Wish, request: HttpRequest) -> list[dict[str, Any]]:
    """All, then the subjects that have lectures."""
    choices: list[tuple[str, Any, int]] = [("", _("All"), sum(counts.values()))]
    choices += [(key, label, counts.get(key, 0)) for key, label in Subject.choices]
    found = []
    for key, label, count in choices:
        if key and not count and key != wish.subject:
            continue
        asked = wish.address(subject=key)
        found.append(
            {
                "key": key,
                "label": label,
                "url": f"{request.path}{'?' if asked else ''}{asked}",
                "active": key == wish.subject,
                "count": count,
            }
        )
    return found


def _breadcrumbs(page: Page, request: HttpRequest) -> list[dict[str, str]]:
    """The library and the shelves above the page."""
    above = page.get_ancestors().filter(depth__gt=1)
    return [{"title": crumb.title, "url": crumb.get_url(request) or ""} for crumb in above]


def lecture_context(
    page: LecturePage, request: HttpRequest, now: dt.datetime | None = None
) -> dict[str, Any]:
    now = now or timezone.now()
    is_preview = getattr(request, "is_preview", False)
    crumbs = _breadcrumbs(page, request)
    asset = page.asset
    places = lecture_places(page, request) if page.pk else {}
    track = CaptionTrack.objects.filter(asset=asset).first() if asset and page.pk else None
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
        "captions_unchecked": bool(track and track.is_unchecked),
        # What the person's browser asks of every page (RFC 8942's client hint).
        "save_data": request.headers.get("Save-Data", "").strip().lower() == "on",
        "pack_url": (
            reverse("cms:pack", args=[page.pk])
            if page.live and page.may_download and asset and asset.is_ready
            else ""
        ),
        "recording_url": _recording_url(page, request),
        # A preview counts nothing, so it opens no play session.
        "watch_open_url": "" if is_preview else _watch_open_url(),
        "waiting_text": recording_problem(asset) or None,
        "breadcrumbs": crumbs,
        "more_lectures": lecture_cards(_more(page, request), request=request, now=now),
    }


def _recording_url(page: LecturePage, request: HttpRequest) -> str:
    """Where its owner and its keepers change captions and picture; empty for everybody else."""
    asset = page.asset
    if asset is None or not asset.is_ready:
        return ""
    if asset.owner_id != request.user.pk and not can_publish(request.user, page):
        return ""
    return reverse("cms:recording", args=[asset.pk])


def _more(page: LecturePage, request: HttpRequest) -> list[LecturePage]:
    """What to watch next: the newest of the same subject, then the newest of all."""
    others = LecturePage.objects.visible_to(request.user).exclude(pk=page.pk).for_cards().newest()
    near = list(others.filter(subject=page.subject)[:MORE_LECTURES])
    missing = MORE_LECTURES - len(near)
    return [*near, *others.exclude(subject=page.subject)[:missing]] if missing else near


def _watch_open_url() -> str:
    """By name only: the library does not know the rooms above it."""
    try:
        return reverse("watching:open")
    except NoReverseMatch:
        return ""
