"""Who orders menus and logs lecture activities for which units."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from organizations import scope
from organizations.models import Organization, Post
from organizations.permissions import passes, units_path_covers

Role = Post.Role
# Who speaks for a branch: its secretary and operator, and those who help it from above.
HOLDERS = (
    Role.SECRETARY,
    Role.SITE_OPERATOR,
    Role.AFFAIRS_OFFICER,
    Role.CURATOR,
    Role.ADMINISTRATOR,
)


def held_units(user: Any) -> list[Organization]:
    return scope.managed_units(user, roles=HOLDERS)


def check_can_hold(user: Any, organization: Organization | None = None) -> None:
    """Order, change, log: for the own unit and those below."""
    units = held_units(user)
    if not units:
        raise PermissionDenied(
            _("This is for branch secretaries and those who help branches. Ask your branch.")
        )
    if organization is not None and not units_path_covers(units, organization):
        raise PermissionDenied(_("You can do this only for units that you are responsible for."))


def can_hold(user: Any, organization: Organization | None = None) -> bool:
    return passes(check_can_hold, user, organization)
