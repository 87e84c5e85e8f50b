"""Play sessions: opening one, voiding one. What arrives in between is in `beats`, HTTP in `views`.

All writes about one person's watching happen under the lock on that person's clock row.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import log
from cms.models import LecturePage
from cms.permissions import check_can_watch
from lms.watching.clocks import clock_locked, clock_save
from lms.watching.completions import completions_withdraw, seen_together
from lms.watching.errors import NotPlayable
from lms.watching.evidence import CURRENT_RULE, Watched, is_complete, whole_seconds
from lms.watching.models import Completion, PlaySession
from lms.watching.signals import play_session_voided
from lms.watching.telling import viewings_voided_tell
from lms.watching.tokens import play_token


@dataclass(frozen=True, slots=True)
class Opened:
    session: PlaySession
    token: str
    duration: float
    position: float
    watched: Watched


def play_session_open(
    *, user: Any, lecture: LecturePage, device: str = "", now: dt.datetime | None = None
) -> Opened:
    """Issue a play session; `device` is a digest that tells browsers apart.

    Raises PermissionDenied when the person may not watch (not active, not published) and
    NotPlayable when there is no finished recording.
    """
    now = now or timezone.now()
    check_can_watch(user, lecture)
    asset = lecture.asset
    if asset is None or not asset.is_ready or not asset.duration:
        raise NotPlayable(_("This lecture is still being prepared. Please come back later."))
    with transaction.atomic():
        clock = clock_locked(user.pk, now).opened(now)
        sessions = list(_sessions(user.pk, lecture.pk, asset.pk))
        watched = _watched(sessions, whole_seconds(asset.duration))
        position = resume_position(sessions, watched)
        session = PlaySession.objects.create(
            user=user,
            lecture=lecture,
            asset=asset,
            seconds=watched.seconds,
            position=position,
            device=device,
            started_at=now,
            last_beat_at=now,
        )
        clock_save(user.pk, clock)
    return Opened(
        session=session,
        token=play_token(session=session, now=now),
        duration=asset.duration,
        position=position,
        watched=watched,
    )


def play_session_void(
    *, session: PlaySession, actor: Any = None, reason: str = "", now: dt.datetime | None = None
) -> None:
    """Let a session count no longer; what rested on it is derived again, and the person is told.
    Idempotent.
    """
    with transaction.atomic():
        entry = session_withdraw(
            session=session, actor=actor, reason=reason, now=now or timezone.now()
        )
        if entry is not None:
            viewings_voided_tell([session], actor=actor, reason=reason)
            log.record_many([entry], actor=actor)


@transaction.atomic
def session_withdraw(
    *, session: PlaySession, actor: Any, reason: str, now: dt.datetime
) -> log.Entry | None:
    """`play_session_void` for whoever voids several, tells the people and logs last: its entry,
    None when it was voided before.
    """
    clock_locked(session.user_id, now)
    counted = PlaySession.objects.counted().filter(pk=session.pk)
    if not counted.update(voided_at=now, voided_by=actor, void_reason=reason):
        return None
    rest = list(_sessions(session.user_id, session.lecture_id, session.asset_id))
    withdrawn: list[int] = []
    if not is_complete(seen_together(rest), session.seconds):
        withdrawn = completions_withdraw(user_id=session.user_id, asset_id=session.asset_id)
    play_session_voided.send(PlaySession, user_id=session.user_id, lecture_id=session.lecture_id)
    return log.Entry(
        "play_session.void",
        target=session,
        detail={"user": session.user_id, "lectures": withdrawn},
    )


def resume_position(sessions: list[PlaySession], watched: Watched) -> float:
    """Where to go on: the last position on any device.

    At the end of the recording there is nothing to go on with: a completed lecture starts again,
    another one where the first watched part is missing.
    """
    if not sessions:
        return 0.0
    position = max(sessions, key=lambda session: session.last_beat_at).position
    if position < watched.seconds - max(CURRENT_RULE.tail(watched.seconds), 3):
        return position
    return float(watched.missing[0][0]) if watched.missing else 0.0


# -- rows ------------------------------------------------------------------------------------------


def _sessions(user_id: int, lecture_id: int, asset_id: Any) -> Any:
    """Counted sessions of one person and recording, each with the lecture's `completed_at`."""
    completed = Completion.objects.filter(user=user_id, asset=asset_id, lecture=lecture_id)
    return (
        PlaySession.objects.counted()
        .filter(user=user_id, asset=asset_id)
        .annotate(completed_at=Subquery(completed.values("completed_at")[:1]))
    )


def _watched(sessions: list[Any], seconds: int) -> Watched:
    completed_at = sessions[0].completed_at if sessions else None
    return Watched(seconds, seen_together(sessions), completed_at)
