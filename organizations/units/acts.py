"""The pages of acts on a unit. One idea a page; what would change is said before it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from organizations import permissions, scope
from organizations.models import Organization, today
from organizations.units import effects, rules, tree
from organizations.units.forms import CreateForm, RenameForm
from organizations.units.history import Tree, placements_on
from organizations.units.pages import turning, unit_url
from organizations.units.reading import (
    Day,
    asked_words,
    matching,
    placements_slice,
    unit_seen,
)
from organizations.units.rules import KINDS_BELOW

Check = Callable[[Any, Organization], None]
page = require_http_methods(["GET", "HEAD", "POST"])


def _unit(request: HttpRequest, code: str, check: Check) -> Organization:
    """The unit within today's scope, if the person may act on it."""
    unit = unit_seen(request.user, code, Day(today(), Tree.THEN)).unit
    check(request.user, unit)
    return unit


def _done(request: HttpRequest, unit: Organization, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect(unit_url(unit.code))


@never_cache
@page
@login_required
def create(request: HttpRequest, code: str) -> HttpResponse:
    parent = _unit(request, code, permissions.check_can_create_below)
    if not KINDS_BELOW[parent.kind] or parent.closed_on:
        raise Http404
    form = CreateForm(request.POST or None, parent=parent)
    if request.method == "POST" and form.is_valid():
        try:
            unit = tree.organization_create(
                actor=request.user, request=request, parent=parent, **form.cleaned_data
            )
        except tree.TreeError as problem:
            form.add_error(None, str(problem))
        else:
            return _done(request, unit, _("%(name)s was created.") % {"name": unit.name})
    context = {
        "unit": parent,
        "form": form,
        "title": _("New unit below %(name)s") % {"name": parent.name},
        "button": _("Create the unit"),
    }
    return render(request, "units/unit_form.html", context)


@never_cache
@page
@login_required
def rename(request: HttpRequest, code: str) -> HttpResponse:
    unit = _unit(request, code, permissions.check_can_keep_unit)
    form = RenameForm(request.POST or None, initial={"name": unit.name})
    if request.method == "POST" and form.is_valid():
        try:
            unit = tree.organization_rename(
                actor=request.user, request=request, organization=unit, **form.cleaned_data
            )
        except tree.TreeError as problem:
            form.add_error(None, str(problem))
        else:
            return _done(request, unit, _("The unit is now called %(name)s.") % {"name": unit.name})
    context = {
        "unit": unit,
        "form": form,
        "title": _("Rename %(name)s") % {"name": unit.name},
        "button": _("Save the new name"),
    }
    return render(request, "units/unit_form.html", context)


@never_cache
@page
@login_required
def move(request: HttpRequest, code: str) -> HttpResponse:
    """First choose the new superior, then see what follows, then do it."""
    unit = _unit(request, code, permissions.check_can_keep_unit)
    parent = _chosen(request, permissions.check_can_create_below)
    if parent is None:
        holders = [kind for kind, below in KINDS_BELOW.items() if unit.kind in below]
        candidates = Q(kind__in=holders) & ~Q(organization=unit.get_parent())
        return _choose(request, unit, candidates, act="move")
    names = {"name": unit.name, "parent": parent.name}

    def act() -> HttpResponse:
        tree.organization_move(
            actor=request.user, request=request, organization=unit, parent=parent
        )
        return _done(request, unit, _("%(name)s now stands below %(parent)s.") % names)

    return _confirm(
        request,
        unit,
        act,
        title=_("Move %(name)s below %(parent)s?") % names,
        button=_("Move the unit"),
        lines=effects.move_effects(unit, parent),
        problem=effects.problem(rules.check_can_move, unit, parent),
        chosen=parent,
    )


@never_cache
@page
@login_required
def merge(request: HttpRequest, code: str) -> HttpResponse:
    """First choose the unit that takes this one over, then see what follows, then do it."""
    unit = _unit(request, code, permissions.check_can_keep_unit)
    into = _chosen(request, permissions.check_can_keep_unit)
    if into is None:
        return _choose(request, unit, Q(kind=unit.kind), act="merge")
    names = {"name": unit.name, "into": into.name}

    def act() -> HttpResponse:
        target = tree.organization_merge(
            actor=request.user, request=request, organization=unit, into=into
        )
        return _done(request, target, _("%(name)s was merged into %(into)s.") % names)

    return _confirm(
        request,
        unit,
        act,
        title=_("Merge %(name)s into %(into)s?") % names,
        button=_("Merge the units"),
        lines=effects.merge_effects(unit, into, request.user),
        problem=effects.problem(rules.check_can_merge, unit, into, actor=request.user, day=today()),
        chosen=into,
    )


@never_cache
@page
@login_required
def close(request: HttpRequest, code: str) -> HttpResponse:
    unit = _unit(request, code, permissions.check_can_keep_unit)

    def act() -> HttpResponse:
        tree.organization_close(actor=request.user, request=request, organization=unit)
        return _done(request, unit, _("%(name)s was closed.") % {"name": unit.name})

    return _confirm(
        request,
        unit,
        act,
        title=_("Close %(name)s?") % {"name": unit.name},
        button=_("Close the unit"),
        lines=effects.close_effects(unit),
        problem=effects.problem(rules.check_can_close, unit, actor=request.user, day=today()),
    )


@never_cache
@page
@login_required
def reopen(request: HttpRequest, code: str) -> HttpResponse:
    unit = _unit(request, code, permissions.check_can_keep_unit)

    def act() -> HttpResponse:
        tree.organization_reopen(actor=request.user, request=request, organization=unit)
        return _done(request, unit, _("%(name)s is open again.") % {"name": unit.name})

    return _confirm(
        request,
        unit,
        act,
        title=_("Open %(name)s again?") % {"name": unit.name},
        button=_("Open the unit again"),
        lines=[_("From today the unit stands in the tree again, without people and posts.")],
        problem=effects.problem(rules.check_can_reopen, unit),
    )


# -- choosing and confirming -----------------------------------------------------------------------


def _chosen(request: HttpRequest, check: Check) -> Organization | None:
    """The unit named by `?to=`, if the person may act there too."""
    code = request.POST.get("to") or request.GET.get("to")
    return _unit(request, code, check) if code else None


def _choose(request: HttpRequest, unit: Organization, wanted: Q, *, act: str) -> HttpResponse:
    """A list of the units that come into question, narrowed by name or code."""
    words = asked_words(request)
    kept = scope.managed_units(request.user, roles=permissions.TREE_KEEPERS)
    inside = scope.NOTHING
    for path in scope.outermost({one.path for one in kept}):
        inside |= scope.subtree(path)
    if act == "merge":
        inside &= ~Q(organization__in=[one.pk for one in kept])
    rows = placements_on(today()).filter(inside, wanted).exclude(scope.subtree(unit.path))
    if words:
        rows = rows.filter(matching(words))
    found = placements_slice(rows, request.GET.get("after", ""), size=20)
    context = {"unit": unit, "rows": found.rows, "query": words, "act": act}
    return render(request, "units/unit_choose.html", context | turning(request, found))


def _confirm(
    request: HttpRequest,
    unit: Organization,
    act: Callable[[], HttpResponse],
    *,
    problem: str,
    **context: Any,
) -> HttpResponse:
    """Say what follows and ask once; done by POST."""
    if request.method == "POST":
        try:
            return act()
        except rules.TreeError as refused:
            problem = str(refused)
    context |= {"unit": unit, "problem": problem}
    return render(request, "units/unit_confirm.html", context)
