"""Celery's side of the pipeline: wake-ups, periodic sweeps, and an end in good order.

A message carries no duty: a lost one is repeated by the sweep, one that comes twice finds
nothing to claim. The transcode worker runs with the threads pool, so that the signal of its end
reaches the work in the same process. Its slot for previews is a thread beside that pool
(`preview_slot`): whatever else the worker does, an uploader's first look is not behind it.
"""

import logging
import threading
from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from media_pipeline.arrivals import arrivals_move
from media_pipeline.captions.recognition import recognition_sweep
from media_pipeline.checks import sandbox_log, sandbox_refusal
from media_pipeline.chores import chores_do, chores_due, chores_wake
from media_pipeline.clock_watch import IN_DOUBT, clock_look
from media_pipeline.ffmpeg.orphans import orphans_end
from media_pipeline.jobs import jobs_sweep
from media_pipeline.leftovers import attempts_sweep, folders_sweep, originals_expire
from media_pipeline.packs import packs_expire
from media_pipeline.posters import posters_sweep
from media_pipeline.preview_slot import PreviewSlot
from media_pipeline.room import memory_for_media, slots_that_fit
from media_pipeline.uploads import uploads_expire, uploads_finish
from media_pipeline.waiting import job_is_due
from media_pipeline.work import queue_work

logger = logging.getLogger(__name__)

# Set when this process has been told to end; the running work stops within a second.
stopping = threading.Event()
# ffmpeg uses every core by itself; the other threads of the worker stay free for sweeps.
slots = threading.BoundedSemaphore(
    slots_that_fit(settings.TRANSCODE_SLOTS, memory=settings.TRANSCODE_MEMORY or memory_for_media())
)
chore_slots = {long: threading.BoundedSemaphore(1) for long in (False, True)}
previews = PreviewSlot(stopping)


def _walls_missing() -> bool:
    """Whether this host may run no media program: it has no sandbox, and the settings ask one."""
    refusal = sandbox_refusal()
    if refusal:
        logger.error(refusal)
    return bool(refusal)


@shared_task(ignore_result=True)
def transcode(job_id: int) -> None:
    """Work the queue until it is empty; `job_id` only says what the wake-up was about."""
    if _walls_missing():
        return
    while not stopping.is_set():
        if not slots.acquire(blocking=False):
            return  # who holds the slot looks at the queue again before it leaves
        try:
            queue_work(should_stop=stopping.is_set)
        finally:
            slots.release()
        if not job_is_due(now=timezone.now()):
            return


@shared_task(ignore_result=True)
def do_chores() -> None:
    """Small work on finished recordings, beside the encoding, one piece after the other."""
    _do_chores(long=False)


@shared_task(ignore_result=True)
def do_long_chores() -> None:
    """What takes as long as a film, beside what people wait for."""
    _do_chores(long=True)


def _do_chores(*, long: bool) -> None:
    if not _walls_missing() and chore_slots[long].acquire(blocking=False):
        try:
            chores_do(should_stop=stopping.is_set, long=long)
        finally:
            chore_slots[long].release()


@shared_task(ignore_result=True)
def sweep_chores() -> None:
    """What nobody asked for yet, and whatever a lost message left waiting."""
    posters_sweep()
    recognition_sweep()
    for long in (False, True):
        if chores_due(now=timezone.now(), long=long):
            chores_wake(long=long)


@shared_task(ignore_result=True)
def sweep() -> None:
    """Take back what dead workers held, wake workers, remove what dead attempts left."""
    now = timezone.now()
    taken = jobs_sweep(now=now)
    removed = attempts_sweep(now=now) + orphans_end()
    if taken or removed:
        logger.info("Sweep: %s jobs taken back, %s leftovers removed", taken, removed)


@shared_task(ignore_result=True)
def move_originals() -> None:
    """What this host received, into a storage that is elsewhere."""
    arrivals_move(should_stop=stopping.is_set)


@shared_task(ignore_result=True)
def sweep_uploads() -> None:
    """Hourly: unfinished transfers, files that nobody refers to, originals kept long enough. What
    deletes by age waits while the clock is in doubt.
    """
    now = timezone.now()
    uploads_finish(now)
    if rest := clock_look():
        logger.warning(IN_DOUBT, rest / 3600)
        return
    uploads_expire(now)
    folders_sweep(now=now)
    originals_expire(now=now)
    packs_expire(now=now)


@worker_ready.connect
def take_up(**_: Any) -> None:
    """A worker that was killed left leases; after its restart they are taken back at once."""
    sandbox_log()
    if not _walls_missing():
        previews.start()
    try:
        sweep.delay()
    except OperationalError as problem:
        logger.warning("First sweep not sent: %s", problem)


@worker_shutting_down.connect
def stop_work(**_: Any) -> None:
    """The running work stops within a second and gives its leases back."""
    stopping.set()


@worker_shutdown.connect
def wait_for_previews(**_: Any) -> None:
    previews.join()
