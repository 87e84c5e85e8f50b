"""Who may void play sessions of whom. Nothing is voided automatically; a person decides.

Which sittings come from a room that somebody ran or sat in is asked through `room_bar`, which
lms.gatherings sets.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from organizations import scope
from organizations.models import Organization, Post, User
from organizations.permissions import passes, places_that_count, units_path_covers

if TYPE_CHECKING:
    from lms.watching.models import PlaySession

# (who, ids of gatherings) → those that they held or attended.
RoomBar = Callable[[Any, Collection[int]], set[int]]

_room_bars: list[RoomBar] = []
VOIDERS = (Post.Role.SECRETARY, Post.Role.AFFAIRS_OFFICER)


def check_can_void(user: Any, person: User) -> None:
    """Secretaries and party-affairs officers of a unit above the person's, never oneself: whoever
    sits in the same branch would judge a neighbour.
    """
    if user.pk == person.pk:
        raise PermissionDenied(_("Nobody does this for their own watching."))
    if not voiding_units(user, person):
        raise PermissionDenied(
            _("Watching is voided by the secretary or party-affairs officer of a unit above.")
        )


def voiding_units(user: Any, person: User) -> list[Organization]:
    """For which of their units somebody may void what this person watched."""
    places = places_that_count(person)
    units = scope.managed_units(user, roles=VOIDERS)
    return [
        one
        for one in units
        if any(units_path_covers([one], place, strictly=True) for place in places)
    ]


def can_void(user: Any, person: User) -> bool:
    return passes(check_can_void, user, person)


def room_bar(held: RoomBar) -> None:
    """Let a room say which of its sessions somebody held or attended: others judge those."""
    _room_bars.append(held)


def sessions_barred(user: Any, sessions: Iterable[PlaySession]) -> set[Any]:
    """Ids of those play sessions that the user may not void, whoever they are of."""
    rooms = {one.pk: one.gathering for one in sessions if one.gathering is not None}
    asked = set(rooms.values())
    held = {pk for bar in _room_bars if asked for pk in bar(user, asked)}
    return {pk for pk, room in rooms.items() if room in held}


def is_all_barred(user: Any, sessions: Collection[PlaySession]) -> bool:
    """Whether there is nothing among them that the user may judge."""
    return bool(sessions) and len(sessions_barred(user, sessions)) == len(sessions)


def check_can_void_sessions(user: Any, person: User, sessions: Iterable[PlaySession]) -> None:
    """Of that person. What comes from a room is not judged by who held or attended it, just as the
    session of the room is not.
    """
    check_can_void(user, person)
    if sessions_barred(user, sessions):
        raise PermissionDenied(_("Nobody decides on a session that they held or attended."))
