"""Lecture activities (党课开讲啦): the list, logging and changing one, the figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from audit import log
from cms.programme.activities import (
    ActivityError,
    activity_change,
    activity_delete,
    activity_log,
)
from cms.programme.counting import (
    NOTHING,
    Held,
    activities_in,
    held_by_branch,
    held_in_all,
)
from cms.programme.forms import ActivityForm
from cms.programme.messages import column_label
from cms.programme.models import LectureActivity, Programme
from cms.programme.permissions import check_can_hold, held_units
from cms.unit_figures import Asked, asked_figures, figures_context, unit_rows
from cms.workbooks import workbook_response
from organizations.permissions import units_path_covers

PER_PAGE = 30
MOST = 20_000
CHUNK = 2000


@never_cache
@login_required
@require_safe
def activity_list(request: HttpRequest) -> HttpResponse:
    """What was held in a unit and below, in a period; `?export=xlsx` for the workbook."""
    asked = asked_figures(request)
    rows = activities_in(asked.unit, asked.period)
    sums = held_in_all(asked)
    if request.GET.get("export") == "xlsx":
        if sums.sessions <= MOST:
            return _list_workbook(request, asked, rows, sums)
        text = _("More than %(count)s activities. Please choose fewer days.")
        messages.error(request, text % {"count": MOST})
    shown = rows.select_related("organization", "recording")
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("p"))
    held = held_units(request.user)
    context = {
        "nav": "library",
        "activities": page,
        "sums": sums,
        "can_hold": bool(held),
        "changeable": {one.pk for one in page if units_path_covers(held, one.organization)},
        "query_prefix": f"{asked.address()}&",
    }
    return render(request, "programme/activity_list.html", context | figures_context(asked))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def activity_new(request: HttpRequest) -> HttpResponse:
    """Log one; `?programme=` brings date and title along."""
    check_can_hold(request.user)
    programme = _programme(request)
    today = timezone.localdate()
    initial: dict[str, Any] = {"held_on": today}
    if programme is not None:
        initial = {
            "programme": programme.pk,
            "unit": programme.organization,
            "held_on": programme.on,
            "title": programme.title,
        }
    form = ActivityForm(request.POST or None, user=request.user, today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            activity, made = activity_log(
                organization=form.unit(),
                user=request.user,
                today=today,
                programme=programme,
                **form.facts(),
            )
            if programme is not None and not made:
                activity_change(
                    activity=activity, user=request.user, today=today, programme=programme
                )
        except ActivityError as problem:
            form.add_error(None, str(problem))
        else:
            if activity.headcount != form.facts()["headcount"]:
                return _other_headcount(request, activity)
            text = ngettext(
                "Logged: 1 session, %(count)s attendance.",
                "Logged: 1 session, %(count)s attendances.",
                activity.headcount,
            )
            words = text % {"count": activity.headcount}
            messages.success(request, words if made else _("This is logged already."))
            return redirect("programme:activities")
    return _form_page(request, form, title=_("Log a lecture activity"), programme=programme)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def activity(request: HttpRequest, pk: int) -> HttpResponse:
    """Change or delete one."""
    rows = LectureActivity.objects.visible_to(request.user)
    found: LectureActivity = get_object_or_404(
        rows.select_related("organization", "recording", "programme"), pk=pk
    )
    check_can_hold(request.user, found.organization)
    if request.method == "POST" and request.POST.get("act") == "delete":
        activity_delete(activity=found, user=request.user)
        messages.success(request, _("The lecture activity is deleted."))
        return redirect("programme:activities")
    today = timezone.localdate()
    kept = LectureActivity.objects.select_related("organization", "recording").get(pk=pk)
    form = ActivityForm(request.POST or None, user=request.user, today=today, instance=kept)
    if request.method == "POST" and form.is_valid():
        try:
            activity_change(activity=found, user=request.user, today=today, **form.facts())
        except ActivityError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("The lecture activity is changed."))
            return redirect("programme:activities")
    return _form_page(request, form, title=_("Change a lecture activity"), activity=found)


@never_cache
@login_required
@require_safe
def activity_figures(request: HttpRequest) -> HttpResponse:
    """Sessions and attendances by unit, for a period; `?export=xlsx` for the workbook."""
    asked = asked_figures(request)
    rows = unit_rows(asked, held_by_branch(asked), nothing=NOTHING)
    sums = held_in_all(asked)
    head = [_("Sessions"), _("Attendances")]
    if request.GET.get("export") == "xlsx":
        log.record("activity.export", target=asked.unit, request=request, **asked.period.asked)
        return workbook_response(
            title=_("Figures of lecture activities"),
            about=f"{asked.unit.name}　{asked.period.text}",
            user=request.user,
            head=[_("Unit"), *head],
            widths=(40, 14, 14),
            rows=([row["name"], *_cells(row["figures"])] for row in rows),
            foot=[[_("In all"), *_cells(sums)]],
        )
    context = {
        "nav": "library",
        "columns": head,
        "rows": [row | {"cells": _cells(row["figures"])} for row in rows],
        "total": _cells(sums),
        "list_url": asked.address(),
    }
    return render(request, "programme/activity_figures.html", context | figures_context(asked))


def _other_headcount(request: HttpRequest, activity: LectureActivity) -> HttpResponse:
    """Logged before with another number, which stands."""
    text = ngettext(
        "This is logged already, with %(count)s attendance, and that stands. You can change it "
        "here.",
        "This is logged already, with %(count)s attendances, and that stands. You can change it "
        "here.",
        activity.headcount,
    )
    messages.warning(request, text % {"count": activity.headcount})
    return redirect("programme:activity", activity.pk)


def _cells(held: Held) -> list[str]:
    return [str(held.sessions), str(held.attendances)]


def _form_page(
    request: HttpRequest, form: ActivityForm, *, title: str, **more: Any
) -> HttpResponse:
    context = {"nav": "library", "form": form, "title": title, "unit": form.only, **more}
    context["offered_units"] = getattr(form, "offered", [])
    status = 422 if form.errors else 200
    return render(request, "programme/activity_form.html", context, status=status)


def _programme(request: HttpRequest) -> Programme | None:
    """The programme that was held, if its page led here and the person may log for its branch."""
    key = request.GET.get("programme", "")
    if not (key.isascii() and key.isdigit() and len(key) < 10):
        return None
    rows = Programme.objects.visible_to(request.user).select_related("organization")
    found: Programme = get_object_or_404(rows, pk=key)
    check_can_hold(request.user, found.organization)
    return found


def _list_workbook(
    request: HttpRequest, asked: Asked, rows: QuerySet[LectureActivity], sums: Held
) -> HttpResponse:
    log.record(
        "activity.export", target=asked.unit, request=request, rows=sums.sessions,
        **asked.period.asked,
    )  # fmt: skip
    names = ("held_on", "title", "speaker", "place", "headcount", "recording")
    return workbook_response(
        title=_("Lecture activities"),
        about=f"{asked.unit.name}　{asked.period.text}",
        user=request.user,
        head=[_("No."), _("Unit code"), _("Unit"), *(column_label(name) for name in names)],
        widths=(8, 16, 30, 13, 36, 14, 24, 10, 40),
        rows=_lines(rows),
        foot=[
            [
                _("In all"), "", "", "",
                _("%(count)s sessions") % {"count": sums.sessions}, "", "",
                str(sums.attendances), "",
            ]
        ],
    )  # fmt: skip


def _lines(rows: QuerySet[LectureActivity]) -> Iterator[list[str]]:
    found = rows.select_related("organization", "recording").order_by("held_on", "pk")
    for number, one in enumerate(found.iterator(chunk_size=CHUNK), 1):
        yield [
            str(number),
            one.organization.code,
            one.organization.name,
            one.held_on.isoformat(),
            one.title,
            one.speaker,
            one.place,
            str(one.headcount),
            one.recording.title if one.recording else "",
        ]
