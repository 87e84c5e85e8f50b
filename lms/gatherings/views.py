"""Pages of who keeps a gathering and of who decides on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import astuple
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, QuerySet, When
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from audit import log
from cms.models import LecturePage
from cms.programme.models import Programme
from cms.programme.permissions import can_hold, check_can_hold
from cms.unit_figures import asked_figures, figures_context, unit_rows
from lms.gatherings import deciding, opening
from lms.gatherings.errors import AlreadyOpen, DayOver, GatheringError
from lms.gatherings.figures import NOTHING, held_by_branch, held_in_all
from lms.gatherings.forms import PlaceForm, PlanForm, ReasonForm
from lms.gatherings.models import Gathering, Screen
from lms.gatherings.pairing import code_tried, screen_pair
from lms.gatherings.permissions import can_decide, can_keep, to_decide_by
from lms.gatherings.presence import is_forgotten
from lms.gatherings.roll_rows import last_heard, played_between, plays_shown, roll_rows
from lms.gatherings.rolls import takes_marks
from lms.gatherings.shares import is_in_work
from lms.ledger.evidence_files import claims_storage, file_response
from organizations import scope
from organizations.people.viewer import Viewer

State = Gathering.State
PER_PAGE = 20
MOST_RUNNING = 100


@never_cache
@require_safe
@login_required
def gathering_list(request: HttpRequest) -> HttpResponse:
    """What runs, is planned or was sent back; what waits for the user's word; what was, and how
    much of it by unit in a period (`?unit=&from=&to=`).
    """
    user = request.user
    mine = Gathering.objects.visible_to(user).select_related("organization")
    to_decide = mine.filter(to_decide_by(user), state=State.HANDED_IN).order_by("on", "pk")
    past = mine.exclude(state__in=opening.KEPT)
    context = {
        "nav": "me",
        "running": _running(mine),
        "to_decide": to_decide[:PER_PAGE],
        "past": Paginator(past, PER_PAGE).get_page(request.GET.get("p")),
        "can_hold": can_hold(user),
        "query_prefix": "",
    }
    return render(request, "gatherings/list.html", context | _figures(request))


def _figures(request: HttpRequest) -> dict[str, Any]:
    """For those who look after units, once they ask. Links lead back to where the figures stand."""
    if not scope.readable_units(request.user):
        return {}
    if not request.GET.keys() & {"unit", "from", "to", "figures"}:
        return {"figures_url": "?figures=on#figures"}
    asked = asked_figures(request)
    rows = unit_rows(asked, held_by_branch(asked), nothing=NOTHING)
    return figures_context(asked) | {
        "columns": [_("Sessions"), _("Different people"), _("Attendances")],
        "rows": [
            row | {"url": row["url"] and f"{row['url']}#figures", "cells": astuple(row["figures"])}
            for row in rows
        ],
        "total": astuple(held_in_all(asked)),
        "query_prefix": f"{asked.address()}&",
    }


def _running(rows: QuerySet[Gathering]) -> QuerySet[Gathering]:
    """Today's first, what was sent back, what is to come, then what was forgotten."""
    today = timezone.localdate()
    order = Case(
        When(on=today, then=0),
        When(state=State.SENT_BACK, then=1),
        When(on__gt=today, then=2),
        default=3,
    )
    return rows.filter(state__in=opening.KEPT).order_by(order, "on", "pk")[:MOST_RUNNING]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def gathering_new(request: HttpRequest) -> HttpResponse:
    """For a lecture (`?lecture=`) or a programme (`?programme=`), today or later."""
    user, now = request.user, timezone.now()
    check_can_hold(user)
    asked = request.POST or request.GET
    programme = lecture = None
    if key := whole(asked.get("programme")):
        rows = Programme.objects.visible_to(user).select_related("organization")
        programme = get_object_or_404(rows, pk=key)
        check_can_hold(user, programme.organization)
    elif key := whole(request.GET.get("lecture")):
        lecture = LecturePage.objects.visible_to(user).filter(pk=key).first()
    today = timezone.localdate(now)
    form = PlanForm(
        request.POST or None, user=user, today=today, programme=programme, lecture=lecture
    )
    already = None
    if request.method == "POST" and form.is_valid():
        try:
            made = opening.gathering_plan(user=user, now=now, **form.facts())
            if made.on == today and made.state == State.PLANNED:
                opening.gathering_start(gathering=made, user=user, now=now)
        except AlreadyOpen as problem:
            form.add_error(None, already_text(problem.gathering, Viewer.of(request)))
            already = problem.gathering
        except GatheringError as problem:
            form.add_error(None, str(problem))
        else:
            return redirect("gatherings:detail", made.pk)
    context = {
        "nav": "me",
        "form": form,
        "already": already,
        "other_place": other_place(already, form, user) if already is not None else "",
        "programme": programme,
        "offered_units": getattr(form, "offered", []),
    }
    return render(request, "gatherings/new.html", context, status=422 if form.errors else 200)


def already_text(found: Gathering, viewer: Viewer) -> str:
    """Since when, by whom and where: so nobody opens in another room what runs in this one."""
    at = timezone.localtime(found.opened_at or found.made_at)
    is_same_day = at.date() == found.on
    facts = {
        "when": date_format(at, "TIME_FORMAT" if is_same_day else "DATETIME_FORMAT"),
        "who": viewer.name(found.made_by, found.organization_id) if found.made_by else "—",
        "place": found.place,
    }
    if found.opened_at is None and not found.is_paper:
        text = _("This session was planned already, at %(when)s by %(who)s. Place: %(place)s.")
    else:
        text = _("This session was opened already, at %(when)s by %(who)s. Place: %(place)s.")
    return text % facts


