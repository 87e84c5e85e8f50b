"""Evidence that a person has from a room: what was played there while they were present.

It is a play session like any other, so that completion, strips, classes and voiding know nothing of
rooms. The room's own clock has paid for its seconds (`lms.gatherings`), the person's does not.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from lms.watching.clocks import clock_locked
from lms.watching.completions import completion_complete, seen_together
from lms.watching.evidence import Bitmap
from lms.watching.models import PlaySession


@transaction.atomic
def room_session_record(
    *,
    user_id: int,
    lecture_id: int,
    asset_id: uuid.UUID,
    seconds: int,
    seen: Bitmap,
    started_at: dt.datetime,
    ended_at: dt.datetime,
    gathering: int,
    now: dt.datetime,
) -> PlaySession:
    """What is new for the person of what the room played, and the completion if it brings one."""
    clock_locked(user_id, now)
    own = PlaySession.objects.counted().filter(user=user_id, asset=asset_id)
    new = seen - seen_together(own)
    runs = (Bitmap.span(0, seconds) - seen).runs()
    session = PlaySession.objects.create(
        user_id=user_id,
        lecture_id=lecture_id,
        asset_id=asset_id,
        seconds=seconds,
        seen=new.to_bytes(),
        accepted=len(new),
        # Where somebody goes on who wants to see the rest.
        position=float(runs[0][0]) if runs else 0.0,
        started_at=started_at,
        last_beat_at=ended_at,
        gathering=gathering,
    )
    completion_complete(user_id=user_id, asset_id=asset_id, lecture_id=lecture_id)
    return session
