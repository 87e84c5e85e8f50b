"""Acts on the organisation tree: create, rename, move, merge, close, open again; grants.

Each act is one transaction under one lock, keeps the tree's past (`placing`), tells the floors
above (`organization_changed`) and writes its audit entry last. When an act is possible is in
`rules`, who may do it in `organizations.permissions`. `on` is the day of the act, today unless
a caller brings its own clock.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from audit import log
from organizations.models import Organization, Post, ScopeGrant, today
from organizations.signals import organization_changed
from organizations.units import rules
from organizations.units.creating import NewUnit, organization_create, organizations_create
from organizations.units.grants import grant_close, grant_open
from organizations.units.merging import organization_merge
from organizations.units.placing import placements_follow, tree_lock
from organizations.units.rules import TreeError, still_in_force

__all__ = [
    "NewUnit",
    "TreeError",
    "grant_close",
    "grant_open",
    "organization_close",
    "organization_create",
    "organization_merge",
    "organization_move",
    "organization_rename",
    "organization_reopen",
    "organizations_create",
]


@transaction.atomic
def organization_rename(
    *,
    actor: Any,
    organization: Organization,
    name: str,
    on: dt.date | None = None,
    request: HttpRequest | None = None,
) -> Organization:
    """Give a unit another name; the days before keep the old one. The same name does nothing."""
    name = rules.clean_name(name)
    tree_lock()
    unit = Organization.objects.get(pk=organization.pk)
    rules.check_is_open(unit)
    if unit.name == name:
        return unit
    unit.name = name
    unit.save(update_fields=["name"])
    placements_follow([unit.pk], day=on or today())
    organization_changed.send(Organization, organization=unit, act="rename")
    log.record("unit.rename", actor=actor, target=unit, request=request, code=unit.code)
    return unit


@transaction.atomic
def organization_move(
    *,
    actor: Any,
    organization: Organization,
    parent: Organization,
    on: dt.date | None = None,
    request: HttpRequest | None = None,
) -> Organization:
    """Hang a unit, with everything below it, under another superior."""
    tree_lock()
    unit = Organization.objects.get(pk=organization.pk)
    target = Organization.objects.get(pk=parent.pk)
    rules.check_can_move(unit, target)
    before = unit.get_parent()
    unit.move(target, pos="last-child")
    unit = Organization.objects.get(pk=unit.pk)
    within = Organization.objects.within(unit)
    placements_follow(within.values_list("pk", flat=True), day=on or today())
    organization_changed.send(Organization, organization=unit, act="move")
    log.record(
        "unit.move",
        actor=actor,
        target=unit,
        request=request,
        code=unit.code,
        source=before.pk,
        to=target.pk,
        units=within.open().count(),
    )
    return unit


@transaction.atomic
def organization_close(
    *,
    actor: Any,
    organization: Organization,
    on: dt.date | None = None,
    request: HttpRequest | None = None,
) -> Organization:
    """Close a unit that holds no units and no people; its posts and grants end with it.

    The trees of later days are without it; its record and its past stay.
    """
    day = on or today()
    tree_lock()
    # The row itself too: whoever opens a tie to it at this moment is finished first.
    unit = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    rules.check_can_close(unit, actor=actor, day=day)
    unit.closed_on = day
    unit.save(update_fields=["closed_on"])
    posts = Post.objects.filter(still_in_force(day), organization=unit)
    ended = [post.pk for post in posts]
    for post in posts:
        post.valid_to = max(day, post.valid_from)
        post.save(update_fields=["valid_to"])
    grants = ScopeGrant.objects.filter(still_in_force(day), holder=unit)
    grants = grants | ScopeGrant.objects.filter(still_in_force(day), organization=unit)
    grants_ended = grants.update(valid_to=day)
    placements_follow([unit.pk], day=day)
    organization_changed.send(Organization, organization=unit, act="close")
    log.record(
        "unit.close",
        actor=actor,
        target=unit,
        request=request,
        code=unit.code,
        posts=ended,
        grants=grants_ended,
    )
    return unit


@transaction.atomic
def organization_reopen(
    *,
    actor: Any,
    organization: Organization,
    on: dt.date | None = None,
    request: HttpRequest | None = None,
) -> Organization:
    """Open a closed unit again, below the superior where its record stands."""
    tree_lock()
    unit = Organization.objects.get(pk=organization.pk)
    rules.check_can_reopen(unit)
    unit.closed_on = None
    unit.save(update_fields=["closed_on"])
    placements_follow([unit.pk], day=on or today())
    organization_changed.send(Organization, organization=unit, act="reopen")
    log.record("unit.reopen", actor=actor, target=unit, request=request, code=unit.code)
    return unit
