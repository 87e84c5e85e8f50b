"""What an act would change, in sentences, for the page that asks once before it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from organizations.models import Membership, Organization, Post, today
from organizations.units.history import Figures, figures
from organizations.units.merging import grants_parted, posts_parted
from organizations.units.rules import TreeError, open_children, still_in_force


def move_effects(unit: Organization, parent: Organization) -> list[str]:
    counts = figures(unit)
    return [_goes_along(counts), *_sight(unit, parent), _past()]


def merge_effects(unit: Organization, into: Organization, actor: Any) -> list[str]:
    ties = Membership.objects.filter(still_in_force(today()), organization=unit)
    people = ties.values("user").distinct().count()
    posts, ended = (len(some) for some in posts_parted(actor, unit, into, today()))
    lines = []
    if people:
        lines.append(
            ngettext(
                "%(count)s person goes over to %(into)s.",
                "%(count)s people go over to %(into)s.",
                people,
            )
            % {"count": people, "into": into.name}
        )
    if posts:
        lines.append(
            ngettext(
                "%(count)s post goes over as well. Check afterwards who holds which post.",
                "%(count)s posts go over as well. Check afterwards who holds which post.",
                posts,
            )
            % {"count": posts}
        )
    if ended:
        lines.append(
            ngettext(
                "%(count)s post ends, since you do not give it in %(into)s. Have it given anew "
                "where it is needed.",
                "%(count)s posts end, since you do not give them in %(into)s. Have them given "
                "anew where they are needed.",
                ended,
            )
            % {"count": ended, "into": into.name}
        )
    if ended_grants := len(grants_parted(actor, unit, into, today())[1]):
        lines.append(
            ngettext(
                "%(count)s granted read scope ends. The security administrator grants it anew "
                "where it is needed.",
                "%(count)s granted read scopes end. The security administrator grants them anew "
                "where they are needed.",
                ended_grants,
            )
            % {"count": ended_grants}
        )
    if children := open_children(unit):
        lines.append(
            ngettext(
                "%(count)s unit directly below goes over.",
                "%(count)s units directly below go over.",
                children,
            )
            % {"count": children}
        )
    closed = _("%(name)s is closed. This cannot be undone.") % {"name": unit.name}
    return [*lines, *_sight(unit, into), closed, _past()]


def close_effects(unit: Organization) -> list[str]:
    posts = Post.objects.filter(still_in_force(today()), organization=unit).count()
    lines = [_("From today the unit is no longer in the tree.")]
    if posts:
        lines.append(
            ngettext(
                "%(count)s post at this unit ends.", "%(count)s posts at this unit end.", posts
            )
            % {"count": posts}
        )
    return [*lines, _past(), _("It can be opened again.")]


def _goes_along(counts: Figures) -> str:
    return _("%(units)s units and branches move, with %(people)s members who belong to them.") % {
        "units": counts.units + counts.branches,
        "people": counts.home,
    }


def _sight(unit: Organization, target: Organization) -> list[str]:
    """Who no longer sees the people, and who will."""
    before = {one.path: one.name for one in unit.get_ancestors()}
    after = {one.path: one.name for one in (*target.get_ancestors(), target)}
    lost = [name for path, name in before.items() if path not in after]
    gained = [name for path, name in after.items() if path not in before]
    lines = []
    if lost:
        lines.append(
            _("%(names)s no longer see the people from today, only figures of earlier days.")
            % {"names": _listed(lost)}
        )
    if gained:
        lines.append(_("%(names)s see the people from today.") % {"names": _listed(gained)})
    return lines


def _listed(names: list[str]) -> str:
    return pgettext("between the names of units", ", ").join(names)


def _past() -> str:
    return _("Earlier days stay as they are.")


def problem(check: Callable[..., None], *args: Any, **kwargs: Any) -> str:
    """Why an act is not possible, said before it is tried; empty when it is."""
    try:
        check(*args, **kwargs)
    except TreeError as refused:
        return str(refused)
    return ""
