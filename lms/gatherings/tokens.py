"""Signed words of a room: which screen this is, which recording its beats are of, the code that
changes every few seconds. None of them names a person.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.gatherings.errors import GatheringError, ScreenError
from lms.gatherings.models import Gathering, RoomPlay, Screen

SCREEN_SALT, BEAT_SALT, DOOR_SALT = (f"lms.gatherings.{name}" for name in ("tv", "beat", "door"))
# A screen belongs to an evening; beats that a lost line held up come within days.
SCREEN_LIFETIME = dt.timedelta(hours=16)
BEAT_LIFETIME = dt.timedelta(days=7)
# How long a code in the room opens the door, and how often the next one is shown.
DOOR_SECONDS = 30
DOOR_STEP = 12


def screen_token(screen: Screen) -> str:
    return signing.dumps(screen.pk.hex, salt=SCREEN_SALT)


def screen_id(token: str | None) -> uuid.UUID:
    """Raises ScreenError."""
    try:
        return uuid.UUID(signing.loads(token or "", salt=SCREEN_SALT, max_age=SCREEN_LIFETIME))
    except (signing.BadSignature, ValueError) as problem:
        raise ScreenError(_("This screen is not connected.")) from problem


def beat_token(play: RoomPlay, screen: Screen | None) -> str:
    said = [play.pk, screen.pk.hex if screen is not None else None]
    return signing.dumps(said, salt=BEAT_SALT)


def beat_claims(token: object) -> tuple[int, uuid.UUID | None]:
    """Which play it is of, and on which screen. Raises ScreenError."""
    try:
        if not isinstance(token, str):
            raise signing.BadSignature
        play, screen = signing.loads(token, salt=BEAT_SALT, max_age=BEAT_LIFETIME)
        return play, uuid.UUID(screen) if screen else None
    except (signing.BadSignature, ValueError) as problem:
        raise ScreenError(_("This screen is not connected.")) from problem


def door_token(gathering: Gathering, *, now: dt.datetime) -> str:
    """Bound to the gathering and this moment."""
    said: dict[str, Any] = {"g": gathering.pk, "t": int(now.timestamp())}
    return signing.Signer(salt=DOOR_SALT).sign_object(said)


def door_check(token: str, gathering: Gathering, *, now: dt.datetime | None = None) -> None:
    """Raises GatheringError for a code of another gathering, one that is forged, or too old."""
    try:
        said = signing.Signer(salt=DOOR_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError) as problem:
        raise GatheringError(_("This is no code of this session.")) from problem
    age = (now or timezone.now()).timestamp() - said["t"]
    if said["g"] != gathering.pk:
        raise GatheringError(_("This is no code of this session."))
    if not -DOOR_SECONDS <= age <= DOOR_SECONDS:
        raise GatheringError(
            _("This code has run out. Please scan the one that is on the screen in the room now.")
        )
