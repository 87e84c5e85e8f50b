"""What a beat makes of what is held of its person: decided here for every way to the rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from lms.watching.errors import SessionGone
from lms.watching.evidence import Bitmap, Clock, Watched, accept, is_complete, union
from lms.watching.tokens import PlayClaims


@dataclass(frozen=True, slots=True)
class Heard:
    """The answer to a beat: new seconds accepted and cut off, and where things stand."""

    accepted: int
    cut: int
    seq: int
    watched: Watched


@dataclass(frozen=True, slots=True)
class Beat:
    claims: PlayClaims
    seq: int
    position: float
    claimed: Bitmap
    now: dt.datetime


class Row(NamedTuple):
    """What a beat reads of a session; the lecture's `completed_at` is the same in each."""

    id: Any
    seen: bytes
    last_seq: int
    position: float
    cut: int
    last_beat_at: dt.datetime
    beats: int
    gap_least: float | None
    gap_most: float | None
    completed_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a beat makes of the rows; `changes` are all columns of its session that it writes."""

    heard: Heard
    clock: Clock
    changes: dict[str, Any]
    completes: bool


def decided(beat: Beat, clock: Clock, rows: Sequence[Row]) -> Outcome:
    session = next((row for row in rows if row.id == beat.claims.session_id), None)
    if session is None:
        raise SessionGone(_("This viewing no longer counts. Please reload the page."))
    clock = clock.heard(beat.now)
    own = Bitmap.from_bytes(bytes(session.seen))
    held = union(Bitmap.from_bytes(bytes(row.seen)) for row in rows)
    accepted, cut = accept(beat.claimed, held, clock.allowed)
    watched = Watched(beat.claims.seconds, held | accepted, session.completed_at)
    completes = session.completed_at is None and is_complete(watched.seen, watched.seconds)
    if completes:
        watched = replace(watched, completed_at=beat.now)
    own |= accepted
    changes = {
        "seen": own.to_bytes(),
        "accepted": len(own),
        # The most that any one beat claimed too much; what is cut is claimed again by the next.
        "cut": max(session.cut, cut),
        "last_beat_at": max(session.last_beat_at, beat.now),
        **_news(beat, session),
    }
    heard = Heard(len(accepted), cut, max(session.last_seq, beat.seq), watched)
    return Outcome(heard, clock.spent(len(accepted)), changes, completes)


def _news(beat: Beat, session: Row) -> dict[str, Any]:
    """What the newest beat alone says: where the player stands, and how evenly it sends. The time
    before its first beat says nothing about that.
    """
    least, most = session.gap_least, session.gap_most
    if beat.seq <= session.last_seq:
        seq, position, beats = session.last_seq, session.position, session.beats
    else:
        seq, beats = beat.seq, session.beats + 1
        position = min(max(beat.position, 0.0), float(beat.claims.seconds))
        if session.beats:
            gap = max((beat.now - session.last_beat_at).total_seconds(), 0.0)
            least = gap if least is None else min(least, gap)
            most = gap if most is None else max(most, gap)
    return {
        "last_seq": seq,
        "position": position,
        "beats": beats,
        "gap_least": least,
        "gap_most": most,
    }
