"""Completions: writing one, taking some back, finding those that were never written, telling the
audit log of them.

A completion is written with the beat that brings it, in one transaction. The sweep finds
evidence that reached the criterion by another way (a merge of accounts, rows brought in from
elsewhere), and tells the receivers of a signal that was lost when a process was killed: they
sweep for themselves, from the completions.

The audit log takes one writer at a time, so no beat ever waits for it: the sweep logs completions
in batches, each once.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Subquery, Sum
from django.utils import timezone

from audit import log
from lms.watching.clocks import clock_locked
from lms.watching.evidence import CURRENT_RULE, Bitmap, is_complete, union
from lms.watching.models import Completion, PlaySession
from lms.watching.signals import completion_withdrawn, lecture_completed
from lms.watching.tokens import LIFETIME
from notices.commits import after_commit
from organizations.models import User

# The sweep comes every few minutes; it may have stood still for a night.
SWEPT = dt.timedelta(hours=13)
# So many in one transaction, for which other writers of the log wait, and so many in one sweep.
BATCH, MOST = 500, 20_000


def seen_together(sessions: Iterable[PlaySession]) -> Bitmap:
    return union(Bitmap.from_bytes(bytes(session.seen)) for session in sessions)


def completion_record(*, session: PlaySession, covered: int, at: dt.datetime) -> Completion:
    """Write the completion of a session's lecture. Only under the lock on the person's clock."""
    completion = Completion.objects.create(
        user_id=session.user_id,
        lecture_id=session.lecture_id,
        asset_id=session.asset_id,
        completed_at=at,
        rule_version=CURRENT_RULE.version,
        covered=covered,
    )
    after_commit(_announce, session.user_id, session.lecture_id)
    return completion


def _announce(user_id: int, lecture_id: int) -> None:
    lecture_completed.send_robust(Completion, user_id=user_id, lecture_id=lecture_id)


def completions_withdraw(*, user_id: int, asset_id: uuid.UUID) -> list[int]:
    """Take back what rested on evidence that no longer counts; of which lectures. Only under the
    lock.
    """
    rows = Completion.objects.filter(user=user_id, asset=asset_id)
    lectures = list(rows.values_list("lecture_id", flat=True))
    rows.delete()
    for lecture_id in lectures:
        completion_withdrawn.send(Completion, user_id=user_id, lecture_id=lecture_id)
    return lectures


def completions_missing(*, now: dt.datetime | None = None, within: dt.timedelta = SWEPT) -> int:
    """Write the completions that the evidence of recent sessions asks for; how many there were.

    Looks at sessions that were heard of `within` that time before `now`; beats reach a session no
    later than its token lives.
    """
    now = now or timezone.now()
    one_person = PlaySession.objects.counted().filter(
        user=OuterRef("user"), asset=OuterRef("asset")
    )
    watched = one_person.order_by().values("user").annotate(n=Sum("accepted")).values("n")
    written = Completion.objects.filter(
        user=OuterRef("user"), asset=OuterRef("asset"), lecture=OuterRef("lecture")
    )
    # A session's seconds are its own, so their sum is the coverage; the bitmaps of those who are
    # far from the criterion need not be read.
    candidates = (
        PlaySession.objects.counted()
        .filter(
            ~Exists(written),
            started_at__gte=now - within - LIFETIME,
            last_beat_at__gte=now - within,
        )
        .annotate(watched=Subquery(watched))
        .filter(watched__gte=F("seconds") * 0.8)
        .order_by()
        .values_list("user_id", "asset_id", "lecture_id")
        .distinct()
    )
    return sum(
        completion_complete(user_id=user, asset_id=asset, lecture_id=lecture)
        for user, asset, lecture in list(candidates)
    )


def completions_log(*, most: int = MOST) -> int:
    """Write into the audit log the completions that are not in it yet, each once; how many."""
    count = 0
    while count < most and (written := _log_some(min(BATCH, most - count))):
        count += written
    return count


@transaction.atomic
def _log_some(most: int) -> int:
    waiting = Completion.objects.filter(is_logged=False).order_by("pk")
    found = list(waiting.select_for_update(skip_locked=True)[:most])
    if not found:
        return 0
    Completion.objects.filter(pk__in=[one.pk for one in found]).update(is_logged=True)
    return log.record_many(_entry(one) for one in found)


def _entry(completion: Completion) -> log.Entry:
    """On whom, in which lecture, by which recording and rule, and when: the entry comes later."""
    return log.Entry(
        "completion.reach",
        target_type=User._meta.label,
        target_id=completion.user_id,
        detail={
            "completion": completion.pk,
            "lecture": completion.lecture_id,
            "asset": str(completion.asset_id),
            "rule": completion.rule_version,
            "seconds": completion.covered,
            "at": completion.completed_at.isoformat(timespec="seconds"),
        },
    )


@transaction.atomic
def completion_complete(
    *, user_id: int, asset_id: uuid.UUID, lecture_id: int, at: dt.datetime | None = None
) -> bool:
    """Write the completion if the evidence asks for it and there is none; whether it did.

    `at` is the instant where it is known from elsewhere; evidence says only by when at the latest.
    """
    clock_locked(user_id, timezone.now())
    sessions = list(PlaySession.objects.counted().filter(user=user_id, asset=asset_id))
    key = {"user": user_id, "asset": asset_id, "lecture": lecture_id}
    own = [session for session in sessions if session.lecture_id == lecture_id]
    seen = seen_together(sessions)
    if not own or not is_complete(seen, own[0].seconds):
        return False
    if Completion.objects.filter(**key).exists():
        return False
    reached = max(session.last_beat_at for session in sessions)
    completion_record(session=own[0], covered=len(seen), at=at or reached)
    return True
