"""The import wizard: choose a file, look through what would happen, write it, see what became."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from organizations.models import RosterImport
from organizations.people.viewer import Viewer
from organizations.roster.columns import FIELDS
from organizations.roster.files import roster_storage
from organizations.roster.forms import ImportForm, keeps_tree, kept_units
from organizations.roster.imports import (
    RosterError,
    check_can_import,
    import_cancel,
    import_confirm,
    import_create,
    import_retry,
    outcome_is_due,
)
from organizations.roster.messages import sentence
from organizations.roster.pages import (
    MOVING,
    import_counts,
    import_filters,
    import_rows,
    import_steps,
    own_imports,
    progress_of,
    to_write,
)
from organizations.roster.template import template_bytes

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def check_keeps_a_roster(user: Any) -> None:
    if not kept_units(user):
        raise PermissionDenied(_("Rosters are imported and exported by those who keep them."))


@never_cache
@login_required
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file; below, the imports before."""
    check_keeps_a_roster(request.user)
    asked = request.GET.get("unit", "")
    form = ImportForm(request.POST or None, request.FILES or None, user=request.user, asked=asked)
    if request.method == "POST" and form.is_valid():
        try:
            made = import_create(
                actor=request.user,
                unit=form.cleaned_data["unit"],
                kind=form.cleaned_data["kind"],
                file=form.cleaned_data["file"],
                file_name=form.cleaned_data["file"].name,
                key=form.cleaned_data["key"],
                request=request,
            )
        except RosterError as problem:
            form.add_error("file", str(problem))
        else:
            return redirect("roster:import_detail", made.pk)
    context = {
        "form": form,
        "imports": own_imports(request.user),
        "templates": ["people", "units"] if keeps_tree(request.user) else ["people"],
    }
    return render(request, "roster/import.html", context)


@never_cache
@login_required
@require_safe
def import_detail(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Where one import is; the rows once they are checked."""
    found = _own(request, key)
    chosen = request.GET.get("show", "")
    # Not before the check has ended: what is told of others is counted and limited there.
    shows_rows = found.checked_at is not None and found.rows_total > 0
    context = {
        "one": found,
        "steps": import_steps(found),
        "progress": progress_of(found),
        "is_moving": found.state in MOVING,
        "counts": import_counts(found) if shows_rows else [],
        "to_write": to_write(found),
        "reason": sentence(found.reason) if found.reason else "",
        "notes": [sentence(note) for note in found.notes],
        "filters": import_filters(found, chosen) if shows_rows else [],
        "rows": import_rows(found, chosen, request.GET.get("p"), Viewer.of(request))
        if shows_rows
        else None,
        "is_masked": found.kind == RosterImport.Kind.PEOPLE,
        "query_prefix": f"show={chosen}&" if chosen else "",
        "outcome_is_due": outcome_is_due(found),
    }
    return render(request, "roster/import_detail.html", context)


@never_cache
@login_required
@require_safe
def import_progress(request: HttpRequest, key: uuid.UUID) -> JsonResponse:
    """How far it is, for the page's script."""
    return JsonResponse(progress_of(_own(request, key)))


@login_required
@require_POST
def import_act(request: HttpRequest, key: uuid.UUID, act: str) -> HttpResponse:
    """Confirm, cancel or try again."""
    if act not in ("confirm", "cancel", "retry"):
        raise Http404
    found = _own(request, key)
    try:
        if act == "confirm":
            import_confirm(actor=request.user, roster_import=found, request=request)
        elif act == "cancel":
            import_cancel(actor=request.user, roster_import=found)
        else:
            import_retry(actor=request.user, roster_import=found)
    except RosterError as problem:
        messages.error(request, str(problem))
    return redirect("roster:import_detail", found.pk)


@never_cache
@login_required
@require_safe
def import_outcome(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """The uploaded rows with what became of each."""
    found = _own(request, key)
    if not found.outcome:
        raise Http404
    return workbook_response(found.outcome, _("Outcome") + ".xlsx")


@login_required
@require_safe
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """The empty workbook to fill in."""
    check_keeps_a_roster(request.user)
    if kind not in FIELDS:
        raise Http404
    response = HttpResponse(template_bytes(kind), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="roster-{kind}.xlsx"'
    return response


def workbook_response(name: str, file_name: str) -> FileResponse:
    """A stored workbook as a download that no cache keeps."""
    try:
        stream = roster_storage().open(name, "rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(stream, as_attachment=True, filename=file_name, content_type=XLSX)


def _own(request: HttpRequest, key: uuid.UUID) -> RosterImport:
    """What the person began, for as long as the post lasts: it names people of the unit."""
    found: RosterImport = get_object_or_404(
        RosterImport.objects.visible_to(request.user).select_related("unit"), pk=key
    )
    if found.unit is None:
        raise Http404
    check_can_import(request.user, found.unit, found.kind)
    return found