def other_place(found: Gathering, form: PlanForm, user: Any) -> str:
    """The place that was asked for now, where it can be given to the session that is there."""
    place: str = form.cleaned_data["place"]
    can_change = found.state in opening.KEPT and can_keep(user, found)
    return place if can_change and place != found.place else ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    found = visible(request, pk)
    form = ReasonForm()
    if request.method == "POST":
        answer = _act(request, found)
        if answer is not None:
            return answer
        form = ReasonForm(request.POST)
        form.is_valid()
    user = request.user
    keeps = can_keep(user, found)
    viewer = Viewer.of(request)
    decides = can_decide(user, found)
    rows = roll_rows(found, request) if keeps or decides else []
    present = found.attendances.filter(is_present=True).count()
    screen = Screen.objects.filter(gathering=found, ended_at=None).first()
    forgotten = is_forgotten(found, timezone.now())
    context = {
        "nav": "me",
        "gathering": found,
        "is_today": found.on == timezone.localdate(),
        "can_keep": keeps,
        "can_decide": decides,
        "can_void": decides and found.state == State.APPROVED,
        "is_decided": found.state in (State.APPROVED, State.VOIDED, State.CALLED_OFF),
        "is_open": found.state == State.OPEN and not forgotten,
        "forgotten": str(DayOver(found)) if forgotten and keeps else "",
        "can_mark": keeps and takes_marks(found),
        "can_hand_in": keeps and found.state in (State.OPEN, State.SENT_BACK),
        "can_start": keeps and found.state == State.PLANNED,
        "can_go_on": keeps and opening.may_go_on(found, timezone.now()),
        "can_call_off": keeps and found.state in opening.KEPT,
        "rows": rows,
        "is_masked": viewer.is_open or not viewer.knows_unit(found.organization_id),
        "present": present,
        "in_all": present + found.guests,
        "seal": deciding.roll_seal(found),
        "is_in_work": is_in_work(found),
        "plays": plays_shown(found),
        "played_between": played_between(found),
        "last_heard": last_heard(found) if found.state == State.HANDED_IN else None,
        "has_screen": screen is not None,
        "is_photo": found.photo.endswith(".jpg"),
        "form": form,
        "asked": request.POST.get("act", ""),
    }
    return render(request, "gatherings/detail.html", context, status=422 if form.errors else 200)


def visible(request: HttpRequest, pk: int) -> Gathering:
    rows = Gathering.objects.visible_to(request.user).select_related("organization", "programme")
    found: Gathering = get_object_or_404(rows, pk=pk)
    return found


def _act(request: HttpRequest, found: Gathering) -> HttpResponse | None:
    """One act, named by `act`; None when a reason is missing."""
    act, user, now = request.POST.get("act", ""), request.user, timezone.now()
    reason = request.POST.get("reason", "")
    if act in ("send_back", "void") and not ReasonForm(request.POST).is_valid():
        if not can_decide(user, found):
            raise PermissionDenied(_("This is decided by the township or those above it."))
        return None
    acts: dict[str, Callable[[], Any]] = {
        "start": lambda: opening.gathering_start(gathering=found, user=user, now=now),
        "pair": lambda: _pair(request, found, now),
        "hand_in": lambda: opening.gathering_hand_in(gathering=found, user=user, now=now),
        "go_on": lambda: opening.gathering_go_on(gathering=found, user=user, now=now),
        "call_off": lambda: opening.gathering_call_off(gathering=found, user=user, now=now),
        "place": lambda: _place(request, found),
        "approve": lambda: deciding.gathering_approve(
            gathering=found, actor=user, seen=request.POST.get("seen", ""), now=now
        ),
        "send_back": lambda: deciding.gathering_send_back(
            gathering=found, actor=user, reason=reason, now=now
        ),
        "void": lambda: deciding.gathering_void(
            gathering=found, actor=user, reason=reason, now=now
        ),
    }
    if act not in acts:
        raise Http404
    try:
        acts[act]()
    except GatheringError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, DONE[act])
    return redirect("gatherings:detail", found.pk)


def _place(request: HttpRequest, found: Gathering) -> None:
    form = PlaceForm(request.POST)
    if not form.is_valid():
        raise GatheringError(_("Please say where the session is, in at most 80 characters."))
    opening.place_change(gathering=found, user=request.user, place=form.cleaned_data["place"])


def _pair(request: HttpRequest, found: Gathering, now: dt.datetime) -> None:
    code_tried(request.user)
    code = request.POST.get("code", "")
    screen_pair(gathering=found, code=code, user=request.user, now=now)


@never_cache
@require_safe
@login_required
def photo(request: HttpRequest, pk: int) -> FileResponse:
    """The list on paper, for who keeps the session and who decides on it; looking is logged."""
    found = visible(request, pk)
    if not can_keep(request.user, found) and not can_decide(request.user, found):
        raise PermissionDenied(_("The list is for the branch and for who decides on it."))
    if not found.photo or not claims_storage().exists(found.photo):
        raise Http404
    log.record("gathering.photo", target=found, request=request)
    return file_response(found.photo, f"roll-{found.pk}")


def whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


DONE = {
    "start": gettext_lazy("The session runs. Connect the screen, or tick who is there."),
    "pair": gettext_lazy("The screen is connected; it goes on by itself."),
    "hand_in": gettext_lazy("Handed in. The township looks at it."),
    "go_on": gettext_lazy("The session goes on. Please connect the screen again."),
    "call_off": gettext_lazy("The session is called off."),
    "place": gettext_lazy("The place is changed."),
    "approve": gettext_lazy("Approved. The hours of who was there are being credited."),
    "send_back": gettext_lazy("Sent back. The branch reads the reason and corrects it."),
    "void": gettext_lazy("It no longer counts; the hours are being taken back, with the reason."),
}
