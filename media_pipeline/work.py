"""Working a job: claim it, make an attempt, and bring the outcome into the queue.

How the files are made is in `attempt`, the queue's rules are in `jobs`, the lease in `pulse`;
nothing here knows Celery. An attempt that ends in any other way than by publishing leaves its
folder to the next one, unless nobody can want it any more.
"""

import contextlib
import datetime as dt
import errno
import logging
import time
import traceback
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils import timezone

from media_pipeline import store
from media_pipeline.assets import original_discard, package_discard, packages_tidy
from media_pipeline.attempt import Attempt, OriginalMissing
from media_pipeline.ffmpeg.refusals import MediaRefused
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, MediaProcessStopped
from media_pipeline.job_notes import job_noted
from media_pipeline.jobs import (
    job_claim,
    job_fail,
    job_finish,
    job_refuse,
    job_release,
    preview_finish,
)
from media_pipeline.models import Package, TranscodeJob, VideoAsset
from media_pipeline.owners import owner_of_this_process
from media_pipeline.pulse import connections_refresh
from media_pipeline.transitions import Claim

OUTSIDE_PAUSE = dt.timedelta(seconds=60)
DISK_FULL_ERRORS = (errno.ENOSPC, errno.EDQUOT)
# How long the end of an attempt waits for a database that is being restarted.
DATABASE_PATIENCE = 30.0
DATABASE_PAUSE = 0.5
Lane = TranscodeJob.Lane
Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


def never() -> bool:
    return False


def queue_work(*, lane: str = Lane.FULL, should_stop: Callable[[], bool] = never) -> int:
    """Work whatever is due, one job after the other, until nothing is; returns how many."""
    worked = 0
    while not should_stop() and job_work(lane=lane, should_stop=should_stop):
        worked += 1
    return worked


def job_work(
    *,
    lane: str = Lane.FULL,
    job_id: int | None = None,
    should_stop: Callable[[], bool] = never,
) -> bool:
    """Claim `job_id`, or what is due next, and work it to its end or until `should_stop`.

    Returns False when there was nothing to claim. What becomes of the job stands in its row;
    only a database that is away raises.
    """
    claim = job_claim(owner=owner_of_this_process(), now=timezone.now(), lane=lane, job_id=job_id)
    if claim is None:
        return False
    with job_noted(claim):
        _work(claim, should_stop)
    return True


def _work(claim: Claim, should_stop: Callable[[], bool]) -> None:
    logger.info("Job %s (%s): attempt under fence %s", claim.job_id, claim.lane, claim.fence)
    try:
        _attempt(claim, should_stop)
    finally:
        with contextlib.suppress(OSError, DatabaseError):  # the sweep finds what is left
            _tidy(claim)


def _attempt(claim: Claim, should_stop: Callable[[], bool]) -> None:
    attempt = Attempt(claim, should_stop)
    try:
        try:
            with attempt.pulse:
                product = None if claim.is_preview else attempt.publishable()
                if product is None:
                    attempt.first_look()
        finally:
            connections_refresh()  # it idled for as long as the film took
        if product is None:
            _persist(lambda: preview_finish(claim=claim, now=timezone.now()))
        elif not _persist(lambda: job_finish(claim=claim, now=timezone.now(), **product._asdict())):
            logger.warning("Job %s: lease lost, nothing published", claim.job_id)
    except MediaRefused as refusal:
        if claim.is_preview and attempt.probed:  # the full job may well get through
            _fail(claim, str(refusal.code), str(refusal))
        else:
            _refuse(claim, refusal)
    except MediaProcessStopped:
        yields = attempt.pulse.yields and not should_stop()
        if yields and claim.is_preview:  # the beginning of the film is a first look as well
            _persist(lambda: preview_finish(claim=claim, now=timezone.now()))
        else:
            _release(claim, yielded=yields)
    except OriginalMissing as problem:
        _fail(claim, "original_missing", str(problem))
    except MediaProcessFailed as failure:
        if failure.reason == FailureReason.DISK_FULL:
            _wait_outside(claim, "disk_full", failure.stderr_tail)
        else:
            _fail(
                claim,
                str(failure.reason),
                failure.stderr_tail,
                start_over=failure.reason == FailureReason.BAD_OUTPUT,
            )
    except store.StoreAway as problem:
        _wait_outside(claim, "store_away", str(problem))
    except (OperationalError, InterfaceError) as problem:
        logger.warning("Job %s: the database was away: %s", claim.job_id, problem)
        _release(claim)
    except OSError as problem:
        if problem.errno in DISK_FULL_ERRORS:
            _wait_outside(claim, "disk_full", str(problem))
        else:
            _fail(claim, "storage", traceback.format_exc(), start_over=True)
    except Exception:  # noqa: BLE001  (one recording must not end the worker; it is in the row)
        _fail(claim, "internal", traceback.format_exc(), start_over=True)
    except BaseException:  # Ctrl-C on a command that works by itself
        _release(claim)
        raise


