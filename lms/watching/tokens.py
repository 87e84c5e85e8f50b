"""Play tokens: what lets a beat in without a session, signed by the server that issued it.

A token names one play session of one person and one recording. It is the only thing in a beat
that says who is watching and how long the recording is; what the client says about either is
never read.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.watching.errors import TokenRefused
from lms.watching.models import PlaySession

# As long as a room's: a phone whose battery died, or that saw no line on a journey, brings its
# evidence days later. What counts of it is limited by the server's clock, not by this.
LIFETIME = dt.timedelta(days=7)
SALT = "lms.watching.play"
# A token from a server whose clock runs a little ahead is not forged.
CLOCK_SKEW = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class PlayClaims:
    session_id: uuid.UUID
    user_id: int
    lecture_id: int
    asset_id: uuid.UUID
    seconds: int


def play_token(*, session: PlaySession, now: dt.datetime) -> str:
    return signing.Signer(salt=SALT).sign_object(
        {
            "s": session.pk.hex,
            "u": session.user_id,
            "l": session.lecture_id,
            "a": session.asset_id.hex,
            "n": session.seconds,
            "t": int(now.timestamp()),
        }
    )


def play_claims(token: object, *, now: dt.datetime | None = None) -> PlayClaims:
    """What a token says. Raises TokenRefused when it is not ours or too old."""
    try:
        if not isinstance(token, str):
            raise signing.BadSignature
        said = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError) as problem:
        raise TokenRefused(_("This page cannot be confirmed. Please reload it.")) from problem
    age = (now or timezone.now()) - dt.datetime.fromtimestamp(said["t"], dt.UTC)
    if not -CLOCK_SKEW <= age <= LIFETIME:
        raise TokenRefused(_("This page has been open for too long. Please reload it."))
    return PlayClaims(
        session_id=uuid.UUID(said["s"]),
        user_id=said["u"],
        lecture_id=said["l"],
        asset_id=uuid.UUID(said["a"]),
        seconds=said["n"],
    )
