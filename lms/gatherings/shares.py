"""What a decided session leaves to its people, and takes back again: evidence and hours.

The decision allots the shares and says no more; a worker carries it out, some people at a time,
each time in a transaction of its own under their locks. `Share.is_counted` is how far that has
come, and what the ledger is told of: so hours and facts agree at every moment. A wake-up may be
lost, the sweep finds the same.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import groupby
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from audit import log
from lms.gatherings.models import Attendance, Gathering, RoomPlay, Share
from lms.gatherings.opening import gathering_locked
from lms.gatherings.played import attended, was_there_throughout
from lms.gatherings.presence import presence_of
from lms.gatherings.source import CODE
from lms.ledger.books import books_hold, ledger_lock
from lms.ledger.entries import person_settle, spans_of
from lms.watching.clocks import clock_locked
from lms.watching.evidence import Bitmap
from lms.watching.play import session_withdraw
from lms.watching.together import room_session_record
from notices.commits import after_commit
from notices.wakeups import wake

logger = logging.getLogger(__name__)

State = Gathering.State
WORK = "lms.gatherings.tasks.settle_shares"
# So many people in one transaction: on SQLite every other writer waits for it.
PEOPLE = 20


def shares_allot(gathering: Gathering) -> None:
    """A share of each recording, or of the list on paper, for everybody who was there for it.
    Once, under the lock on the gathering; a worker is told when that is committed.
    """
    there = list(Attendance.objects.filter(gathering=gathering, is_present=True))
    Share.objects.bulk_create(_allotted(gathering, there), batch_size=500)
    work_wake()


def work_wake() -> None:
    """Tell a worker after the commit. A broker that is away is no error: the sweep comes."""
    after_commit(wake, WORK)


def _allotted(gathering: Gathering, there: list[Attendance]) -> Iterator[Share]:
    if gathering.is_paper:
        yield from (Share(attendance=one) for one in there)
        return
    for play in RoomPlay.objects.filter(gathering=gathering, accepted__gt=0).order_by("pk"):
        windows = spans_of(play.windows)
        for one in there:
            if attended(windows, **presence_of(one)):
                yield Share(attendance=one, play=play)


def is_in_work(gathering: Gathering) -> bool:
    return _due(gathering).exists()


def shares_work(*, now: dt.datetime | None = None) -> int:
    """Carry out what was decided; for how many people."""
    now = now or timezone.now()
    of_it = Share.objects.filter(attendance__gathering=OuterRef("pk"))
    waits = of_it.filter(is_counted=False, attendance__is_present=True)
    to_credit = Q(Exists(waits), state=State.APPROVED)
    to_take_back = Q(Exists(of_it.filter(is_counted=True)), state=State.VOIDED)
    alone = Attendance.objects.filter(voided_at__isnull=False, shares__is_counted=True)
    to_settle = to_credit | to_take_back | Q(pk__in=alone.values("gathering"))
    due = Gathering.objects.filter(to_settle).order_by("decided_at", "pk")
    return sum(_gathering_work(one, now) for one in list(due))


def _due(gathering: Gathering) -> QuerySet[Share]:
    rows = Share.objects.filter(attendance__gathering=gathering)
    if gathering.state == State.APPROVED:
        return rows.exclude(is_counted=F("attendance__is_present"))
    return rows.filter(is_counted=True)


def _gathering_work(gathering: Gathering, now: dt.datetime) -> int:
    rows = _due(gathering).order_by("attendance__user_id")
    people = list(rows.values_list("attendance__user_id", flat=True).distinct())
    for start in range(0, len(people), PEOPLE):
        batch = people[start : start + PEOPLE]
        try:
            _settle(gathering, batch, now)
        except (DatabaseError, ArithmeticError):
            for one in batch:
                _settle_alone(gathering, one, now)
    return len(people)


def _settle_alone(gathering: Gathering, user_id: int, now: dt.datetime) -> None:
    """One person for whom it cannot be done keeps nobody else's hours back."""
    try:
        _settle(gathering, [user_id], now)
    except (DatabaseError, ArithmeticError):
        logger.exception("Session %d cannot be settled for person %d", gathering.pk, user_id)


@transaction.atomic
def _settle(gathering: Gathering, people: Collection[int], now: dt.datetime) -> None:
    """The people's locks first, in the order of their ids; the log last, for all of them."""
    found = gathering_locked(gathering)
    for user_id in sorted(people):
        clock_locked(user_id, now)
    books_hold()
    for user_id in sorted(people):
        ledger_lock(user_id)
    taken = defaultdict[Any, list[log.Entry]](list)
    rows = (
        _due(found)
        .filter(attendance__user__in=people)
        .select_related("attendance__voided_by", "play", "session")
    )
    rows = rows.order_by("attendance__user_id", "pk")
    for user_id, own in groupby(list(rows), key=lambda one: one.attendance.user_id):
        shares = list(own)
        keys = [one.pk for one in shares]
        counts = not shares[0].is_counted
        Share.objects.filter(pk__in=keys).update(is_counted=counts)
        for share in shares:
            if counts:
                _evidence_give(share, found, now)
            else:
                _evidence_take(share, found, taken)
        person_settle(user_id=user_id, source=CODE, keys=keys, now=now)
    for actor, entries in taken.items():
        log.record_many(entries, actor=actor)


def _evidence_give(share: Share, gathering: Gathering, now: dt.datetime) -> None:
    """For who was there throughout; of others it is not known which seconds they saw."""
    play, attendance = share.play, share.attendance
    if play is None:
        return
    windows = spans_of(play.windows)
    if not was_there_throughout(windows, **presence_of(attendance)):
        return
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


def _evidence_take(share: Share, gathering: Gathering, taken: dict[Any, list[log.Entry]]) -> None:
    """In the words of who took the person back, or of who voided the whole."""
    if share.session is None:
        return
    one = share.attendance
    if one.voided_at is not None:
        actor, reason, at = one.voided_by, one.void_reason, one.voided_at
    else:
        actor, reason = gathering.decided_by, gathering.reason
        at = gathering.decided_at or timezone.now()
    entry = session_withdraw(session=share.session, actor=actor, reason=reason, now=at)
    if entry is not None:
        taken[actor].append(entry)
