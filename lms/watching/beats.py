"""Taking in a beat: the evidence of a whole play session so far.

Beats are most of what an installation is asked in the evening, so one costs two updates in one
transaction and two trips to PostgreSQL: one that locks and reads, one that writes and commits. By
the ORM the same takes six, and more time in Python than in the database. SQLite, which is no
other machine, goes by the ORM, and so does the one beat of a lecture that completes it. What counts
is decided in one place (`_decided`), by `evidence`.

Under the lock on the person's clock two beats of one person never interleave; different people
never wait for each other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.watching.clocks import clock_locked, clock_save
from lms.watching.completions import completion_record
from lms.watching.errors import SessionGone
from lms.watching.evidence import Bitmap, Clock, Watched, accept, is_complete, union
from lms.watching.models import Completion, PlaySession
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


def beat_record(
    *,
    claims: PlayClaims,
    seq: int,
    position: float,
    seen: bytes,
    now: dt.datetime | None = None,
) -> Heard:
    """Take in the evidence of a beat: `seen` is the bitmap of the whole play session so far.

    Replayed and overtaken beats merge like any other; the position is taken from the highest
    `seq` only. Raises SessionGone for a voided session. Beats of an issued session go on being
    accepted when the account is closed or the lecture withdrawn meanwhile.
    """
    claimed = Bitmap.from_bytes(seen, claims.seconds)
    beat = Beat(claims, seq, position, claimed, now or timezone.now())
    if connection.vendor == "postgresql":
        heard = _in_two_trips(beat)
        if heard is not None:
            return heard
    return _by_the_orm(beat)


def _decided(beat: Beat, clock: Clock, rows: Sequence[Row]) -> Outcome:
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


# -- by the ORM ------------------------------------------------------------------------------------


@transaction.atomic
def _by_the_orm(beat: Beat) -> Heard:
    claims = beat.claims
    clock = clock_locked(claims.user_id, beat.now)
    key = {"user": claims.user_id, "asset": claims.asset_id}
    completed = Completion.objects.filter(**key, lecture=claims.lecture_id)
    rows = (
        PlaySession.objects.counted()
        .filter(**key)
        .values_list(*Row._fields[:-1], Subquery(completed.values("completed_at")[:1]))
    )
    outcome = _decided(beat, clock, [Row(*row) for row in rows])
    if outcome.completes:
        session = PlaySession(
            user_id=claims.user_id, lecture_id=claims.lecture_id, asset_id=claims.asset_id
        )
        completion_record(session=session, covered=len(outcome.heard.watched.seen), at=beat.now)
    PlaySession.objects.filter(pk=claims.session_id).update(**outcome.changes)
    clock_save(claims.user_id, outcome.clock)
    return outcome.heard


# -- in two trips ----------------------------------------------------------------------------------

LOCK = (
    "SELECT budget, settled_at, open_until FROM watching_personclock"
    " WHERE user_id = %(user)s FOR UPDATE"
)
READ = (
    "SELECT s.id, s.seen, s.last_seq, s.position, s.cut, s.last_beat_at, s.beats, s.gap_least,"
    " s.gap_most, c.completed_at"
    " FROM watching_playsession s LEFT JOIN watching_completion c ON"
    " c.user_id = s.user_id AND c.asset_id = s.asset_id AND c.lecture_id = %(lecture)s"
    " WHERE s.user_id = %(user)s AND s.asset_id = %(asset)s AND s.voided_at IS NULL"
)
WRITE_SESSION = (
    "UPDATE watching_playsession SET seen = %(seen)s, accepted = %(accepted)s, cut = %(cut)s,"
    " last_beat_at = %(last_beat_at)s, last_seq = %(last_seq)s, position = %(position)s,"
    " beats = %(beats)s, gap_least = %(gap_least)s, gap_most = %(gap_most)s WHERE id = %(session)s"
)
WRITE_CLOCK = (
    "UPDATE watching_personclock SET budget = %(budget)s, settled_at = %(settled_at)s,"
    " open_until = %(open_until)s WHERE user_id = %(user)s"
)


def _in_two_trips(beat: Beat) -> Heard | None:
    """None when the beat completes the lecture, or its person has no clock: nothing is written
    then.
    """
    own = not connection.in_atomic_block
    claims = beat.claims
    key = {"user": claims.user_id, "asset": claims.asset_id, "lecture": claims.lecture_id}
    with _connected(f"BEGIN;{LOCK};{READ}" if own else f"{LOCK};{READ}", key) as cursor:
        try:
            if own:
                cursor.nextset()
            locked = cursor.fetchone()
            cursor.nextset()
            rows = [Row(*row) for row in cursor.fetchall()]
            outcome = _decided(beat, Clock(*locked), rows) if locked else None
            if outcome is not None and not outcome.completes:
                clock = outcome.clock
                values = {
                    **key,
                    **outcome.changes,
                    "session": claims.session_id,
                    "budget": clock.budget,
                    "settled_at": clock.settled_at,
                    "open_until": clock.open_until,
                }
                write = f"{WRITE_SESSION};{WRITE_CLOCK}"
                cursor.execute(f"{write};COMMIT" if own else write, values)
                return outcome.heard
        except Exception:
            if own:
                _undo(cursor)
            raise
        if own:
            _undo(cursor)
    return None


def _connected(sql: str, values: dict[str, Any]) -> Any:
    """A cursor that has asked. A connection that broke since the last request is made anew, once,
    instead of asking before each beat whether it still stands.
    """
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return _asked(sql, values)
    except OperationalError:
        if connection.in_atomic_block:
            raise
        connection.close()
    return _asked(sql, values)


def _asked(sql: str, values: dict[str, Any]) -> Any:
    cursor = connection.cursor()
    cursor.execute(sql, values)
    return cursor


def _undo(cursor: Any) -> None:
    try:
        cursor.execute("ROLLBACK")
    except DatabaseError:
        connection.close()
