"""The pages of units: the top units of one's scope, a unit on a day, the own branch."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from organizations import scope
from organizations.units.branch_page import branch_context
from organizations.units.pages import detail_context, search_context, tops
from organizations.units.reading import asked_day, asked_words, unit_seen


@never_cache
@require_safe
@login_required
def unit_list(request: HttpRequest) -> HttpResponse:
    """Where one begins: straight to the unit when there is only one."""
    words = asked_words(request)
    context: dict[str, Any] = {"nav": "me", "query": words}
    if words:
        return render(request, "units/unit_list.html", context | search_context(request, words))
    units = tops(request.user)
    if len(units) == 1:
        return redirect(units[0].url)
    if not units and scope.home_branch(request.user) is not None:
        return redirect("units:branch")
    return render(request, "units/unit_list.html", context | {"units": units})


@never_cache
@require_safe
@login_required
def unit_detail(request: HttpRequest, code: str) -> HttpResponse:
    """A unit on a day. Members without a post get to their own branch's page instead."""
    try:
        sight = unit_seen(request.user, code, asked_day(request))
    except Http404:
        home = scope.home_branch(request.user)
        if home is not None and home.code == code:
            return redirect("units:branch")
        raise
    return render(request, "units/unit_detail.html", {"nav": "me"} | detail_context(request, sight))


@never_cache
@require_safe
@login_required
def branch(request: HttpRequest) -> HttpResponse:
    return render(request, "units/branch.html", {"nav": "me"} | branch_context(request.user))
