"""A TV shows a code, a keeper's phone confirms it: the screen then belongs to that gathering and to
nothing else, until it is over. No person is ever signed in on it.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit import log
from lms.gatherings.errors import DayOver, GatheringError, ScreenError
from lms.gatherings.models import Gathering, Screen
from lms.gatherings.opening import gathering_locked, screens_end
from lms.gatherings.permissions import check_can_keep
from lms.gatherings.presence import is_forgotten, is_its_day
from lms.gatherings.tokens import SCREEN_LIFETIME, screen_id
from organizations.signin import counters

State = Gathering.State
CODE_LIFETIME = dt.timedelta(minutes=10)
# Screens that wait at a time; a prefecture has some thousand rooms, and each needs a minute.
MOST_WAITING = 5_000
TRIES = 20
# Codes that one keeper may write in ten minutes.
MOST_TRIES = 20


def screen_new(*, now: dt.datetime) -> Screen:
    """A screen with a code that no other one shows. Raises ScreenError when too many wait."""
    waiting = Screen.objects.filter(paired_at=None)
    waiting.filter(asked_at__lt=now - CODE_LIFETIME).delete()
    if waiting.count() >= MOST_WAITING:
        raise ScreenError(_("Many screens are being connected. Please try again in a minute."))
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                return Screen.objects.create(code=f"{secrets.randbelow(10**6):06d}", asked_at=now)
        except IntegrityError:
            continue
    raise ScreenError(_("Many screens are being connected. Please try again in a minute."))


def screen_waiting(token: str | None, *, now: dt.datetime) -> Screen | None:
    """The screen of a token, while its code can be written on a phone."""
    try:
        found = screen_of(token)
    except ScreenError:
        return None
    is_waiting = found.paired_at is None and now - found.asked_at < CODE_LIFETIME
    return found if is_waiting else None


def code_tried(user: Any) -> None:
    """Count a code that a keeper writes. Raises GatheringError when there were too many: codes are
    for reading, not for guessing.
    """
    if counters.count(f"tv-tries:{user.pk}", int(CODE_LIFETIME.total_seconds())) > MOST_TRIES:
        raise GatheringError(_("Too many codes were tried. Please wait ten minutes."))


@transaction.atomic
def screen_pair(*, gathering: Gathering, code: str, user: Any, now: dt.datetime) -> Screen:
    """The screen that shows the code becomes the one of the gathering; an earlier one ends.

    Raises PermissionDenied, GatheringError.
    """
    found = gathering_locked(gathering)
    check_can_keep(user, found)
    if found.state != State.OPEN:
        raise GatheringError(_("Begin the session first, then connect the screen."))
    if is_forgotten(found, now):
        raise DayOver(found)
    digits = "".join(one for one in code if one.isdecimal())
    rows = Screen.objects.select_for_update()
    screen = rows.filter(code=digits, paired_at=None, asked_at__gte=now - CODE_LIFETIME).first()
    if screen is None:
        again = rows.filter(code=digits, gathering=found, ended_at=None).first()
        if again is not None:
            return again
        raise GatheringError(
            _("No screen shows this code now. Please read the code on the screen once more.")
        )
    screens_end(found, now)
    screen.gathering, screen.paired_at, screen.paired_by = found, now, user
    screen.save(update_fields=["gathering", "paired_at", "paired_by"])
    log.record("gathering.pair", actor=user, target=found)
    return screen


def screen_of(token: str | None) -> Screen:
    """The waiting or connected screen of a token. Raises ScreenError."""
    rows = Screen.objects.select_related("gathering__organization")
    found = rows.filter(pk=screen_id(token)).first()
    if found is None:
        raise ScreenError(_("This screen is not connected."))
    return found


def room_of(token: str | None, *, now: dt.datetime) -> Gathering:
    """The running gathering of a connected screen. Raises ScreenError."""
    screen = screen_of(token)
    gathering = screen.gathering
    if gathering is None or screen.paired_at is None:
        raise ScreenError(_("This screen is not connected."))
    is_late = now - screen.paired_at > SCREEN_LIFETIME
    is_running = gathering.state == State.OPEN and is_its_day(gathering, now)
    if screen.ended_at is not None or not is_running or is_late:
        raise ScreenError(_("The session on this screen is over."))
    return gathering
