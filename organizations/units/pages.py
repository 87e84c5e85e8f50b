"""What the pages of units show. Acts and their forms are in `acts`, access is in `reading`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from organizations import permissions, scope
from organizations.models import Organization, Placement, Post, ScopeGrant, today
from organizations.units.history import (
    Figures,
    Tree,
    above,
    figures,
    figures_below,
    placements_on,
)
from organizations.units.reading import (
    Day,
    Sight,
    Slice,
    asked_words,
    matching,
    placements_slice,
)
from organizations.units.timeline import timeline

Role = Post.Role


@dataclass(frozen=True)
class Step:
    """A unit on the way from the top; without a link where the person sees nothing."""

    name: str
    url: str


@dataclass(frozen=True)
class UnitRow:
    code: str
    name: str
    kind: str
    url: str
    figures: Figures | None = None
    superior: str = ""
    is_branch: bool = False
    is_granted: bool = False


def unit_url(code: str, day: Day | None = None) -> str:
    query = day.query if day is not None else ""
    return reverse("units:detail", args=[code]) + (f"?{query}" if query else "")


def detail_context(request: HttpRequest, sight: Sight) -> dict[str, Any]:
    unit, day, place = sight.unit, sight.day, sight.place
    words = asked_words(request)
    counts = figures_below(unit, on=day.on, tree=day.tree) if place or not day.is_past else {}
    context: dict[str, Any] = {
        "unit": unit,
        "place": place,
        "name": place.name if place else unit.name,
        "day": day,
        "today": today(),
        "is_own": sight.is_own,
        "steps": steps(sight) if place else [],
        "figures": sum(counts.values(), Figures()),
        "query": words,
        "events": timeline(unit),
    }
    if place is not None:
        context |= _below(request, sight, place, words, counts)
    if sight.is_own and not day.is_past:
        context |= _managing(request.user, unit)
    return context


def steps(sight: Sight) -> list[Step]:
    if sight.place is None:
        return []
    return [
        Step(row.name, unit_url(row.organization.code, sight.day) if sight.opens(row) else "")
        for row in above(sight.place, sight.day.standing)
    ]


def _below(
    request: HttpRequest, sight: Sight, place: Placement, words: str, counts: dict[str, Figures]
) -> dict[str, Any]:
    rows = placements_on(sight.day.standing)
    if words:
        rows = rows.within(place).filter(matching(words)).exclude(pk=place.pk)
    else:
        rows = rows.filter(parent=sight.unit)
    found = placements_slice(rows, request.GET.get("after", ""))
    units = [_row(row, sight.day, None if words else counts.get(row.path)) for row in found.rows]
    return {"units": units, **turning(request, found)}


def turning(request: HttpRequest, found: Slice) -> dict[str, str]:
    """Addresses of the next rows and of the beginning; empty where there is none."""
    asked = request.GET.copy()
    asked.pop("after", None)
    begin = f"{request.path}?{asked.urlencode()}" if asked else request.path
    asked["after"] = found.next_after
    return {
        "next_url": f"{request.path}?{asked.urlencode()}" if found.next_after else "",
        "begin_url": begin if found.begins_later else "",
    }


def _row(row: Placement, day: Day, counts: Figures | None) -> UnitRow:
    return UnitRow(
        code=row.organization.code,
        name=row.name,
        kind=row.get_kind_display(),
        url=unit_url(row.organization.code, day),
        figures=counts,
        superior=row.parent.name if row.parent else "",
        is_branch=row.kind == Organization.Kind.BRANCH,
    )


def _managing(user: Any, unit: Organization) -> dict[str, Any]:
    is_open = unit.closed_on is None
    kept = scope.managed_units(user, roles=permissions.TREE_KEEPERS)
    can_keep = permissions.units_path_covers(kept, unit, strictly=True)
    grants = list(grants_of(unit))
    return {
        "can_create": is_open
        and unit.kind != Organization.Kind.BRANCH
        and permissions.units_path_covers(kept, unit),
        "can_keep": is_open and can_keep and not unit.is_root(),
        "can_rename": is_open and can_keep,
        "can_reopen": not is_open and can_keep and unit.merged_into_id is None,
        "can_keep_people": permissions.can_keep_people(user, unit),
        "can_grant": permissions.can_grant(user, unit),
        "grants_given": [grant for grant in grants if grant.organization_id == unit.pk],
        "grants_held": [grant for grant in grants if grant.holder_id == unit.pk],
        "posts": posts_of(unit),
    }


def grants_of(unit: Organization) -> Any:
    """Scope in force today that was granted to the unit or over it."""
    rows = ScopeGrant.objects.current().filter(Q(holder=unit) | Q(organization=unit))
    return rows.select_related("holder", "organization").order_by("valid_from", "pk")


def posts_of(unit: Organization) -> list[Post]:
    """In the order of the list of roles."""
    order = {role: number for number, role in enumerate(Role.values)}
    posts = Post.objects.current().filter(organization=unit).select_related("user")
    return sorted(posts, key=lambda post: (order[post.role], post.valid_from, post.pk))


# -- the scope's top units -------------------------------------------------------------------------


def tops(user: Any) -> list[UnitRow]:
    """The outermost units that the person may read, own ones and granted ones."""
    units = {unit.path: unit for unit in scope.readable_units(user)}
    own = [unit.path for unit in scope.managed_units(user)]
    return [
        UnitRow(
            code=unit.code,
            name=unit.name,
            kind=unit.get_kind_display(),
            url=unit_url(unit.code),
            figures=figures(unit),
            is_branch=unit.kind == Organization.Kind.BRANCH,
            is_granted=not any(path.startswith(one) for one in own),
        )
        for path, unit in ((path, units[path]) for path in scope.outermost(set(units)))
    ]


def search_context(request: HttpRequest, words: str) -> dict[str, Any]:
    """Units within the person's scope by name or code."""
    rows = Placement.objects.visible_to(request.user).filter(matching(words))
    found = placements_slice(rows, request.GET.get("after", ""))
    now = Day(today(), Tree.THEN)
    return {"units": [_row(row, now, None) for row in found.rows], **turning(request, found)}
