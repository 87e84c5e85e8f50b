"""Acts of the township: approve, send back, void. Doing one again is nothing.

Approving gives every person who was there a share of what was played: evidence for those who were
there throughout, and hours through the ledger. Voiding takes all of it back, with the reason.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import log
from cms.programme.activities import ActivityError, activity_change, activity_delete, activity_log
from cms.programme.models import LectureActivity
from lms.gatherings.errors import GatheringError
from lms.gatherings.models import Attendance, Gathering, RoomPlay, Share
from lms.gatherings.opening import gathering_locked
from lms.gatherings.permissions import check_can_decide
from lms.gatherings.played import attended, was_there_throughout
from lms.gatherings.presence import presence_of
from lms.gatherings.source import CODE
from lms.ledger.entries import person_settle, spans_of
from lms.watching.evidence import Bitmap
from lms.watching.play import play_session_void
from lms.watching.together import room_session_record

State = Gathering.State


def roll_seal(gathering: Gathering) -> str:
    """Who is on the roll and how many guests, in short. The page sends it back: nobody approves a
    roll that they have not seen.
    """
    rows = [f"{one.user_id} {one.came_at} {one.left_at}" for one in _present(gathering)]
    said = "\n".join([*rows, str(gathering.guests)])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@transaction.atomic
def gathering_approve(*, gathering: Gathering, actor: Any, seen: str, now: dt.datetime) -> None:
    """`seen` is the `roll_seal` of who looked. Raises PermissionDenied, GatheringError."""

    def credit(found: Gathering) -> None:
        if roll_seal(found) != seen:
            raise GatheringError(_("The roll was changed meanwhile. Please look at it again."))
        _activity_join(found, actor, now)
        for attendance in _present(found):
            _share_out(attendance, found, now)
            person_settle(user_id=attendance.user_id, source=CODE, keys=_keys(attendance), now=now)

    _decide(gathering, "approve", (State.HANDED_IN,), State.APPROVED, actor, now, then=credit)


@transaction.atomic
def gathering_send_back(*, gathering: Gathering, actor: Any, reason: str, now: dt.datetime) -> None:
    """To be corrected and handed in again. Raises PermissionDenied, GatheringError."""
    _decide(gathering, "send_back", (State.HANDED_IN,), State.SENT_BACK, actor, now, reason=reason)


@transaction.atomic
def gathering_void(*, gathering: Gathering, actor: Any, reason: str, now: dt.datetime) -> None:
    """It counts no longer: evidence, hours and the activity fall. Raises PermissionDenied,
    GatheringError.
    """

    def take_back(found: Gathering) -> None:
        if found.activity is not None:
            activity_delete(activity=found.activity, user=actor)
            found.activity = None
            found.save(update_fields=["activity"])
        for attendance in _present(found):
            keys = _keys(attendance)
            for share in attendance.shares.select_related("session"):
                if share.session is not None:
                    play_session_void(session=share.session, actor=actor, reason=reason, now=now)
            person_settle(user_id=attendance.user_id, source=CODE, keys=keys, now=now)

    _decide(
        gathering, "void", (State.APPROVED,), State.VOIDED, actor, now,
        reason=reason, then=take_back,
    )  # fmt: skip


def _decide(
    gathering: Gathering,
    act: str,
    before: tuple[str, ...],
    after: str,
    actor: Any,
    now: dt.datetime,
    *,
    reason: str | None = None,
    then: Callable[[Gathering], None] | None = None,
) -> None:
    if reason is not None and not (reason := " ".join(reason.split())):
        raise GatheringError(_("Please say why."))
    found = gathering_locked(gathering)
    check_can_decide(actor, found)
    if found.state == after:
        return
    if found.state not in before:
        raise GatheringError(
            _("This is not possible any more: the session is “%(state)s”. Please look again.")
            % {"state": found.get_state_display()}
        )
    found.state, found.decided_at, found.decided_by = after, now, actor
    found.reason = reason or ""
    found.save(update_fields=["state", "decided_at", "decided_by", "reason"])
    if then is not None:
        then(found)
    log.record(f"gathering.{act}", actor=actor, target=found, unit=found.organization.code)


def _present(gathering: Gathering) -> list[Attendance]:
    """In the order of their ids: whoever else locks several people does it so as well."""
    rows = Attendance.objects.filter(gathering=gathering, is_present=True)
    return list(rows.order_by("user_id"))


def _keys(attendance: Attendance) -> list[int]:
    return list(Share.objects.filter(attendance=attendance).values_list("pk", flat=True))


def _share_out(attendance: Attendance, gathering: Gathering, now: dt.datetime) -> None:
    if gathering.is_paper:
        Share.objects.get_or_create(attendance=attendance, play=None)
        return
    presence = presence_of(attendance)
    for play in RoomPlay.objects.filter(gathering=gathering, accepted__gt=0).order_by("pk"):
        windows = spans_of(play.windows)
        if not attended(windows, **presence):
            continue
        share, made = Share.objects.get_or_create(attendance=attendance, play=play)
        if made and was_there_throughout(windows, **presence):
            share.session = room_session_record(
                user_id=attendance.user_id,
                lecture_id=play.lecture_id,
                asset_id=play.asset_id,
                seconds=play.seconds,
                seen=Bitmap.from_bytes(bytes(play.seen)),
                started_at=dt.datetime.fromtimestamp(windows[0][0], dt.UTC),
                ended_at=dt.datetime.fromtimestamp(windows[-1][1], dt.UTC),
                gathering=gathering.pk,
                now=now,
            )
            share.save(update_fields=["session"])


def _activity_join(gathering: Gathering, actor: Any, now: dt.datetime) -> None:
    """The gathering is the unit's lecture activity: what was logged by hand for the same programme
    is taken over, with the people who were counted here.
    """
    there = Attendance.objects.filter(gathering=gathering, is_present=True).count()
    items = gathering.items.select_related("lecture").order_by("position", "pk")
    lectures = [item.lecture for item in items]
    speakers = dict.fromkeys(one.speaker for one in lectures if one.speaker)
    today = timezone.localdate(now)
    fields: dict[str, Any] = {
        "held_on": gathering.on,
        "title": gathering.title,
        "speaker": "、".join(speakers)[:60] or _("see the recording"),
        "place": gathering.place,
        "headcount": there + gathering.guests,
        "recording": lectures[0] if len(lectures) == 1 else None,
    }
    try:
        activity, made = activity_log(
            organization=gathering.organization,
            user=actor,
            today=today,
            programme=gathering.programme,
            **fields,
        )
        if not made and not LectureActivity.objects.filter(
            pk=activity.pk, gathering__isnull=False
        ).exclude(gathering=gathering):
            kept = {name: getattr(activity, name) for name in ("title", "speaker", "place")}
            activity_change(activity=activity, user=actor, today=today, **(fields | kept))
    except ActivityError as problem:
        raise GatheringError(str(problem)) from problem
    gathering.activity = activity
    gathering.save(update_fields=["activity"])
