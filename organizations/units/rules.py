"""When an act on the tree is possible: sentences for people, raised as `TreeError`.

Who may act is in `organizations.permissions`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from organizations.models import Membership, Organization, Placement, Post
from organizations.permissions import can_appoint

Kind = Organization.Kind
# What may stand directly below what.
KINDS_BELOW: dict[str, tuple[str, ...]] = {
    Kind.CITY: (Kind.COUNTY, Kind.TOWNSHIP, Kind.LINE, Kind.BRANCH),
    Kind.COUNTY: (Kind.TOWNSHIP, Kind.LINE, Kind.BRANCH),
    Kind.TOWNSHIP: (Kind.VILLAGE, Kind.LINE, Kind.BRANCH),
    Kind.VILLAGE: (Kind.BRANCH,),
    Kind.LINE: (Kind.LINE, Kind.BRANCH),
    Kind.BRANCH: (),
}
# Codes stand in addresses and in spreadsheets.
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}")
# Addresses of our own below /units/.
RESERVED_CODES = frozenset({"mine"})


class TreeError(Exception):
    """An act on the tree is not possible; the message says why and what to do."""


def clean_code(code: str) -> str:
    code = code.strip()
    if not CODE.fullmatch(code) or code.lower() in RESERVED_CODES:
        raise TreeError(
            _("A code has up to 32 letters, digits, dots and hyphens and begins with one of them.")
        )
    return code


def clean_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise TreeError(_("A unit needs a name."))
    if len(name) > 100:
        raise TreeError(_("A name has at most 100 characters."))
    return name


def codes_taken(codes: Iterable[str]) -> set[str]:
    """Which of the codes are in use, in lower case: addresses of shelves do not tell the case."""
    asked = {code.strip().lower() for code in codes}
    known = Organization.objects.order_by().annotate(lower=Lower("code")).filter(lower__in=asked)
    return set(known.values_list("lower", flat=True))


def check_can_hold(parent: Organization, kind: str) -> None:
    """Whether a unit of a kind may stand directly below `parent`."""
    check_is_open(parent)
    if parent.kind == Kind.BRANCH:
        raise TreeError(_("A branch can hold no units."))
    if kind not in KINDS_BELOW[parent.kind]:
        raise TreeError(
            _("A unit of the kind “%(kind)s” cannot stand below one of the kind “%(above)s”.")
            % {"kind": Kind(kind).label, "above": Kind(parent.kind).label}
        )


def check_is_open(unit: Organization) -> None:
    if unit.closed_on is not None:
        raise TreeError(_("%(name)s is closed.") % {"name": unit.name})


def check_is_not_top(unit: Organization) -> None:
    if unit.is_root():
        raise TreeError(
            _("%(name)s is the topmost unit and stays where it is.") % {"name": unit.name}
        )


def check_can_move(unit: Organization, parent: Organization) -> None:
    check_is_not_top(unit)
    check_is_open(unit)
    if parent.path.startswith(unit.path):
        raise TreeError(_("A unit cannot be moved below itself."))
    check_can_hold(parent, unit.kind)
    if unit.is_child_of(parent):
        raise TreeError(
            _("%(name)s stands below %(parent)s already.")
            % {"name": unit.name, "parent": parent.name}
        )


def check_posts_can_end(actor: Any, unit: Organization, *, day: dt.date) -> None:
    """A unit goes with its posts, so whoever lets it go must be able to end each of them:
    otherwise the accounts of those above would fall to who keeps the branch. The shell, without
    an actor, ends all.
    """
    if actor is None:
        return
    posts = Post.objects.filter(still_in_force(day), organization=unit)
    others = {post.role for post in posts if not can_appoint(actor, unit, post.role)}
    if others:
        held = pgettext("between the names of units", ", ").join(
            str(role.label) for role in Post.Role if role in others
        )
        raise TreeError(
            _("%(name)s has posts that you do not end: %(posts)s. Have them ended first.")
            % {"name": unit.name, "posts": held}
        )


def check_can_merge(
    unit: Organization, into: Organization, *, actor: Any = None, day: dt.date
) -> None:
    check_is_not_top(unit)
    check_is_open(unit)
    check_is_open(into)
    if unit.pk == into.pk:
        raise TreeError(_("A unit cannot be merged into itself."))
    if unit.kind != into.kind:
        raise TreeError(
            _("Only units of one kind can be merged: %(name)s is a %(kind)s, %(into)s a %(other)s.")
            % {
                "name": unit.name,
                "kind": unit.get_kind_display(),
                "into": into.name,
                "other": into.get_kind_display(),
            }
        )
    if into.path.startswith(unit.path):
        raise TreeError(_("A unit cannot be merged into one below itself. Move that one first."))
    check_posts_can_end(actor, unit, day=day)


def check_can_close(unit: Organization, *, actor: Any = None, day: dt.date) -> None:
    """A unit that is closed holds no open units and no people."""
    check_is_not_top(unit)
    check_is_open(unit)
    units = open_children(unit)
    if units:
        raise TreeError(
            ngettext(
                "%(count)s unit still stands below %(name)s. Move, merge or close it first.",
                "%(count)s units still stand below %(name)s. Move, merge or close them first.",
                units,
            )
            % {"count": units, "name": unit.name}
        )
    people = members(unit, day=day)
    if people:
        raise TreeError(
            ngettext(
                "%(count)s person still belongs to %(name)s. Transfer this person first, "
                "or merge the unit into another.",
                "%(count)s people still belong to %(name)s. Transfer them first, "
                "or merge the unit into another.",
                people,
            )
            % {"count": people, "name": unit.name}
        )
    check_posts_can_end(actor, unit, day=day)


def check_can_reopen(unit: Organization) -> None:
    if unit.closed_on is None:
        raise TreeError(_("%(name)s is open.") % {"name": unit.name})
    if unit.merged_into_id is not None:
        raise TreeError(
            _("%(name)s was merged into another unit. Create a new unit instead.")
            % {"name": unit.name}
        )
    parent = unit.get_parent()
    if parent is not None:
        check_can_hold(parent, unit.kind)


def check_can_open_on(parent: Organization, day: dt.date, *, today: dt.date) -> None:
    """Whether a new unit can stand below `parent` since a day that is past.

    Only where the superior has stood unchanged since, so that no tree of the past gets a unit in
    a place that was another's.
    """
    if day > today:
        raise TreeError(_("The day lies in the future."))
    if day == today:
        return
    stood = Placement.objects.current(day).filter(organization=parent, path=parent.path)
    since = Placement.objects.filter(organization=parent, valid_to__isnull=True)
    if not stood.filter(pk__in=since.values("pk")).exists():
        raise TreeError(
            _("%(parent)s has not stood in its place since that day. Choose a later day.")
            % {"parent": parent.name}
        )


def still_in_force(day: dt.date) -> Q:
    """Rows of ties that are in force on the day or later."""
    return Q(valid_to__isnull=True) | Q(valid_to__gt=day)


def open_children(unit: Organization) -> int:
    return Organization.objects.within(unit).open().filter(depth=unit.depth + 1).count()


def members(unit: Organization, *, day: dt.date) -> int:
    """People with a tie to the unit that is in force on the day or later."""
    ties = Membership.objects.filter(still_in_force(day), organization=unit)
    return ties.values("user").distinct().count()
