"""The roll: who was there. Marks of keepers, scans of the room's code.

Marks may come late and from two phones: of each person the newest counts, by the server's own
clock less the time for which a phone says it kept the mark. Sent twice they change nothing. While
the session is open only marks that were made on its day are taken, whenever they come.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit import log
from lms.gatherings.errors import GatheringError
from lms.gatherings.models import MOST_GUESTS, Attendance, Gathering
from lms.gatherings.opening import gathering_locked
from lms.gatherings.permissions import check_can_keep
from lms.gatherings.presence import came_with, is_forgotten, is_its_day, times_meant
from organizations.models import Membership, User

State = Gathering.State
Way = Attendance.Way
# Longer than a phone keeps a mark while the line is lost.
MOST_AGE = dt.timedelta(days=7)
ON_THE_ROLL = (Membership.Kind.HOME, Membership.Kind.HOST)


@dataclass(frozen=True, slots=True)
class Mark:
    """`age`: seconds for which the phone kept it; the times are of the day, or None."""

    user: int
    present: bool
    age: float = 0.0
    came: dt.time | None = None
    left: dt.time | None = None


@dataclass
class Marked:
    """What became of marks: changed, overtaken by newer ones, of people not on the roll, with times
    that cannot be (those of before stand), more guests than there can be, something made after the
    session's day.
    """

    changed: list[int] = field(default_factory=list)
    overtaken: list[int] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    odd: list[int] = field(default_factory=list)
    too_many_guests: bool = False
    is_day_over: bool = False


def roll_people(gathering: Gathering) -> dict[int, str]:
    """Id → kind of tie, of the unit's home members and the floating members it hosts that day."""
    ties = Membership.objects.current(on=gathering.on).filter(
        organization=gathering.organization_id, kind__in=ON_THE_ROLL, user__is_active=True
    )
    rows = ties.order_by("kind").values_list("user_id", "kind")
    found: dict[int, str] = {}
    for user_id, kind in rows:
        if found.get(user_id) != Membership.Kind.HOME:
            found[user_id] = kind
    return found


def takes_marks(gathering: Gathering) -> bool:
    """A list on paper is corrected when the township has sent it back."""
    if gathering.is_paper:
        return gathering.state == State.SENT_BACK
    return gathering.state in (State.OPEN, State.SENT_BACK, State.HANDED_IN)


@transaction.atomic
def roll_mark(
    *,
    gathering: Gathering,
    user: Any,
    marks: Iterable[Mark],
    now: dt.datetime,
    guests: tuple[int, float] | None = None,
) -> Marked:
    """Take in what a keeper ticked. `guests`: their number, and the age of that.

    Raises PermissionDenied, GatheringError (decided meanwhile, or not begun).
    """
    found = gathering_locked(gathering)
    check_can_keep(user, found)
    if not takes_marks(found):
        raise GatheringError(
            _("The roll is kept while the session runs, until the township has decided.")
        )
    done = Marked()
    known = {one.user_id: one for one in Attendance.objects.filter(gathering=found)}
    on_roll = roll_people(found)
    # The newest of each person last, so that it is the one that stays.
    for mark in sorted(marks, key=lambda one: -one.age):
        row = known.get(mark.user)
        if row is None and mark.user not in on_roll:
            done.unknown.append(mark.user)
            continue
        at = made_at(mark.age, now)
        if is_forgotten(found, at):
            done.is_day_over = True
            continue
        if row is not None and row.marked_at is not None and at < row.marked_at:
            done.overtaken.append(mark.user)
            continue
        if row is None:
            way = Way.PAPER if found.is_paper else Way.TICK
            row = Attendance(gathering=found, user_id=mark.user, way=way, is_present=False)
            known[mark.user] = row
        if _apply(row, mark, found, user, at, done):
            done.changed.append(mark.user)
    if guests is not None:
        at = made_at(guests[1], now)
        if is_forgotten(found, at):
            done.is_day_over = True
        else:
            done.too_many_guests = not _guests(found, guests[0], at)
    if done.changed:
        log.record_many(
            (
                log.Entry(
                    "gathering.tick" if known[pk].is_present else "gathering.untick",
                    target=found,
                    detail={"user": pk},
                )
                for pk in dict.fromkeys(done.changed)
            ),
            actor=user,
        )
    return done


def made_at(age: float, now: dt.datetime) -> dt.datetime:
    """When a mark of that age was made, as far as it can be true."""
    return now - min(max(dt.timedelta(seconds=age), dt.timedelta()), MOST_AGE)


def _apply(
    row: Attendance, mark: Mark, gathering: Gathering, user: Any, at: dt.datetime, done: Marked
) -> bool:
    times = times_meant(gathering, mark.came, mark.left, at)
    if times is None:
        done.odd.append(mark.user)
        times = (row.came_at, row.left_at)
    new = (mark.present, *times)
    is_new = row.pk is None or new != (row.is_present, row.came_at, row.left_at)
    row.is_present, row.came_at, row.left_at = new
    row.marked_by, row.marked_at = user, at
    row.save()
    return is_new


def _guests(gathering: Gathering, count: int, at: dt.datetime) -> bool:
    """Whether so many can be."""
    if not 0 <= count <= MOST_GUESTS:
        return False
    if gathering.guests_at is None or at >= gathering.guests_at:
        gathering.guests, gathering.guests_at = count, at
        gathering.save(update_fields=["guests", "guests_at"])
    return True


@transaction.atomic
def roll_scan(*, gathering: Gathering, user: User, now: dt.datetime) -> bool:
    """Somebody signed in with the code in the room; False when they were on the roll already.

    Who comes when a good part has been played came late. A keeper's word stands: who was taken back
    stays so. Raises GatheringError.
    """
    found = gathering_locked(gathering)
    if found.state != State.OPEN or not is_its_day(found, now):
        raise GatheringError(_("The session does not run now, so nobody can sign in for it."))
    row = Attendance.objects.filter(gathering=found, user=user).first()
    if row is None:
        came = came_with(found, now)
        row = Attendance.objects.create(
            gathering=found, user=user, way=Way.SCAN, scanned_at=now, came_at=came
        )
        log.record("gathering.sign_in", actor=user, target=found)
        return True
    if not row.is_present and row.marked_at is not None:
        raise GatheringError(
            _("Your sign-in was taken back. Please speak to whoever keeps the roll in the room.")
        )
    if row.scanned_at is None:
        row.scanned_at = now
        row.save(update_fields=["scanned_at"])
        log.record("gathering.sign_in", actor=user, target=found)
    return False
