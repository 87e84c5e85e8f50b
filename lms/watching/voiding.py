"""Voiding a play session by hand: who may, of whose sessions, with a reason that the person reads.

Nothing is voided automatically; a person decides (`play.play_session_void` does it).
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lms.watching.models import PlaySession
from organizations import scope
from organizations.models import Post, User
from organizations.permissions import passes, places_that_count, units_path_covers

VOIDERS = (Post.Role.SECRETARY, Post.Role.AFFAIRS_OFFICER)
MOST = 60


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


def sessions_shown(person: User) -> QuerySet[PlaySession]:
    """The newest with something in them, voided ones too."""
    rows = PlaySession.objects.filter(user=person, accepted__gt=0).defer("seen")
    return rows.select_related("lecture").order_by("-started_at", "pk")[:MOST]
