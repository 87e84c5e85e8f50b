"""Pages of the department: the rule, the targets, closing a year."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lms.ledger.books import rules_known
from lms.ledger.forms import RuleForm, TargetForm
from lms.ledger.keeping import KeepingError, rule_make, target_remove, target_set
from lms.ledger.models import YearClosing
from lms.ledger.permissions import check_can_keep_ledger
from lms.ledger.rules import Kind, rule_in_force
from lms.ledger.standings import target_years, targets_in_force
from lms.ledger.years import FIRST_YEAR, YearError, closing_wake, year_close, year_reopen
from lms.watching.reasons import ReasonForm

METHODS = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(METHODS)
@login_required
def rule(request: HttpRequest) -> HttpResponse:
    check_can_keep_ledger(request.user)
    today = timezone.localdate()
    known = rules_known()
    newest = known[max(known)]
    form = RuleForm(request.POST or None, rule=newest, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            made = rule_make(
                actor=request.user,
                valid_from=form.cleaned_data["valid_from"],
                terms=form.terms(),
            )
        except KeepingError as problem:
            form.add_error(None, str(problem))
        else:
            text = _("Version %(number)s of the rule is set. What was credited stays.")
            messages.success(request, text % {"number": made.version})
            return redirect("ledger:rule")
    context = {
        "form": form,
        "rules": [
            {"rule": one, "bands": one.bands[Kind.SELF_STUDY]}
            for one in sorted(known.values(), key=lambda one: -one.version)
        ],
        "in_force": rule_in_force(known.values(), today),
    }
    return _page(request, "ledger/rule.html", "rule", context, form)


@never_cache
@require_http_methods(METHODS)
@login_required
def targets(request: HttpRequest) -> HttpResponse:
    """Of one year, `?year=`: the last, this one, the next, or a later one that has some."""
    check_can_keep_ledger(request.user)
    today = timezone.localdate()
    known = target_years(today)
    asked = request.GET.get("year", str(today.year))
    if asked not in map(str, known):
        raise Http404
    year = int(asked)
    own = f"{reverse('ledger:targets')}?year={year}"
    if request.POST.get("act") == "remove":
        _target_remove(request)
        return redirect(own)
    form = TargetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            target_set(actor=request.user, year=year, **form.cleaned_data)
        except KeepingError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("The target is set."))
            return redirect(own)
    closed = set(YearClosing.objects.filter(reopened_at=None).values_list("year", flat=True))
    context = {
        "form": form,
        "year": year,
        "years": known,
        "is_closed": year in closed,
        "targets": [
            {"target": one, "is_open": one.year not in closed} for one in targets_in_force(year)
        ],
    }
    return _page(request, "ledger/targets.html", "targets", context, form)


def _target_remove(request: HttpRequest) -> None:
    asked = request.POST.get("target", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        raise Http404
    try:
        target_remove(actor=request.user, target_id=int(asked))
    except KeepingError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("The target is removed."))


@never_cache
@require_http_methods(METHODS)
@login_required
def years(request: HttpRequest) -> HttpResponse:
    check_can_keep_ledger(request.user)
    if request.method == "POST":
        try:
            _year_act(request)
        except YearError as problem:
            messages.error(request, str(problem))
        return redirect("ledger:years")
    today = timezone.localdate()
    closed = {one.year: one for one in YearClosing.objects.filter(reopened_at=None)}
    reopened = YearClosing.objects.exclude(reopened_at=None).order_by("-reopened_at")[:10]
    context = {
        "years": [
            {"year": year, "closing": closed.get(year)}
            for year in range(today.year - 1, max(FIRST_YEAR, today.year - 4) - 1, -1)
        ],
        "running": today.year,
        "reopened": reopened.select_related("reopened_by"),
        "form": ReasonForm(),
    }
    return _page(request, "ledger/years.html", "years", context)


def _year_act(request: HttpRequest) -> None:
    asked = request.POST.get("year", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) == 4):
        raise Http404
    if request.POST.get("act") == "close":
        year_close(year=int(asked), actor=request.user)
        transaction.on_commit(closing_wake)
        messages.success(request, _("The year is closed. The statements are being made."))
    elif request.POST.get("act") == "reopen":
        reason = request.POST.get("reason", "")[:200]
        year_reopen(year=int(asked), actor=request.user, reason=reason)
        messages.success(request, _("The year is open again."))
    else:
        raise Http404


def _page(
    request: HttpRequest, template: str, tab: str, context: dict[str, Any], form: Any = None
) -> HttpResponse:
    status = 422 if form is not None and form.errors else 200
    return render(request, template, {"nav": "me", "tab": tab, **context}, status=status)
