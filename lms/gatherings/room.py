"""What the room plays: opening a recording on its screen, taking in a beat.

As `lms.watching.play` for people: a beat names one play by a signed token, is the whole evidence of
its sitting, and is accepted within what the room's wall clock allows. The clock stops when the
session is handed in, or its day is over; what a lost line held up is still taken until the township
has decided.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from lms.gatherings.clock import RoomClock
from lms.gatherings.errors import GatheringError, ScreenError
from lms.gatherings.models import Gathering, RoomPlay, Screen
from lms.gatherings.opening import gathering_locked
from lms.gatherings.played import windows_after
from lms.gatherings.presence import day_over, is_its_day
from lms.gatherings.tokens import beat_token
from lms.ledger.entries import spans_of
from lms.watching.evidence import Bitmap, accept, coverage, is_complete, whole_seconds

State = Gathering.State
TAKING = (State.OPEN, State.HANDED_IN, State.SENT_BACK)


@dataclass(frozen=True, slots=True)
class Playing:
    """A recording that the screen may play, and how far the room is with it."""

    play: RoomPlay
    token: str
    duration: float
    seen: Bitmap
    position: float


@dataclass(frozen=True, slots=True)
class Heard:
    accepted: int
    cut: int
    seen: Bitmap
    seconds: int

    @property
    def coverage(self) -> float:
        return coverage(self.seen, self.seconds)

    @property
    def is_complete(self) -> bool:
        return is_complete(self.seen, self.seconds)


@transaction.atomic
def room_open(
    *, gathering: Gathering, lecture_id: int, now: dt.datetime, screen: Screen | None = None
) -> Playing:
    """On the screen of the room. Raises ScreenError when the session or its day is over,
    GatheringError when this cannot be played.
    """
    found = gathering_locked(gathering)
    if found.state != State.OPEN or not is_its_day(found, now):
        raise ScreenError(_("The session on this screen is over."))
    item = found.items.select_related("lecture__asset").filter(lecture=lecture_id).first()
    if item is None:
        raise GatheringError(_("This lecture is not part of the session."))
    asset = item.lecture.asset
    if not item.lecture.live:
        raise GatheringError(
            _("This lecture has been taken down. What was played counts; please choose another.")
        )
    if asset is None or not asset.is_ready or not asset.duration:
        raise GatheringError(_("This lecture is being prepared. Please choose another one."))
    play, _made = RoomPlay.objects.get_or_create(
        gathering=found,
        lecture=item.lecture,
        asset=asset,
        defaults={"seconds": whole_seconds(asset.duration), "last_beat_at": now},
    )
    _clock_save(found, _clock(found).heard(now))
    seen = Bitmap.from_bytes(bytes(play.seen))
    at_end = play.position >= play.seconds - 3
    return Playing(
        play, beat_token(play, screen), asset.duration, seen, 0.0 if at_end else play.position
    )


@transaction.atomic
def room_beat(
    *,
    play_id: int,
    position: float,
    seen: bytes,
    now: dt.datetime,
    screen_id: uuid.UUID | None = None,
) -> Heard:
    """Of a screen that another one has followed, or that was left on over the session's day, only
    what it played until then counts. Raises
    ScreenError when the township has decided, or the play is gone.
    """
    row = RoomPlay.objects.filter(pk=play_id).select_related("gathering").first()
    if row is None:
        raise ScreenError(_("The session on this screen is over."))
    found = gathering_locked(row.gathering)
    if found.state not in TAKING:
        raise ScreenError(_("The session on this screen is over."))
    play = RoomPlay.objects.select_for_update().get(pk=play_id)
    screen = Screen.objects.filter(pk=screen_id).first() if screen_id else None
    ends = (day_over(found), found.closed_at, screen.ended_at if screen else None)
    at = min([now, *(one for one in ends if one is not None)])
    clock = _clock(found).heard(at)
    held = Bitmap.from_bytes(bytes(play.seen))
    accepted, cut = accept(Bitmap.from_bytes(seen, play.seconds), held, clock.allowed)
    union = held | accepted
    assert found.opened_at is not None
    others = RoomPlay.objects.filter(gathering=found).exclude(pk=play.pk)
    play.windows = windows_after(
        spans_of(play.windows),
        [span for rows in others.values_list("windows", flat=True) for span in spans_of(rows)],
        at=int(at.timestamp()),
        accepted=len(accepted),
        opened=int(found.opened_at.timestamp()),
    )
    play.seen, play.accepted = union.to_bytes(), len(union)
    play.cut = max(play.cut, cut)
    play.position = min(max(position, 0.0), float(play.seconds))
    play.last_beat_at = max(play.last_beat_at, at)
    play.save(update_fields=["windows", "seen", "accepted", "cut", "position", "last_beat_at"])
    _clock_save(found, clock.spent(len(accepted)))
    return Heard(len(accepted), cut, union, play.seconds)


def _clock(gathering: Gathering) -> RoomClock:
    return RoomClock(
        budget=gathering.budget,
        settled_at=gathering.settled_at,
        open_until=gathering.open_until,
    )


def _clock_save(gathering: Gathering, clock: RoomClock) -> None:
    """Only under the lock on the gathering."""
    Gathering.objects.filter(pk=gathering.pk).update(
        budget=clock.budget, settled_at=clock.settled_at, open_until=clock.open_until
    )
