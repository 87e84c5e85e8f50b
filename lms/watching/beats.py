"""Taking in a beat: the evidence of a whole play session so far.

Under the lock on the person's clock two beats of one person never interleave. On PostgreSQL the
beats of different people are committed together (`group_commit`). SQLite goes by the ORM, and so
do the one beat that completes a lecture and a beat whose person is locked at that instant.
"""

from __future__ import annotations

import datetime as dt
import threading

from django.db import connection, transaction
from django.db.models import Subquery
from django.utils import timezone

from lms.watching.clocks import clock_locked, clock_save
from lms.watching.completions import completion_record
from lms.watching.deciding import Beat, Heard, Row, decided
from lms.watching.evidence import Bitmap
from lms.watching.group_commit import group
from lms.watching.models import Completion, PlaySession
from lms.watching.tokens import PlayClaims

# Each takes a connection of its thread, and after a batch that failed many come at once.
FEW = threading.BoundedSemaphore(8)


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
    heard = group.heard(beat) if connection.vendor == "postgresql" else None
    if heard is None:
        with FEW:
            heard = _by_the_orm(beat)
    return heard


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
    outcome = decided(beat, clock, [Row(*row) for row in rows])
    if outcome.completes:
        session = PlaySession(
            user_id=claims.user_id, lecture_id=claims.lecture_id, asset_id=claims.asset_id
        )
        completion_record(session=session, covered=len(outcome.heard.watched.seen), at=beat.now)
    PlaySession.objects.filter(pk=claims.session_id).update(**outcome.changes)
    clock_save(claims.user_id, outcome.clock)
    return outcome.heard
