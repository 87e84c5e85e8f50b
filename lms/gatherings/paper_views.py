"""Entering a list on paper: first the unit, where several could be meant, then the list."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cms.programme.permissions import check_can_hold, held_units
from lms.gatherings.errors import GatheringError
from lms.gatherings.forms import ChooseUnitForm, PaperForm
from lms.gatherings.models import Gathering
from lms.gatherings.paper import paper_enter
from lms.gatherings.presence import moment_on
from lms.gatherings.roll_rows import roll_rows
from lms.gatherings.views import whole
from organizations.models import Organization


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def paper(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    check_can_hold(user)
    unit = _unit(request)
    if unit is None:
        form = ChooseUnitForm(request.GET if "organization" in request.GET else None, user=user)
        if form.is_bound and form.is_valid():
            return redirect(f"{request.path}?unit={form.unit().code}")
        context = {"nav": "me", "form": form, "offered_units": getattr(form, "offered", [])}
        return render(request, "gatherings/paper_unit.html", context)
    check_can_hold(user, unit)
    return _list(request, unit)


def _unit(request: HttpRequest) -> Organization | None:
    if code := request.GET.get("unit", ""):
        return get_object_or_404(Organization.objects.open(), code=code)
    units = held_units(request.user)
    return units[0] if len(units) == 1 and units[0].is_leaf() else None


def _list(request: HttpRequest, unit: Organization) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    form = PaperForm(request.POST or None, request.FILES or None, today=today)
    ticked = {whole(one) for one in request.POST.getlist("person")} - {0}
    is_sent = form.is_bound
    day = today
    if is_sent:
        form.full_clean()
        day = form.cleaned_data.get("on", today)
    rows = _rows(request, unit, day)
    if is_sent and (problem := _roll_problem(request, unit, day, rows, ticked)):
        form.add_error(None, problem)
    if is_sent and form.is_valid():
        said = form.cleaned_data
        assert form.checked is not None
        try:
            made, is_new = paper_enter(
                organization=unit,
                user=request.user,
                wish=said["wish"],
                title=said["title"],
                place=said["place"],
                begins=moment_on(said["on"], said["begins"]),
                ends=moment_on(said["on"], said["ends"]),
                people=sorted(ticked),
                guests=said["guests"],
                photo=form.checked,
                photo_name=str(said["photo"].name)[-120:],
                lecture=said["lecture"],
                now=now,
            )
        except GatheringError as problem:
            form.add_error(None, str(problem))
        else:
            if is_new:
                messages.success(request, _("Handed in. The township looks at it."))
            else:
                messages.warning(request, _("This session is entered already; here it is."))
            return redirect("gatherings:detail", made.pk)
    context = {
        "nav": "me",
        "form": form,
        "unit": unit,
        "day": day,
        "rows": [row | {"present": row["user"] in ticked} for row in rows],
    }
    return render(request, "gatherings/paper.html", context, status=422 if form.errors else 200)


def _rows(request: HttpRequest, unit: Organization, day: dt.date) -> list[dict[str, Any]]:
    return roll_rows(Gathering(organization=unit, on=day), request)


def _roll_problem(
    request: HttpRequest,
    unit: Organization,
    day: dt.date,
    rows: list[dict[str, Any]],
    ticked: set[int],
) -> str:
    """Why the ticks cannot be taken: they were made on the roll of another day."""
    try:
        drawn = parse_date(request.POST.get("roll_of", ""))
    except ValueError:
        drawn = None
    if drawn == day:
        return ""
    said = [
        _("The list below now shows who belonged to the unit on %(day)s. Please go through it.")
        % {"day": date_format(day, "DATE_FORMAT")}
    ]
    here = {row["user"] for row in rows}
    before = _rows(request, unit, drawn) if drawn is not None else []
    gone = [row["name"] for row in before if row["user"] in ticked - here]
    if gone:
        said.append(_("Not among them on that day: %(names)s.") % {"names": "、".join(gone)})
    return " ".join(said)
