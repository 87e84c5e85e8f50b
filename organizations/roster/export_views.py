"""Exports of rosters: say the reason, wait, fetch the workbook; only who asked for it."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit import log
from organizations.models import RosterExport
from organizations.permissions import check_can_keep_people
from organizations.roster.exports import export_create
from organizations.roster.forms import ExportForm
from organizations.roster.imports import RosterError
from organizations.roster.messages import sentence
from organizations.roster.pages import own_exports, progress_of
from organizations.roster.views import check_keeps_a_roster, workbook_response


@never_cache
@login_required
def export(request: HttpRequest) -> HttpResponse:
    """Ask for a workbook; below, the exports before."""
    check_keeps_a_roster(request.user)
    form = ExportForm(request.POST or None, user=request.user, asked=request.GET.get("unit", ""))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = export_create(
                actor=request.user,
                unit=data["unit"],
                reason=data["reason"],
                reason_text=data["reason_text"],
                full_phones=data["phones"] == "full",
                key=data["key"],
                request=request,
            )
        except RosterError as problem:
            form.add_error("reason", str(problem))
        else:
            return redirect("roster:export_detail", made.pk)
    return render(
        request, "roster/export.html", {"form": form, "exports": own_exports(request.user)}
    )


@never_cache
@login_required
@require_safe
def export_detail(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    found = _own(request, key)
    context = {
        "one": found,
        "progress": progress_of(found),
        "is_ready": _is_ready(found),
        "reason": sentence(found.failure) if found.failure else "",
    }
    return render(request, "roster/export_detail.html", context)


@never_cache
@login_required
@require_safe
def export_progress(request: HttpRequest, key: uuid.UUID) -> JsonResponse:
    return JsonResponse(progress_of(_own(request, key)))


@never_cache
@login_required
@require_safe
def export_file(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """The workbook, while it is kept and as long as its maker keeps the roster."""
    found = _own(request, key)
    check_can_keep_people(request.user, found.unit)
    if not _is_ready(found):
        raise Http404
    response = workbook_response(found.file, _("Roster") + f" {found.number}.xlsx")
    log.record("roster.export", target=found, request=request, fetched=True, rows=found.rows)
    return response


def _is_ready(found: RosterExport) -> bool:
    over = found.expires_at is not None and found.expires_at < timezone.now()
    return found.state == RosterExport.State.DONE and bool(found.file) and not over


def _own(request: HttpRequest, key: uuid.UUID) -> RosterExport:
    found: RosterExport = get_object_or_404(
        RosterExport.objects.visible_to(request.user).select_related("unit"), pk=key
    )
    return found
