"""Viewings that somebody should look at: noticed in the night, decided by a person.

The rules are in `noticing`. A check is found once for a person, a kind and a day; the next night
completes it while nobody has decided, and never opens it again. Deciding takes the row's lock, so
of two who decide at once the second is told.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import log
from lms.watching.errors import WatchingError
from lms.watching.models import PlaySession, ViewingCheck
from lms.watching.noticing import CROWD, Noticed, Sitting, crowds, noticed
from lms.watching.permissions import (
    check_can_void,
    check_can_void_sessions,
    is_all_barred,
)
from lms.watching.play import session_withdraw
from lms.watching.telling import viewings_voided_tell
from lms.watching.tokens import LIFETIME

# Beats come as long as a token lives; a night that was missed is made up for.
LOOKED_BACK = LIFETIME + dt.timedelta(days=2)
# So long browsers are told apart.
DEVICES_KEPT = dt.timedelta(days=30)
BATCH = 500
State = ViewingCheck.State


class CheckRefused(WatchingError):
    """This cannot be decided so now; the message says why."""


# -- finding ---------------------------------------------------------------------------------------


def checks_find(*, now: dt.datetime | None = None, within: dt.timedelta = LOOKED_BACK) -> int:
    """Look through the play sessions of the last days; how many checks are new."""
    now = now or timezone.now()
    rows = PlaySession.objects.counted().filter(started_at__gte=now - within)
    found = 0
    batch: list[Noticed] = []
    for entry in _all_noticed(rows):
        batch.append(entry)
        if len(batch) >= BATCH:
            found += checks_write(batch, now=now)
            batch = []
    return found + checks_write(batch, now=now)


def _all_noticed(rows: Any) -> Iterator[Noticed]:
    watched = rows.filter(Q(accepted__gt=0) | Q(cut__gt=0)).defer("seen")
    for _person, own in groupby(watched.order_by("user_id").iterator(), attrgetter("user_id")):
        yield from noticed(map(_sitting, own))
    crowded = (
        rows.exclude(device="")
        .order_by()
        .values("device")
        .annotate(people=Count("user", distinct=True))
        .filter(people__gte=CROWD)
        .values_list("device", flat=True)
    )
    for device in list(crowded):
        yield from crowds(map(_sitting, rows.filter(device=device).defer("seen")))


def _sitting(row: PlaySession) -> Sitting:
    gaps = (row.gap_least, row.gap_most)
    return Sitting(
        key=row.pk,
        person=row.user_id,
        started=row.started_at,
        ended=row.last_beat_at,
        accepted=row.accepted,
        cut=row.cut,
        device=row.device,
        beats=row.beats,
        gaps=None if gaps[0] is None or gaps[1] is None else (gaps[0], gaps[1]),
        in_a_room=row.gathering is not None,
    )


@transaction.atomic
def checks_write(entries: Iterable[Noticed], *, now: dt.datetime) -> int:
    """Make what is not there, complete what nobody has decided on; how many are new."""
    new = 0
    for entry in entries:
        check, made = ViewingCheck.objects.get_or_create(
            user_id=entry.person,
            what=entry.what.value,
            day=entry.day,
            defaults={"facts": dict(entry.facts), "found_at": now},
        )
        new += made
        locked = ViewingCheck.objects.select_for_update().get(pk=check.pk)
        if locked.state == State.OPEN:
            ViewingCheck.objects.filter(pk=check.pk).update(facts=dict(entry.facts))
            keys = [str(key) for key in entry.sittings]
            check.sessions.set(PlaySession.objects.filter(pk__in=keys).only("pk"))
    return new


def devices_forget(*, now: dt.datetime | None = None) -> int:
    """Empty the digests of browsers that are not needed any more; of how many sessions."""
    before = (now or timezone.now()) - DEVICES_KEPT
    month = PlaySession.objects.filter(started_at__lt=before, started_at__gte=before - DEVICES_KEPT)
    old, count = month.exclude(device="").order_by(), 0
    while keys := list(old.values_list("pk", flat=True)[:BATCH]):
        count += PlaySession.objects.filter(pk__in=keys).update(device="")
    return count


# -- deciding --------------------------------------------------------------------------------------


@transaction.atomic
def check_all_right(*, check: ViewingCheck, actor: Any, words: str = "") -> None:
    """Nothing is wrong with it; nothing changes but the list. Twice is once. Who held or attended
    the room from which all of it comes leaves that to others, too.
    """
    check_can_void(actor, check.user)
    if is_all_barred(actor, list(check.sessions.only("pk", "gathering"))):
        raise PermissionDenied(_("Nobody decides on a session that they held or attended."))
    if _decide(check, State.ALL_RIGHT, actor, words):
        log.record("viewing_check.all_right", actor=actor, target=check, user=check.user_id)


@transaction.atomic
def check_void(
    *, check: ViewingCheck, sessions: Collection[uuid.UUID], actor: Any, words: str
) -> None:
    """Void some of the viewings that it rests on, each with the reason. Twice is once."""
    chosen = list(check.sessions.filter(pk__in=sessions))
    check_can_void_sessions(actor, check.user, chosen)
    if not chosen:
        raise CheckRefused(_("Please choose the viewings that should no longer count."))
    if not _decide(check, State.VOIDED, actor, words):
        return
    now = timezone.now()
    withdrawn = {
        one: session_withdraw(session=one, actor=actor, reason=words, now=now) for one in chosen
    }
    if voided := [one for one, entry in withdrawn.items() if entry is not None]:
        viewings_voided_tell(voided, actor=actor, reason=words)
    detail = {"user": check.user_id, "sessions": [str(one.pk) for one in chosen]}
    decided = log.Entry("viewing_check.void", target=check, detail=detail)
    log.record_many([*filter(None, withdrawn.values()), decided], actor=actor)


def _decide(check: ViewingCheck, state: str, actor: Any, words: str) -> bool:
    """Under the row's lock. False when it had been decided in the same way."""
    row = ViewingCheck.objects.select_for_update().get(pk=check.pk)
    if row.state != State.OPEN:
        if row.state == state:
            return False
        raise CheckRefused(_("Somebody else has decided this meanwhile. Nothing was changed."))
    ViewingCheck.objects.filter(pk=check.pk).update(
        state=state, decided_at=timezone.now(), decided_by=actor, words=words
    )
    return True


def letters(sessions: Iterable[PlaySession]) -> dict[str, str]:
    """Names for devices that tell nothing but that they differ: A, B, C …"""
    found: dict[str, str] = defaultdict(str)
    for session in sessions:
        if session.device and session.device not in found:
            found[session.device] = chr(ord("A") + len(found) % 26)
    return found
