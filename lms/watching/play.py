"""Play sessions: opening one, taking in a beat, voiding one.

All writes about one person's watching happen under the lock on that person's clock row, so two
beats of one person never interleave and different people never wait for each other. A beat
costs two row updates in one transaction, and once per lecture the insert of a completion. What
counts and how much is decided in `evidence`; HTTP is in `views`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import log
from cms.models import LecturePage
from cms.permissions import check_can_watch
from lms.watching.clocks import clock_locked, clock_save
from lms.watching.completions import completion_record, completions_withdraw, seen_together
from lms.watching.errors import NotPlayable, SessionGone
from lms.watching.evidence import (
    CURRENT_RULE,
    Bitmap,
    accept,
    coverage,
    is_complete,
    missing,
    whole_seconds,
)
from lms.watching.models import Completion, PlaySession
from lms.watching.signals import play_session_voided
from lms.watching.tokens import PlayClaims, play_token


@dataclass(frozen=True, slots=True)
class Watched:
    """What one person has watched of one recording, over all counted sessions."""

    seconds: int
    seen: Bitmap
    completed_at: dt.datetime | None

    @property
    def coverage(self) -> float:
        return coverage(self.seen, self.seconds)

    @property
    def missing(self) -> list[tuple[int, int]]:
        return [] if self.completed_at else missing(self.seen, self.seconds)


@dataclass(frozen=True, slots=True)
class Opened:
    session: PlaySession
    token: str
    duration: float
    position: float
    watched: Watched


@dataclass(frozen=True, slots=True)
class Heard:
    """The answer to a beat: new seconds accepted and cut off, and where things stand."""

    accepted: int
    cut: int
    seq: int
    watched: Watched


def play_session_open(*, user: Any, lecture: LecturePage, now: dt.datetime | None = None) -> Opened:
    """Issue a play session.

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
        watched = _watched(sessions, whole_seconds(asset.duration), _completed_at(sessions))
        position = resume_position(sessions, watched)
        session = PlaySession.objects.create(
            user=user,
            lecture=lecture,
            asset=asset,
            seconds=watched.seconds,
            position=position,
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
    now = now or timezone.now()
    claimed = Bitmap.from_bytes(seen, claims.seconds)
    with transaction.atomic():
        clock = clock_locked(claims.user_id, now).heard(now)
        sessions = list(_sessions(claims.user_id, claims.lecture_id, claims.asset_id))
        session = next((one for one in sessions if one.pk == claims.session_id), None)
        if session is None:
            raise SessionGone(_("This viewing no longer counts. Please reload the page."))
        held = seen_together(sessions)
        accepted, cut = accept(claimed, held, clock.allowed)
        completed_at = _completed_at(sessions)
        watched = _watched(sessions, claims.seconds, completed_at, more=accepted)
        if completed_at is None and is_complete(watched.seen, watched.seconds):
            completion_record(session=session, covered=len(watched.seen), at=now)
            watched = replace(watched, completed_at=now)
        _session_save(session, accepted, cut, seq, position, now)
        clock_save(claims.user_id, clock.spent(len(accepted)))
    return Heard(len(accepted), cut, max(session.last_seq, seq), watched)


def play_session_void(
    *, session: PlaySession, actor: Any = None, reason: str = "", now: dt.datetime | None = None
) -> None:
    """Let a session count no longer; what rested on it is derived again. Idempotent."""
    with transaction.atomic():
        entry = session_withdraw(
            session=session, actor=actor, reason=reason, now=now or timezone.now()
        )
        if entry is not None:
            log.record_many([entry], actor=actor)


@transaction.atomic
def session_withdraw(
    *, session: PlaySession, actor: Any, reason: str, now: dt.datetime
) -> log.Entry | None:
    """`play_session_void` for whoever voids several and logs last: its entry, None when it was
    voided before.
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


def _completed_at(sessions: list[Any]) -> dt.datetime | None:
    return sessions[0].completed_at if sessions else None


def _watched(
    sessions: list[PlaySession],
    seconds: int,
    completed_at: dt.datetime | None,
    more: Bitmap = Bitmap(),  # noqa: B008  (immutable)
) -> Watched:
    return Watched(seconds, seen_together(sessions) | more, completed_at)


def _session_save(
    session: PlaySession,
    accepted: Bitmap,
    cut: int,
    seq: int,
    position: float,
    now: dt.datetime,
) -> None:
    seen = Bitmap.from_bytes(bytes(session.seen)) | accepted
    changes: dict[str, Any] = {
        "seen": seen.to_bytes(),
        "accepted": len(seen),
        # The most that any one beat claimed too much; what is cut is claimed again by the next.
        "cut": max(session.cut, cut),
        "last_beat_at": max(session.last_beat_at, now),
    }
    if seq > session.last_seq:
        changes |= {"last_seq": seq, "position": min(max(position, 0.0), float(session.seconds))}
    PlaySession.objects.filter(pk=session.pk).update(**changes)
