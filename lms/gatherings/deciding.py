"""Acts of the township: approve, send back, void, wholly or one person. Doing one again is nothing.

Approving gives every person who was there a share of what was played; voiding takes it back, with
the reason. Evidence and hours follow in a worker (`shares`), whoever decides does not wait for
them. No person's lock is taken here, so the log's may be.
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
from cms.programme.activities import (
    ActivityError,
    activity_change,
    activity_delete,
    activity_log,
)
from cms.programme.models import LectureActivity
from lms.gatherings.errors import GatheringError
from lms.gatherings.models import Attendance, Gathering
from lms.gatherings.opening import TITLE_LENGTH, gathering_locked
from lms.gatherings.permissions import check_can_decide, decided_by_unit
from lms.gatherings.shares import shares_allot, work_wake
from lms.gatherings.telling import all_voided_tell, voided_tell

State = Gathering.State
MOST_OF_A_DAY = 20


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
        if not _present(found) and not found.guests:
            raise GatheringError(_("Nobody is on the roll. Please send it back."))
        shares_allot(found)
        _activity_join(found, actor, now)

    _decide(gathering, "approve", (State.HANDED_IN,), State.APPROVED, actor, now, then=credit)


@transaction.atomic
def gathering_send_back(*, gathering: Gathering, actor: Any, reason: str, now: dt.datetime) -> None:
    """To be corrected and handed in again. Raises PermissionDenied, GatheringError."""
    _decide(gathering, "send_back", (State.HANDED_IN,), State.SENT_BACK, actor, now, reason=reason)


@transaction.atomic
def gathering_void(*, gathering: Gathering, actor: Any, reason: str, now: dt.datetime) -> None:
    """It counts no longer: the activity falls, then evidence and hours; everybody of its roll is
    told. Raises PermissionDenied, GatheringError.
    """

    def take_back(found: Gathering) -> None:
        work_wake()
        all_voided_tell(found, whom=decided_by_unit(actor, found))
        if (activity := found.activity) is not None:
            found.activity = None
            found.save(update_fields=["activity"])
            activity_delete(activity=activity, user=actor)

    _decide(
        gathering, "void", (State.APPROVED,), State.VOIDED, actor, now,
        reason=reason, then=take_back,
    )  # fmt: skip


@transaction.atomic
def attendance_void(
    *, gathering: Gathering, user_id: int, actor: Any, reason: str, now: dt.datetime
) -> None:
    """One person of an approved session was not there: they leave the roll and its headcount, and
    what rests on it follows. Nothing of anybody else changes; a second time is nothing.

    Raises PermissionDenied, GatheringError.
    """
    reason = _said(reason)
    found = gathering_locked(gathering)
    check_can_decide(actor, found)
    one = Attendance.objects.filter(gathering=found, user=user_id).select_related("user").first()
    if one is not None and one.voided_at is not None:
        return
    _check_state(found, (State.APPROVED,))
    if one is None or not one.is_present:
        raise GatheringError(_("This person is not on the roll any more. Please look again."))
    if len(_present(found)) + found.guests == 1:
        raise GatheringError(
            _("Nobody else was there. Please let the whole session count no longer.")
        )
    one.is_present, one.voided_at, one.voided_by = False, now, actor
    # Words about somebody who was erased would stay for good.
    one.void_reason = reason if one.user.erased_at is None else ""
    one.save(update_fields=["is_present", "voided_at", "voided_by", "void_reason"])
    voided_tell(one, found, whom=decided_by_unit(actor, found))
    _headcount_follow(found, actor, now)
    work_wake()
    log.record(
        "gathering.void_person", actor=actor, target=found, unit=found.organization.code,
        user=user_id,
    )  # fmt: skip


def _said(reason: str) -> str:
    if not (reason := " ".join(reason.split())):
        raise GatheringError(_("Please say why."))
    return reason


def _check_state(gathering: Gathering, before: tuple[str, ...]) -> None:
    if gathering.state not in before:
        raise GatheringError(
            _("This is not possible any more: the session is “%(state)s”. Please look again.")
            % {"state": gathering.get_state_display()}
        )


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
    said = _said(reason) if reason is not None else ""
    found = gathering_locked(gathering)
    check_can_decide(actor, found)
    if found.state == after:
        return
    _check_state(found, before)
    found.state, found.decided_at, found.decided_by = after, now, actor
    found.reason = said
    found.save(update_fields=["state", "decided_at", "decided_by", "reason"])
    if then is not None:
        then(found)
    log.record(f"gathering.{act}", actor=actor, target=found, unit=found.organization.code)


def _present(gathering: Gathering) -> list[Attendance]:
    rows = Attendance.objects.filter(gathering=gathering, is_present=True)
    return list(rows.order_by("user_id"))


def _activity_join(gathering: Gathering, actor: Any, now: dt.datetime) -> None:
    """The gathering is the unit's lecture activity: what was logged by hand for the same programme
    is taken over, with the people who were counted here.
    """
    items = gathering.items.select_related("lecture").order_by("position", "pk")
    lectures = [item.lecture for item in items]
    speakers = dict.fromkeys(one.speaker for one in lectures if one.speaker)
    fields: dict[str, Any] = {
        "held_on": gathering.on,
        "title": gathering.title,
        "speaker": "、".join(speakers)[:60] or _("see the recording"),
        "place": gathering.place,
        "headcount": len(_present(gathering)) + gathering.guests,
        "recording": lectures[0] if len(lectures) == 1 else None,
    }
    gathering.activity = _activity(gathering, actor, timezone.localdate(now), fields)
    gathering.save(update_fields=["activity"])


def _headcount_follow(gathering: Gathering, actor: Any, now: dt.datetime) -> None:
    """The activity counts who is left."""
    if gathering.activity_id is None:
        return
    activity = LectureActivity.objects.select_for_update().get(pk=gathering.activity_id)
    activity_change(
        activity=activity,
        user=actor,
        today=timezone.localdate(now),
        headcount=len(_present(gathering)) + gathering.guests,
    )


def _activity(
    gathering: Gathering, actor: Any, today: dt.date, fields: dict[str, Any]
) -> LectureActivity:
    """A new one, or one that no other session has taken. A second session of a day with the same
    title in the same place has its number in the title.
    """
    for turn in range(1, MOST_OF_A_DAY + 1):
        title = gathering.title if turn == 1 else _numbered(gathering.title, turn)
        try:
            activity, made = activity_log(
                organization=gathering.organization,
                user=actor,
                today=today,
                programme=gathering.programme,
                **(fields | {"title": title}),
            )
            if made:
                return activity
            LectureActivity.objects.select_for_update().get(pk=activity.pk)
            if Gathering.objects.filter(activity=activity).exclude(pk=gathering.pk).exists():
                continue
            activity_change(
                activity=activity,
                user=actor,
                today=today,
                programme=gathering.programme,
                # Title, speaker and place stay as they were logged.
                **{name: fields[name] for name in ("held_on", "headcount", "recording")},
            )
        except ActivityError as problem:
            raise GatheringError(str(problem)) from problem
        return activity
    raise GatheringError(_("There are too many sessions of this title on this day."))


def _numbered(title: str, turn: int) -> str:
    text = _("%(title)s (session %(n)d)")
    room = TITLE_LENGTH - len(text % {"title": "", "n": turn})
    return text % {"title": title[:room].rstrip(), "n": turn}
