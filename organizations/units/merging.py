"""Merging a unit into another of its kind."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from audit import log
from organizations.models import Membership, Organization, Post, ScopeGrant, today
from organizations.permissions import can_appoint, can_grant
from organizations.signals import organization_changed
from organizations.units import rules
from organizations.units.placing import BATCH, placements_follow, tree_lock
from organizations.units.rules import still_in_force

HOME, HOST = Membership.Kind.HOME, Membership.Kind.HOST


@transaction.atomic
def organization_merge(
    *,
    actor: Any,
    organization: Organization,
    into: Organization,
    on: dt.date | None = None,
    request: HttpRequest | None = None,
) -> Organization:
    """Close a unit and hand its people, posts, units and grants to another; returns that one.

    Posts and grants go over that the actor could give there; the others end with the unit. Ties
    are closed and opened anew at that day, never edited. The closed unit's record then hangs below
    the one that took it over, so whatever still refers to it (enrolments, lectures, classes of the
    past) is within the scope of that unit and out of its former superior's.
    """
    day = on or today()
    tree_lock()
    locked = Organization.objects.select_for_update(no_key=True).filter(
        pk__in=[organization.pk, into.pk]
    )
    units = {unit.pk: unit for unit in locked.order_by("pk")}
    unit, target = units[organization.pk], units[into.pk]
    rules.check_can_merge(unit, target, actor=actor, day=day)
    before = unit.get_parent()
    subtree = list(Organization.objects.within(unit).values_list("pk", flat=True))
    children = _children_hand_over(unit, target)
    people = _memberships_hand_over(unit, target, day)
    posts, ended = posts_parted(actor, unit, target, day)
    _posts_hand_over(posts, ended, target, day)
    grants, ended_grants = grants_parted(actor, unit, target, day)
    _grants_hand_over(grants, ended_grants, unit, target, day, actor)
    unit = Organization.objects.get(pk=unit.pk)
    unit.closed_on, unit.merged_into = day, target
    unit.save(update_fields=["closed_on", "merged_into"])
    target = Organization.objects.get(pk=target.pk)
    if not unit.is_child_of(target):
        unit.move(target, pos="last-child")
    placements_follow(subtree, day=day)
    unit, target = (Organization.objects.get(pk=one.pk) for one in (unit, target))
    organization_changed.send(Organization, organization=unit, act="merge")
    log.record(
        "unit.merge",
        actor=actor,
        target=unit,
        request=request,
        code=unit.code,
        source=before.pk,
        into=target.pk,
        units=children,
        people=people,
        posts=len(posts),
        posts_ended=len(ended),
        grants=len(grants),
        grants_ended=len(ended_grants),
    )
    return target


def _children_hand_over(unit: Organization, target: Organization) -> int:
    """Open units go below the target; closed ones stay below the record of this one."""
    inside = Organization.objects.within(unit).open().filter(depth=unit.depth + 1)
    children = list(inside.values_list("pk", flat=True))
    for pk in children:
        # Fresh rows: treebeard reads paths and counts of children from what it is given.
        parent = Organization.objects.get(pk=target.pk)
        Organization.objects.get(pk=pk).move(parent, pos="last-child")
    return len(children)


def _memberships_hand_over(unit: Organization, target: Organization, day: dt.date) -> int:
    """Close what is open here and open it there; nobody ends with two ties of the same meaning.

    A home goes before anything else: who is at home in the target is neither guest nor learner
    there.
    """
    leaving = list(Membership.objects.filter(still_in_force(day), organization=unit))
    homes = {row.user_id for row in leaving if row.kind == HOME}
    there = Membership.objects.filter(still_in_force(day), organization=target)
    doubled = list(there.exclude(kind=HOME).filter(user__in=homes))
    _memberships_end(doubled, day, Membership.EndReason.RETURNED)
    held = set(there.values_list("user_id", "kind"))
    at_home = {user for user, kind in held if kind == HOME}
    ends = {row.pk: row.valid_to for row in leaving}
    _memberships_end(leaving, day, Membership.EndReason.TRANSFERRED)
    arriving = [
        Membership(
            user_id=row.user_id,
            organization=target,
            kind=row.kind,
            valid_from=max(day, row.valid_from),
            valid_to=ends[row.pk],
        )
        for row in leaving
        if (row.user_id, row.kind) not in held and row.user_id not in at_home
        if row.kind == HOME or row.user_id not in homes
    ]
    Membership.objects.bulk_create(arriving, batch_size=BATCH)
    return len({row.user_id for row in leaving})


def _memberships_end(rows: list[Membership], day: dt.date, reason: str) -> None:
    for row in rows:
        row.end_reason = reason
        row.valid_to = max(day, row.valid_from)
    Membership.objects.bulk_update(rows, ["valid_to", "end_reason"], batch_size=BATCH)


def posts_parted(
    actor: Any, unit: Organization, target: Organization, day: dt.date
) -> tuple[list[Post], list[Post]]:
    """The unit's posts that go over to the target, and those that end: nobody comes by a post
    there which the actor could not give them. The shell, without an actor, gives all.
    """
    going: list[Post] = []
    ending: list[Post] = []
    for post in Post.objects.filter(still_in_force(day), organization=unit):
        given = actor is None or (
            post.user_id != actor.pk and can_appoint(actor, target, post.role)
        )
        (going if given else ending).append(post)
    return going, ending


def _posts_hand_over(
    going: list[Post], ending: list[Post], target: Organization, day: dt.date
) -> None:
    """One by one, so that whoever listens to posts hears of them; a unit has a handful."""
    held = set(
        Post.objects.filter(still_in_force(day), organization=target).values_list("user_id", "role")
    )
    for post in (*going, *ending):
        ends, post.valid_to = post.valid_to, max(day, post.valid_from)
        post.save(update_fields=["valid_to"])
        if post in going and (post.user_id, post.role) not in held:
            Post.objects.create(
                user_id=post.user_id,
                organization=target,
                role=post.role,
                valid_from=post.valid_to,
                valid_to=ends,
            )


def grants_parted(
    actor: Any, unit: Organization, target: Organization, day: dt.date
) -> tuple[list[ScopeGrant], list[ScopeGrant]]:
    """Scope granted to or over the unit that goes over, and what ends: nobody comes to read by a
    merge what the actor could not grant. The shell, without an actor, carries all; what would be
    scope over itself ends without a word.
    """
    rows = ScopeGrant.objects.filter(still_in_force(day)).select_related("holder", "organization")
    going: list[ScopeGrant] = []
    ending: list[ScopeGrant] = []
    for grant in rows.filter(Q(holder=unit) | Q(organization=unit)):
        _holder, over = _grant_ends(grant, unit, target)
        (going if actor is None or can_grant(actor, over) else ending).append(grant)
    return going, ending


def _grant_ends(
    grant: ScopeGrant, unit: Organization, target: Organization
) -> tuple[Organization, Organization]:
    """Who would hold the grant after the merge, and over what."""
    return (
        target if grant.holder_id == unit.pk else grant.holder,
        target if grant.organization_id == unit.pk else grant.organization,
    )


def _grants_hand_over(
    going: list[ScopeGrant],
    ending: list[ScopeGrant],
    unit: Organization,
    target: Organization,
    day: dt.date,
    actor: Any,
) -> None:
    open_rows = ScopeGrant.objects.filter(still_in_force(day))
    for grant in (*going, *ending):
        ends, grant.valid_to = grant.valid_to, max(day, grant.valid_from)
        grant.save(update_fields=["valid_to"])
        holder, over = _grant_ends(grant, unit, target)
        if grant in ending or over.path.startswith(holder.path):
            continue
        if not open_rows.filter(holder=holder, organization=over).exists():
            ScopeGrant.objects.create(
                holder=holder,
                organization=over,
                granted_by=actor,
                valid_from=grant.valid_to,
                valid_to=ends,
            )
