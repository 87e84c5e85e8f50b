"""Acts of who keeps a gathering: plan, begin, hand in, call off. Doing one again is nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit import log
from cms.models import LecturePage
from cms.programme.models import Programme
from cms.programme.ordering import OrderError, check_day
from cms.programme.permissions import check_can_hold
from lms.gatherings.clock import RoomClock
from lms.gatherings.errors import AlreadyOpen, DayOver, GatheringError
from lms.gatherings.models import Attendance, Gathering, GatheringItem, Screen
from lms.gatherings.permissions import check_can_keep
from lms.gatherings.presence import day_over, is_forgotten
from lms.ledger.evidence_files import file_remove
from notices.commits import after_commit
from organizations.models import Organization

State = Gathering.State
GONE = (State.VOIDED, State.CALLED_OFF)
# In the hands of who keeps it.
KEPT = (State.OPEN, State.SENT_BACK, State.PLANNED)
TITLE_LENGTH = 80
CLOCK = ("budget", "settled_at", "open_until")


@transaction.atomic
def gathering_plan(
    *,
    organization: Organization,
    on: dt.date,
    place: str,
    user: Any,
    now: dt.datetime,
    lecture: LecturePage | None = None,
    programme: Programme | None = None,
    wish: uuid.UUID | None = None,
) -> Gathering:
    """For today or a later day. A form that is sent twice (`wish` is its key) makes one; where the
    same was opened before, nothing of that is changed.

    Raises PermissionDenied, AlreadyOpen, GatheringError.
    """
    check_can_hold(user, organization)
    wish = wish or uuid.uuid4()
    if (found := _same(wish, organization, on, lecture, programme)) is not None:
        return found
    try:
        check_day(on, today=timezone.localdate(now))
    except OrderError:
        raise GatheringError(
            _(
                "%(day)s cannot be planned for: choose today or a day within a year. What was "
                "held already is entered as a list on paper."
            )
            % {"day": date_format(on, "DATE_FORMAT")}
        ) from None
    if programme is not None and programme.organization_id != organization.pk:
        raise GatheringError(_("This programme belongs to another unit."))
    lectures = lectures_of(lecture, programme)
    if not lectures:
        raise GatheringError(_("None of its lectures is published at present."))
    title = programme.title if programme is not None else lectures[0].title
    made = gathering_make(
        organization=organization,
        on=on,
        title=title[:TITLE_LENGTH],
        place=place,
        lecture=lecture,
        programme=programme,
        made_by=user,
        made_at=now,
        wish=wish,
    )
    if made is None:
        again = _same(wish, organization, on, lecture, programme)
        if again is None:  # the wish is another unit's
            raise GatheringError(_("This form was used already. Please open the page anew."))
        return again
    items_set(made, lectures)
    log.record("gathering.plan", actor=user, target=made, unit=organization.code)
    return made


def _same(
    wish: uuid.UUID,
    organization: Organization,
    on: dt.date,
    lecture: LecturePage | None,
    programme: Programme | None,
) -> Gathering | None:
    """What this very form has made. Raises AlreadyOpen where another made the same."""
    same = Gathering.objects.filter(on=on, lecture=lecture, programme=programme)
    own = same.exclude(state__in=GONE).filter(organization=organization, wish=wish).first()
    if own is None and (found := standing(organization, on, lecture, programme)) is not None:
        raise AlreadyOpen(found)
    return own


def gathering_make(**fields: Any) -> Gathering | None:
    """None when somebody made the same at the same moment."""
    try:
        with transaction.atomic():
            return Gathering.objects.create(**fields)
    except IntegrityError:
        return None


def standing(
    organization: Organization,
    on: dt.date,
    lecture: LecturePage | None,
    programme: Programme | None,
) -> Gathering | None:
    """The gathering of this programme, or of this lecture on this day."""
    same = (
        Q(programme=programme)
        if programme is not None
        else Q(organization=organization, on=on, lecture=lecture)
    )
    rows = Gathering.objects.filter(same).exclude(state__in=GONE)
    return rows.select_related("organization", "made_by").first()


def lectures_of(lecture: LecturePage | None, programme: Programme | None) -> list[LecturePage]:
    """Those that are published, in order."""
    if programme is not None:
        items = programme.items.select_related("lecture").order_by("position", "pk")
        return [item.lecture for item in items if item.lecture.live]
    return [lecture] if lecture is not None and lecture.live else []


def items_set(gathering: Gathering, lectures: list[LecturePage]) -> None:
    GatheringItem.objects.filter(gathering=gathering).delete()
    GatheringItem.objects.bulk_create(
        GatheringItem(gathering=gathering, lecture=one, position=position)
        for position, one in enumerate(lectures)
    )


@transaction.atomic
def gathering_start(*, gathering: Gathering, user: Any, now: dt.datetime) -> Gathering:
    """On its day. Raises PermissionDenied, GatheringError."""
    found = gathering_locked(gathering)
    check_can_keep(user, found)
    if found.state == State.OPEN:
        return found
    _check_state(found, State.PLANNED)
    today = timezone.localdate(now)
    if found.on != today:
        raise GatheringError(
            _("This session is planned for %(day)s and begins on that day.")
            % {"day": date_format(found.on, "DATE_FORMAT")}
        )
    if found.programme is not None and (lectures := lectures_of(None, found.programme)):
        items_set(found, lectures)  # as the programme is by now
    found.state, found.opened_at = State.OPEN, now
    found.settled_at = found.open_until = now
    found.save(update_fields=["state", "opened_at", "settled_at", "open_until"])
    log.record("gathering.start", actor=user, target=found, unit=found.organization.code)
    return found


@transaction.atomic
def gathering_hand_in(*, gathering: Gathering, user: Any, now: dt.datetime) -> Gathering:
    """The session is over, or has been corrected; the township decides.

    Raises PermissionDenied, GatheringError.
    """
    found = gathering_locked(gathering)
    check_can_keep(user, found)
    if found.state == State.HANDED_IN:
        return found
    _check_state(found, State.OPEN, State.SENT_BACK)
    present = Attendance.objects.filter(gathering=found, is_present=True).count()
    if not present + found.guests:
        if is_forgotten(found, now):
            raise DayOver(found)
        raise GatheringError(
            _("Nobody is on the roll yet. Please tick who was there, or call the session off.")
        )
    found.closed_at, found.closed_by = found.closed_at or min(now, day_over(found)), user
    found.state = State.HANDED_IN
    found.save(update_fields=["state", "closed_at", "closed_by"])
    screens_end(found, now)
    log.record("gathering.hand_in", actor=user, target=found, present=present, guests=found.guests)
    return found


@transaction.atomic
def gathering_go_on(*, gathering: Gathering, user: Any, now: dt.datetime) -> Gathering:
    """It was handed in too early: on its day it runs again, until the township has decided. The
    time in between buys nothing. Raises PermissionDenied, GatheringError.
    """
    found = gathering_locked(gathering)
    check_can_keep(user, found)
    if found.state == State.OPEN:
        return found
    _check_state(found, State.HANDED_IN)
    if not may_go_on(found, now):
        raise GatheringError(
            _("A session goes on only on its own day. Please ask the township to send it back.")
        )
    assert found.closed_at is not None
    until_then = RoomClock(found.budget, found.settled_at, found.open_until).accrued(
        found.closed_at
    )
    found.budget, found.settled_at, found.open_until = until_then.budget, now, now
    found.state, found.closed_at, found.closed_by = State.OPEN, None, None
    found.save(update_fields=[*CLOCK, "state", "closed_at", "closed_by"])
    log.record("gathering.go_on", actor=user, target=found)
    return found


@transaction.atomic
def place_change(*, gathering: Gathering, user: Any, place: str) -> None:
    """Where it is held, until it is handed in. Raises PermissionDenied, GatheringError."""
    found = gathering_locked(gathering)
    check_can_keep(user, found)
    if found.place == place:
        return
    _check_state(found, *KEPT)
    found.place = place
    found.save(update_fields=["place"])
    log.record("gathering.place", actor=user, target=found, unit=found.organization.code)


def may_go_on(gathering: Gathering, now: dt.datetime) -> bool:
    is_waiting = gathering.state == State.HANDED_IN and not gathering.is_paper
    return is_waiting and gathering.on == timezone.localdate(now)


@transaction.atomic
def gathering_call_off(*, gathering: Gathering, user: Any, now: dt.datetime) -> None:
    """It was not held. Raises PermissionDenied, GatheringError."""
    found = gathering_locked(gathering)
    check_can_keep(user, found)
    if found.state == State.CALLED_OFF:
        return
    _check_state(found, *KEPT)
    if found.photo:
        after_commit(file_remove, found.photo)
    found.state, found.photo, found.photo_name = State.CALLED_OFF, "", ""
    found.save(update_fields=["state", "photo", "photo_name"])
    screens_end(found, now)
    log.record("gathering.call_off", actor=user, target=found)


def gathering_locked(gathering: Gathering) -> Gathering:
    """Nobody else changing it meanwhile."""
    rows = Gathering.objects.select_for_update(of=("self",)).select_related(
        "organization", "programme", "lecture"
    )
    return rows.get(pk=gathering.pk)


def _check_state(gathering: Gathering, *states: str) -> None:
    if gathering.state not in states:
        raise GatheringError(
            _("This is not possible any more: the session is “%(state)s”. Please look again.")
            % {"state": gathering.get_state_display()}
        )


def screens_end(gathering: Gathering, now: dt.datetime) -> None:
    Screen.objects.filter(gathering=gathering, ended_at=None).update(ended_at=now)
