"""A branch's programmes: the list, one programme and its changes, the page that plays it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cms.cards import lecture_cards
from cms.models import LecturePage
from cms.programme import ordering
from cms.programme.forms import DayForm
from cms.programme.models import Programme, ProgrammeItem
from cms.programme.permissions import can_hold
from cms.sequences import cards_in_row
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.delivery import playback_for

PER_PAGE = 20
FOUND = 10


@never_cache
@login_required
@require_safe
def programme_list(request: HttpRequest) -> HttpResponse:
    """Those to come first, then those that were; of the own branch and the units below. Each has
    pages of its own.
    """
    today = timezone.localdate()
    mine = Programme.objects.visible_to(request.user).select_related("organization", "activity")
    coming = Paginator(mine.filter(on__gte=today).order_by("on", "pk"), PER_PAGE)
    coming_page = coming.get_page(request.GET.get("next"))
    past_page = Paginator(mine.filter(on__lt=today), PER_PAGE).get_page(request.GET.get("p"))
    context = {
        "nav": "library",
        "coming": coming_page,
        "past": past_page,
        # Turning one list leaves the other where it is.
        "coming_prefix": f"next={coming_page.number}&" if coming_page.number > 1 else "",
        "past_prefix": f"p={past_page.number}&" if past_page.number > 1 else "",
        "can_hold": can_hold(request.user),
    }
    return render(request, "programme/programme_list.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def programme(request: HttpRequest, pk: int) -> HttpResponse:
    found = _visible(request, pk)
    if request.method == "POST":
        return _act(request, found)
    return _page(request, found)


def _act(request: HttpRequest, found: Programme) -> HttpResponse:
    """One change, named by `act`."""
    user, asked = request.user, request.POST
    if not can_hold(user, found.organization):
        raise PermissionDenied(_("You can look at this programme and not change it."))
    act = asked.get("act", "")
    try:
        if act == "day":
            form = DayForm(asked)
            if not form.is_valid():
                return _page(request, found, form=form, status=422)
            today = timezone.localdate()
            day = form.cleaned_data["on"]
            ordering.programme_move_day(programme=found, on=day, user=user, today=today)
            messages.success(request, _("The day is changed."))
        elif act == "add":
            lecture = LecturePage.objects.live().filter(pk=_key(asked.get("lecture"))).first()
            if lecture is None:
                raise ordering.OrderError(_("This lecture is no longer published."))
            ordering.lecture_add(programme=found, lecture=lecture, user=user)
            messages.success(request, _("“%(title)s” is added.") % {"title": lecture.title})
        elif act in ("earlier", "later"):
            by = -1 if act == "earlier" else 1
            item, place = _key(asked.get("item")), _key(asked.get("place"))
            ordering.lecture_shift(programme=found, item=item, place=place, by=by, user=user)
        elif act == "remove":
            item = _key(asked.get("item"))
            ordering.lecture_remove(programme=found, item=item, user=user)
        elif act == "cancel":
            ordering.programme_cancel(programme=found, user=user)
            messages.success(request, _("The programme is called off."))
            return redirect("programme:programmes")
        else:
            raise Http404
    except ordering.OrderError as problem:
        messages.error(request, str(problem))
    return redirect("programme:programme", found.pk)


def _page(
    request: HttpRequest, found: Programme, *, form: DayForm | None = None, status: int = 200
) -> HttpResponse:
    items = _items(found)
    cards = lecture_cards([item.lecture for item in items], request=request)
    cards_in_row(cards, "programme", found.pk)
    can_change = can_hold(request.user, found.organization)
    query = " ".join(request.GET.get("q", "").split())[:60]
    context = {
        "nav": "library",
        "programme": found,
        "activity": getattr(found, "activity", None),
        "rows": [
            {"item": item, "card": card, "live": item.lecture.live}
            for item, card in zip(items, cards, strict=True)
        ],
        "is_playable": any(item.lecture.live for item in items),
        "can_change": can_change,
        "is_past": found.on < timezone.localdate(),
        "is_held": found.on <= timezone.localdate(),
        "form": form or DayForm(initial={"on": found.on}),
        "query": query,
        "found": _search(found, query, request) if can_change and query else [],
    }
    return render(request, "programme/programme.html", context, status=status)


def _search(found: Programme, query: str, request: HttpRequest) -> list[Any]:
    """Published lectures that are not on the programme yet."""
    lectures = LecturePage.objects.visible_to(request.user).mentioning(query)
    lectures = lectures.exclude(pk__in=found.items.values("lecture")).for_cards().newest()
    return lecture_cards(lectures[:FOUND], request=request)


@never_cache
@login_required
@require_safe
def play(request: HttpRequest, pk: int) -> HttpResponse:
    """One page that plays one lecture after the other, for a room."""
    found = _visible(request, pk)
    now = timezone.now()
    live = [item.lecture for item in _items(found) if item.lecture.live]
    lectures = [lecture for lecture in live if lecture.asset and lecture.asset.is_ready]
    assets = [lecture.asset for lecture in lectures if lecture.asset]
    tracks = CaptionTrack.objects.filter(asset__in=assets)
    captioned = set(tracks.values_list("asset_id", flat=True))
    cards = lecture_cards(lectures, request=request, now=now)
    rows = [
        {
            "card": card,
            "playback_url": reverse("cms:playback", args=[lecture.pk]),
            "captions_url": (
                reverse("cms:captions", args=[lecture.pk]) if lecture.asset_id in captioned else ""
            ),
        }
        for lecture, card in zip(lectures, cards, strict=True)
    ]
    context = {
        "nav": "library",
        "programme": found,
        "rows": rows,
        "playback": playback_for(assets[0], now=now) if assets else None,
    }
    return render(request, "programme/play.html", context)


def _visible(request: HttpRequest, pk: int) -> Programme:
    rows = Programme.objects.visible_to(request.user)
    found: Programme = get_object_or_404(
        rows.select_related("organization", "menu", "activity"), pk=pk
    )
    return found


def _items(found: Programme) -> list[ProgrammeItem]:
    """With what a card shows, and what a player needs."""
    items = found.items.select_related("lecture__asset__package", "lecture__organization")
    return list(items.order_by("position", "pk"))


def _key(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
