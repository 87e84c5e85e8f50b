"""The page of the log, its check, its export. Every visit is itself an entry."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import log
from audit.verification import log_verify
from organizations.auditing.denials import first_in_a_minute
from organizations.auditing.entries import check_can_audit, entries_visible_to
from organizations.auditing.exporting import EXPORT_MAX, TYPES, TooMany, log_export
from organizations.auditing.forms import ExportForm, LogFilter
from organizations.auditing.labels import target_label
from organizations.auditing.listing import chain_states, log_page

# How many of the newest entries a request checks; the whole log is checked every night.
NEWEST = 2_000


@never_cache
@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    check_can_audit(request.user)
    form = LogFilter(request.GET)
    page = log_page(
        form.chosen(entries_visible_to(request.user)),
        before=form.cleaned_data.get("before") or 0,
        reader=request.user,
    )
    query = form.query()
    if form.is_valid() and first_in_a_minute(
        "audit.view", request.user.pk, request.GET.urlencode()
    ):
        log.record("audit.view", request=request, asked=form.facts())
    whole, newest = chain_states()
    context: dict[str, Any] = {
        "nav": "me",
        "form": form,
        "page": page,
        "state": whole,
        "newest": newest,
        "is_filtered": bool(query),
        "is_first": not form.cleaned_data.get("before"),
        "object_label": _object_label(form),
        "first_url": f"?{urlencode(query)}",
        "older_url": f"?{urlencode({**query, 'before': page.older})}" if page.older else "",
        "without_object_url": f"?{urlencode(_without(query, 'kind', 'object'))}",
        "export_query": urlencode(query),
    }
    return render(request, "auditing/log.html", context)


@never_cache
@require_POST
@login_required
def verify(request: HttpRequest) -> HttpResponse:
    check_can_audit(request.user)
    found = log_verify(request=request, newest=NEWEST)
    if found.ok:
        count = min(NEWEST, found.entries)
        messages.success(request, _("The newest %(count)s entries are whole.") % {"count": count})
    else:
        messages.error(request, found.message)
    return redirect("auditing:log")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def export(request: HttpRequest) -> HttpResponse:
    """What is asked for in the address, with a reason, as a file."""
    check_can_audit(request.user)
    chosen = LogFilter(request.GET)
    form = ExportForm(request.POST if request.method == "POST" else None)
    entries = chosen.chosen(entries_visible_to(request.user))
    if not chosen.is_valid():
        return redirect(f"{reverse('auditing:log')}?{request.GET.urlencode()}")
    if request.method == "POST" and form.is_valid():
        kind = form.cleaned_data["format"]
        try:
            content = log_export(
                entries,
                request=request,
                reason=form.cleaned_data["reason"],
                kind=kind,
                asked=chosen.facts(),
            )
        except TooMany as problem:
            form.add_error(None, str(problem))
        else:
            response = HttpResponse(content, content_type=TYPES[kind])
            name = f"audit-{timezone.localtime():%Y%m%d-%H%M}.{kind}"
            response["Content-Disposition"] = f'attachment; filename="{name}"'
            return response
    query = urlencode(chosen.query())
    context = {
        "nav": "me",
        "form": form,
        "count": entries.order_by()[: EXPORT_MAX + 1].count(),
        "most": EXPORT_MAX,
        "back_url": f"{reverse('auditing:log')}?{query}",
    }
    return render(request, "auditing/export.html", context)


def _object_label(form: LogFilter) -> str:
    kind, key = form.cleaned_data.get("kind"), form.cleaned_data.get("object")
    return f"{target_label(kind)} {key}" if kind and key else ""


def _without(query: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in query.items() if name not in names}
