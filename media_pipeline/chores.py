"""The queue of small work on finished recordings: ask, claim, finish; each one conditional update.

What a chore does is registered by kind (`posters`, `packs`, `captions.recognition`). A lost
message costs one round of the sweep; what failed three times stays with its reason.
"""

from __future__ import annotations

import datetime as dt
import logging
import traceback
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from media_pipeline.chore_models import Chore
from media_pipeline.ffmpeg.runner import MediaProcessStopped
from media_pipeline.models import VideoAsset
from notices.wakeups import EXPIRES_SECONDS, wake

TASK = "media_pipeline.tasks.do_chores"
MOST_ATTEMPTS = 3
# Longer than any of them takes; only a worker that died leaves one claimed for so long.
CLAIM = dt.timedelta(minutes=30)

Stop = Callable[[], bool]
Work = Callable[[Chore, Stop], dict[str, Any]]
_WORK: dict[str, Work] = {}

logger = logging.getLogger(__name__)


def chore_work(kind: str) -> Callable[[Work], Work]:
    """Register what chores of a kind do; the work returns the chore's `result`."""

    def register(work: Work) -> Work:
        _WORK[kind] = work
        return work

    return register


@transaction.atomic
def chore_ask(
    *, asset: VideoAsset, kind: str, wish: dict[str, Any], now: dt.datetime, actor: Any = None
) -> Chore:
    """Ask for work on a recording. The same wish again is the same chore, unless it failed."""
    chore, created = Chore.objects.select_for_update().get_or_create(
        asset=asset, kind=kind, defaults={"wish": wish, "asked_by": actor, "asked_at": now}
    )
    if not created and (chore.wish != wish or chore.state == Chore.State.FAILED):
        chore.wish, chore.result, chore.reason = wish, {}, ""
        chore.state, chore.attempt, chore.claimed_until = Chore.State.WAITING, 0, None
        chore.fence += 1
        chore.asked_by, chore.asked_at = actor, now
        chore.save()
    if chore.state == Chore.State.WAITING:
        transaction.on_commit(chores_wake, robust=True)
    return chore


def chores_wake() -> None:
    """Tell a worker. A broker that is away is no error: the sweep tells again."""
    wake(TASK, expires=EXPIRES_SECONDS)


def chores_do(*, should_stop: Stop) -> int:
    """Work whatever is due, one after the other; returns how many were worked."""
    worked = 0
    while not should_stop() and (chore := _claim(timezone.now())) is not None:
        _work(chore, should_stop)
        worked += 1
    return worked


def chores_due(*, now: dt.datetime) -> bool:
    return _due(now).exists()


def _due(now: dt.datetime) -> Any:
    kinds = [kind for kind in _WORK if kind != Chore.Kind.SPEECH or settings.SPEECH_RECOGNISER]
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    return Chore.objects.filter(free, state=Chore.State.WAITING, kind__in=kinds)


def _claim(now: dt.datetime) -> Chore | None:
    # What a person waits for goes before what nobody asked for.
    for chore in _due(now).order_by(F("asked_by").asc(nulls_last=True), "asked_at", "pk")[:20]:
        if chore.attempt >= MOST_ATTEMPTS:
            _end(chore, state=Chore.State.FAILED, reason=chore.reason or "worker_lost")
            continue
        if _end(chore, fence=chore.fence + 1, attempt=chore.attempt + 1, claimed_until=now + CLAIM):
            chore.refresh_from_db()
            return chore
    return None


def _work(chore: Chore, should_stop: Stop) -> None:
    try:
        result = _WORK[chore.kind](chore, should_stop)
    except MediaProcessStopped:
        _end(chore, attempt=chore.attempt - 1, claimed_until=None)
    except Exception as problem:  # noqa: BLE001  (one recording must not end the worker)
        logger.error("Chore %s: %s", chore.pk, traceback.format_exc())
        last = chore.attempt >= MOST_ATTEMPTS
        state = Chore.State.FAILED if last else Chore.State.WAITING
        _end(chore, state=state, claimed_until=None, reason=str(problem)[:200])
    else:
        _end(chore, state=Chore.State.DONE, claimed_until=None, reason="", result=result)


def _end(chore: Chore, **changes: Any) -> bool:
    """Write, if nobody asked or claimed anew meanwhile."""
    mine = Chore.objects.filter(pk=chore.pk, fence=chore.fence, state=Chore.State.WAITING)
    return bool(mine.update(**changes))
