"""The queue of small work on finished recordings: ask, claim, finish; each one conditional update.

What a chore does is registered by kind (`posters`, `packs`, `captions.recognition`). A lost
message costs one round of the sweep; what failed three times stays with its reason.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db import Error, connections, transaction
from django.db.models import F, Q
from django.utils import timezone

from media_pipeline.chore_models import Chore
from media_pipeline.ffmpeg.runner import MediaProcessStopped
from media_pipeline.models import VideoAsset
from media_pipeline.pulse import connections_refresh
from notices.commits import after_commit
from notices.wakeups import EXPIRES_SECONDS, wake

TASKS = ("media_pipeline.tasks.do_chores", "media_pipeline.tasks.do_long_chores")
MOST_ATTEMPTS = 3
# Renewed while its worker lives, however long the work takes.
CLAIM = dt.timedelta(minutes=5)
FAR_AHEAD = dt.timedelta(hours=1)
RENEW_SECONDS = 30.0
# Takes as long as a film lasts or longer: not before, nor between, what people wait for.
LONG = {Chore.Kind.SPEECH}

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
        after_commit(chores_wake, long=kind in LONG)
    return chore


def chores_wake(*, long: bool = False) -> None:
    """Tell a worker. A broker that is away is no error: the sweep tells again."""
    wake(TASKS[long], expires=EXPIRES_SECONDS)


def chores_do(*, should_stop: Stop, long: bool = False) -> int:
    """Work whatever is due of the long ones or of the others, one after the other; returns how
    many were worked.
    """
    worked = 0
    while not should_stop() and (chore := _claim(timezone.now(), long)) is not None:
        _work(chore, should_stop)
        worked += 1
    return worked


def chores_due(*, now: dt.datetime, long: bool = False) -> bool:
    return _due(now, long).exists()


def _due(now: dt.datetime, long: bool) -> Any:
    kinds = [kind for kind in _WORK if (kind in LONG) == long]
    if not settings.SPEECH_RECOGNISER:
        kinds = [kind for kind in kinds if kind != Chore.Kind.SPEECH]
    # No claim reaches so far, clocks of hosts a little apart: one that ran ahead has written it.
    over = Q(claimed_until__lt=now) | Q(claimed_until__gt=now + FAR_AHEAD)
    free = Q(claimed_until=None) | over
    return Chore.objects.filter(free, state=Chore.State.WAITING, kind__in=kinds)


def _claim(now: dt.datetime, long: bool) -> Chore | None:
    # What a person waits for goes before what nobody asked for.
    for chore in _due(now, long).order_by(F("asked_by").asc(nulls_last=True), "asked_at", "pk")[
        :20
    ]:
        if chore.attempt >= MOST_ATTEMPTS:
            reason = chore.reason or "worker_lost"
            _end(chore, state=Chore.State.FAILED, claimed_until=None, reason=reason)
            continue
        if _end(chore, fence=chore.fence + 1, attempt=chore.attempt + 1, claimed_until=now + CLAIM):
            chore.refresh_from_db()
            return chore
    return None


def _work(chore: Chore, should_stop: Stop) -> None:
    try:
        try:
            with _kept(chore) as lost:
                result = _WORK[chore.kind](chore, lambda: lost.is_set() or should_stop())
        finally:
            connections_refresh()  # it idled for as long as the work took
    except MediaProcessStopped:
        _end(chore, attempt=chore.attempt - 1, claimed_until=None)
    except Exception as problem:  # noqa: BLE001  (one recording must not end the worker)
        logger.error("Chore %s: %s", chore.pk, traceback.format_exc())
        last = chore.attempt >= MOST_ATTEMPTS
        state = Chore.State.FAILED if last else Chore.State.WAITING
        _end(chore, state=state, claimed_until=None, reason=str(problem)[:200])
    else:
        _end(chore, state=Chore.State.DONE, claimed_until=None, reason="", result=result)


@contextlib.contextmanager
def _kept(chore: Chore) -> Iterator[threading.Event]:
    """Renew the claim as long as this process works on it. Yields what is set when it was lost:
    somebody asked for something else, or another worker has it.
    """
    ended, lost = threading.Event(), threading.Event()

    def renew() -> None:
        try:
            while not ended.wait(RENEW_SECONDS) and not lost.is_set():
                connections_refresh()
                try:
                    if not _end(chore, claimed_until=timezone.now() + CLAIM):
                        lost.set()
                except Error as problem:  # the next round tries again
                    logger.warning("Chore %s: claim not renewed: %s", chore.pk, problem)
        finally:
            connections.close_all()

    thread = threading.Thread(target=renew, name="chore", daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        ended.set()
        thread.join()


def _end(chore: Chore, **changes: Any) -> bool:
    """Write, if nobody asked or claimed anew meanwhile."""
    mine = Chore.objects.filter(pk=chore.pk, fence=chore.fence, state=Chore.State.WAITING)
    return bool(mine.update(**changes))
