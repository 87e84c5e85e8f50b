"""The pulse of a running job: keeps its lease while it shows signs of life, tells how far it is,
and says when to stop: because the lease is lost, or because another job should go first.

A thread of its own, because a probe or a copy may take longer than a lease without a callback.
It renews only as long as the work has given a sign of life not too long ago, so a worker that
hangs loses its job as if it had died. It measures time with the steady clock only.
"""

import contextvars
import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from types import TracebackType

from django.db import Error, connections
from django.utils import timezone

from media_pipeline.estimates import Estimate
from media_pipeline.ffmpeg.transcode import Step
from media_pipeline.job_notes import step_noted
from media_pipeline.jobs import job_renew
from media_pipeline.transitions import Claim
from media_pipeline.waiting import job_should_yield

RENEW_SECONDS = 3.0
# While a preview runs, another uploader may be waiting for a first look.
PREVIEW_RENEW_SECONDS = 1.0
# How long the work may stay silent. The media runner asks ten times a second whether to stop,
# and ends a process that hangs by itself.
SILENCE_SECONDS = 120.0

logger = logging.getLogger(__name__)


def connections_refresh() -> None:
    """Let go of connections that the database may have closed while a film was being made."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


class Pulse:
    """Use as a context manager around the work; `touch` it from the work's own progress.
    `segments` counts what is complete.
    """

    def __init__(
        self,
        claim: Claim,
        *,
        segments: Callable[[], int] = lambda: 0,
        renew_seconds: float | None = None,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self._claim = claim
        usual = PREVIEW_RENEW_SECONDS if claim.is_preview else RENEW_SECONDS
        self._renew_seconds = renew_seconds or usual
        self._silence_seconds = silence_seconds
        self._count = segments
        self._segments: int | None = None
        self._estimate = Estimate()
        self._began = self._touched = time.monotonic()
        self._stint_began: float | None = None
        self._stint_of = ""
        self._shown = ("", claim.progress)
        self._ended = False
        self._wake = threading.Event()
        self._lost = threading.Event()
        self._yields = threading.Event()
        # In the work's context, so that the lines of this thread name the job, too.
        run = partial(contextvars.copy_context().run, self._run)
        self._thread = threading.Thread(target=run, name="pulse", daemon=True)

    @property
    def lost(self) -> bool:
        """Whether the job is no longer ours; the work must stop and publish nothing."""
        return self._lost.is_set()

    @property
    def yields(self) -> bool:
        """Whether the work should be given back now, for another job."""
        return self._yields.is_set()

    def touch(self, step: str, progress: float | None = None) -> None:
        """A sign of life; without `progress` the last one stays. A new step shows at once."""
        step_noted(step)
        before, last = self._shown
        self._shown = (step, last if progress is None else progress)
        self._touched = time.monotonic()
        if step != before:
            self._wake.set()

    def __enter__(self) -> "Pulse":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def end(self) -> None:
        """Stop renewing, before the state of the job is changed for good."""
        self._ended = True
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._ended and not self.lost:
                self._wake.wait(self._renew_seconds)
                self._wake.clear()
                if not self._ended and time.monotonic() - self._touched < self._silence_seconds:
                    self._renew()
        finally:
            connections.close_all()

    def _renew(self) -> None:
        step, progress = self._shown
        before, self._segments = self._segments, self._count()
        steady = time.monotonic()
        connections_refresh()
        try:
            held = job_renew(
                claim=self._claim,
                now=timezone.now(),
                step=step,
                progress=progress,
                segments=self._segments,
                seconds_left=self._estimate.feed(progress, at=steady),
            )
            # What was taken over from an earlier attempt is no border that this one has passed.
            # Sound and a preview end anywhere, that while it reads the rest of a long film as well.
            border = before is not None and self._segments > before
            ends_here = border or step == Step.SOUND
            if ends_here and (self._stint_began is None or step != self._stint_of):
                self._stint_began, self._stint_of = steady, step
            since = self._began if self._claim.is_preview else self._stint_began
            if held and since is not None and (ends_here or self._claim.is_preview):
                self._look_around(steady - since, step, progress)
        except Error as problem:
            # The next round tries again; the lease outlasts several of them.
            logger.warning("Job %s: lease not renewed: %s", self._claim.job_id, problem)
            return
        if not held:
            logger.warning("Job %s: lease lost, stopping", self._claim.job_id)
            self._lost.set()

    def _look_around(self, stint: float, step: str, progress: float) -> None:
        if job_should_yield(
            claim=self._claim, stint=stint, step=step, progress=progress, now=timezone.now()
        ):
            self._yields.set()