def _refuse(claim: Claim, refusal: MediaRefused) -> None:
    """Nothing of a refused file stays; what a kill in between leaves, the sweep removes. One that
    was published from it before is as published as it was, and its file is kept for people to see.
    """
    logger.info("Job %s: refused, %s", claim.job_id, refusal)
    refused = _persist(
        lambda: job_refuse(
            claim=claim, reason=str(refusal.code), diagnostics=str(refusal), now=timezone.now()
        )
    )
    if refused and VideoAsset.objects.filter(pk=claim.asset_id, package=None).exists():
        with contextlib.suppress(OSError):
            original_discard(asset_id=claim.asset_id)


def _release(claim: Claim, *, yielded: bool = False) -> None:
    if yielded:
        logger.info("Job %s: makes way for a shorter one", claim.job_id)
    _persist(lambda: job_release(claim=claim, now=timezone.now(), yielded=yielded))


def _fail(claim: Claim, reason: str, diagnostics: str, *, start_over: bool = False) -> None:
    """`start_over`: what this attempt made is suspect itself, so the next one shall not use it."""
    ended = _persist(
        lambda: job_fail(
            claim=claim,
            reason=reason,
            diagnostics=diagnostics,
            now=timezone.now(),
            start_over=start_over,
        )
    )
    if ended is None:  # the lease is lost, perhaps with the files
        logger.info("Job %s: no longer ours: %s\n%s", claim.job_id, reason, diagnostics)
        return
    logger.error("Job %s: %s\n%s", claim.job_id, reason, diagnostics)
    if start_over:
        for key in (claim.package_key, *claim.earlier):
            with contextlib.suppress(OSError):
                package_discard(key=key)


def _wait_outside(claim: Claim, reason: str, said: str) -> None:
    """The host or the store is in trouble, for as long as it takes; what is finished stays."""
    logger.error("Job %s: %s, trying again later: %s", claim.job_id, reason, said)
    _persist(
        lambda: job_release(claim=claim, now=timezone.now(), reason=reason, pause=OUTSIDE_PAUSE)
    )


def _persist(write: Callable[[], Answer]) -> Answer:
    """Make a write that carries the fence, also through a restart of the database. One that
    came through although its answer was lost changes nothing the second time.
    """
    deadline = time.monotonic() + DATABASE_PATIENCE
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if time.monotonic() > deadline:
                raise
            time.sleep(DATABASE_PAUSE)
            connections_refresh()


def _tidy(claim: Claim) -> None:
    """Remove what nobody wants: of this attempt, and of earlier ones and previews once the
    recording is ready, refused or given up.
    """
    package = Package.objects.wanted().select_related("job").filter(pk=claim.package_key).first()
    if package is None:
        package_discard(key=claim.package_key)
    elif package.job is not None and package.job.state == TranscodeJob.State.DONE:
        store.folder_delete(store.scratch(claim.package_key))  # all of it is in the storage
    packages_tidy(asset_id=claim.asset_id)
