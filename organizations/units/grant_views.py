"""The page on which read scope over a unit is granted across the tree and withdrawn."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from organizations import permissions, scope
from organizations.models import Organization, Placement, today
from organizations.units import tree
from organizations.units.history import Tree, placements_on
from organizations.units.pages import grants_of
from organizations.units.reading import Day, asked_words, matching, unit_seen

MOST_LINES = 20


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def grants(request: HttpRequest, code: str) -> HttpResponse:
    """Who reads this unit from elsewhere; for the security administrator."""
    unit = unit_seen(request.user, code, Day(today(), Tree.THEN)).unit
    permissions.check_can_grant(request.user, unit)
    if request.method == "POST":
        try:
            _act(request, unit)
        except tree.TreeError as problem:
            messages.error(request, str(problem))
        return redirect(reverse("units:grants", args=[unit.code]))
    words = asked_words(request)
    context = {
        "unit": unit,
        "grants": grants_of(unit).filter(organization=unit),
        "query": words,
        "lines": _lines(request.user, unit, words),
    }
    return render(request, "units/unit_grants.html", context)


def _act(request: HttpRequest, unit: Organization) -> None:
    asked: Any = request.POST
    end = asked.get("end", "")
    if end.isdecimal() and len(end) < 19:
        grant = get_object_or_404(grants_of(unit).filter(organization=unit), pk=end)
        tree.grant_close(actor=request.user, request=request, grant=grant)
        messages.success(
            request, _("%(line)s no longer reads this unit.") % {"line": grant.holder.name}
        )
        return
    # The line stands elsewhere, but not outside what the security administrator looks after.
    line = unit_seen(request.user, asked.get("line", ""), Day(today(), Tree.THEN)).unit
    permissions.check_can_grant(request.user, line)
    tree.grant_open(actor=request.user, request=request, holder=line, organization=unit)
    messages.success(request, _("%(line)s now reads this unit.") % {"line": line.name})


def _lines(user: Any, unit: Organization, words: str) -> list[Placement]:
    """Line units that come into question."""
    from organizations.models import Post

    inside = scope.NOTHING
    for one in scope.managed_units(user, roles=(Post.Role.SECURITY,)):
        inside |= scope.subtree(one.path)
    rows = placements_on(today()).filter(inside, kind=Organization.Kind.LINE)
    rows = rows.exclude(organization__in=grants_of(unit).values("holder"))
    # Neither the unit itself nor a line above it, which reads it anyway.
    step = Organization.steplen
    rows = rows.exclude(path__in=[unit.path[:end] for end in range(step, len(unit.path) + 1, step)])
    rows = rows.filter(matching(words)) if words else rows.filter(Q())
    return list(rows.select_related("organization", "parent").order_by("path")[:MOST_LINES])
