"""Who may void play sessions of whom. Nothing is voided automatically; a person decides."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from organizations import scope
from organizations.models import Post, User
from organizations.permissions import passes, places_that_count, units_path_covers

VOIDERS = (Post.Role.SECRETARY, Post.Role.AFFAIRS_OFFICER)


def check_can_void(user: Any, person: User) -> None:
    """Secretaries and party-affairs officers of a unit above the person's, never oneself: whoever
    sits in the same branch would judge a neighbour.
    """
    if user.pk == person.pk:
        raise PermissionDenied(_("Nobody does this for their own watching."))
    units = scope.managed_units(user, roles=VOIDERS)
    if not any(units_path_covers(units, unit, strictly=True) for unit in places_that_count(person)):
        raise PermissionDenied(
            _("Watching is voided by the secretary or party-affairs officer of a unit above.")
        )


def can_void(user: Any, person: User) -> bool:
    return passes(check_can_void, user, person)
