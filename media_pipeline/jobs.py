"""The queue of record: every change of a job's state, each one conditional update.

A worker holds a `Claim`. Its fence is the token that every later write carries: once somebody
else has claimed the job, or a sweep has taken it back, those writes change nothing and return
False. Which job comes next is in `waiting`; files are none of this module's business.

Two lanes stand side by side: the full job of a recording decides what becomes of the recording,
the preview only gives its uploader a first look and never harms it.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Case, F, PositiveIntegerField, Q, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from audit.log import record
from media_pipeline.lease_watch import LeaseWatch
from media_pipeline.metrics import attempt_ended
from media_pipeline.models import Package, Rendition, TranscodeJob, VideoAsset
from media_pipeline.owners import owner_is_dead
from media_pipeline.signals import asset_ready
from media_pipeline.transitions import Claim, job_held, job_move, jobs_move
from media_pipeline.waiting import LONGEST_REST, jobs_in_order
from media_pipeline.wakeups import job_wake, job_wake_on_commit
from notices.commits import after_commit

if TYPE_CHECKING:
    from media_pipeline.ffmpeg.facts import SourceFacts
    from media_pipeline.ffmpeg.package import PackageFacts

# How long a job rests after its first, second, … failure; never longer than LONGEST_REST.
PAUSES = (dt.timedelta(seconds=5), dt.timedelta(seconds=20))
# Ends that come from outside and not from the film: a worker or a media process that was killed, a
# host on which no program starts, a disk that does not give the film. They cost no attempt, until
# so many of them followed each other without a new segment that it must be the film after all.
FROM_OUTSIDE = frozenset({"killed", "worker_lost", "not_started", "unread"})
MOST_KILLS = 10
# Wake-ups that one sweep sends; a woken worker goes on until the queue is empty.
WAKES_PER_SWEEP = 4
DIAGNOSTICS_KEPT = 8_000

State = TranscodeJob.State
Lane = TranscodeJob.Lane
COUNT = PositiveIntegerField()
NO_LEASE: dict[str, Any] = {"lease_owner": "", "renewed_at": None, "seconds_left": None}

# What this process has seen of running jobs.
watch = LeaseWatch()


class JobStateError(Exception):
    """The job is not in a state that allows this; the message can be shown."""


def job_enqueue(
    *, asset: VideoAsset, now: dt.datetime, lane: str = Lane.FULL, wake: bool = True
) -> TranscodeJob:
    """Queue a recording and wake a worker after commit. One active job per recording and lane: a
    second one raises IntegrityError. Previews need no waking: their slot looks by itself.
    """
    job = TranscodeJob.objects.create(asset=asset, lane=lane, created_at=now, available_at=now)
    if wake and lane == Lane.FULL:
        job_wake_on_commit(job.pk)
    return job


def job_claim(
    *, owner: str, now: dt.datetime, lane: str = Lane.FULL, job_id: int | None = None
) -> Claim | None:
    """Claim `job_id`, or what is due next in the lane; None when there is nothing to have.

    The attempt is counted here, so that a file that kills its worker still runs out of attempts.
    """
    for job in jobs_in_order(lane=lane, now=now):
        if job_id not in (None, job.pk):
            continue
        with transaction.atomic():
            if not job_move(
                "claim",
                job.pk,
                job.fence,
                fence=job.fence + 1,
                attempt=job.attempt + 1,
                lease_owner=owner,
                renewed_at=now,
                started_at=now,
                finished_at=None,
                step="",
                reason="",
            ):
                continue
            earlier = Package.objects.filter(job=job, published_asset=None).order_by("-fence")
            keys = tuple(earlier.values_list("key", flat=True))
            package = Package.objects.create(
                asset_id=job.asset_id, job=job, fence=job.fence + 1, created_at=now
            )
        return Claim(
            job_id=job.pk,
            asset_id=job.asset_id,
            lane=job.lane,
            fence=job.fence + 1,
            package_key=package.pk,
            progress=job.progress,
            earlier=keys,
        )
    return None


def job_renew(
    *,
    claim: Claim,
    now: dt.datetime,
    step: str,
    progress: float,
    segments: int = 0,
    seconds_left: float | None = None,
) -> bool:
    """Keep the lease and show progress (0 to 1). False: it is lost, so stop.

    With more complete `segments` than any attempt had before, attempts are counted anew: who
    moves on is not given up because its workers were restarted.
    """
    return bool(
        job_held(claim).update(
            renewed_at=now,
            step=step[:20],
            progress=min(1.0, max(0.0, progress)),
            attempt=Case(When(segments__lt=segments, then=Value(1, COUNT)), default="attempt"),
            kills=Case(When(segments__lt=segments, then=Value(0, COUNT)), default="kills"),
            segments=Greatest("segments", Value(segments, COUNT)),
            seconds_left=None if seconds_left is None else round(seconds_left),
        )
    )


@transaction.atomic
def job_probed(*, claim: Claim, facts: SourceFacts, now: dt.datetime) -> bool:
    """Note what the probe has found: a person sees it at once, and the queue knows how long the
    work will take.
    """
    if not job_held(claim).update(renewed_at=now):
        return False
    VideoAsset.objects.filter(pk=claim.asset_id, package=None).update(
        duration=facts.duration,
        width=facts.width,
        height=facts.height,
        has_audio=facts.audio is not None,
    )
    return True


@transaction.atomic
def job_playable(*, claim: Claim, preview: str, now: dt.datetime) -> bool:
    """Note that `preview`, a path inside the unfinished package, can be played."""
    if not job_held(claim).update(renewed_at=now):
        return False
    Package.objects.filter(pk=claim.package_key).update(preview=preview[:100])
    VideoAsset.objects.filter(pk=claim.asset_id).update(
        first_play_at=Coalesce("first_play_at", now)
    )
    return True


def job_release(
    *,
    claim: Claim,
    now: dt.datetime,
    reason: str = "",
    pause: dt.timedelta = dt.timedelta(0),
    yielded: bool = False,
) -> bool:
    """Give the lease back without counting the attempt: nothing was wrong with the recording.
    `yielded`: for the sake of another one that waits.
    """
    return job_move(
        "release",
        claim.job_id,
        claim.fence,
        attempt=F("attempt") - 1,
        yields=F("yields") + int(yielded),
        reason=reason,
        available_at=now + pause,
        step="",
        **NO_LEASE,
    )


def job_finish(
    *, claim: Claim, facts: PackageFacts, width: int, height: int, now: dt.datetime
) -> bool:
    """Publish: package, recording and job change in one transaction, or not at all.

    `width` and `height` are the recording's own, upright. `asset_ready` goes out after commit.
    """
    with transaction.atomic():
        if not _finished(claim, now):
            return False
        Package.objects.filter(pk=claim.package_key).update(bytes=facts.bytes_total, light=True)
        Rendition.objects.bulk_create(
            Rendition(
                package_id=claim.package_key,
                name=rendition.name,
                width=rendition.width,
                height=rendition.height,
                bandwidth=rendition.bandwidth,
                average_bandwidth=rendition.average_bandwidth,
                codecs=rendition.codecs,
                bytes=rendition.bytes,
            )
            for rendition in facts.renditions
        )
        VideoAsset.objects.filter(pk=claim.asset_id).update(
            state=VideoAsset.State.READY,
            reason="",
            package_id=claim.package_key,
            duration=facts.duration,
            width=width,
            height=height,
            has_audio=facts.has_audio,
            loudness=facts.loudness,
            brightness=facts.brightness,
            moments=list(facts.moments),
            first_play_at=Coalesce("first_play_at", now),
            ready_at=now,
        )
        _previews_drop(claim.asset_id, now)
        after_commit(asset_ready.send_robust, sender=VideoAsset, asset_id=claim.asset_id)
    attempt_ended("done")
    return True


def preview_finish(*, claim: Claim, now: dt.datetime) -> bool:
    """The first look is complete; it stays until the recording itself is ready or given up."""
    return _finished(claim, now)


@transaction.atomic
def job_refuse(*, claim: Claim, reason: str, now: dt.datetime, diagnostics: str = "") -> bool:
    """The file is not one that can become a lecture; trying again would not help.

    Returns whether the recording is refused by this. A preview's refusal refuses it only while
    the full job waits: one that runs finds out by itself, and one that is over has the last word.
    """
    said: dict[str, Any] = {"finished_at": now, "reason": reason}
    said["diagnostics"] = diagnostics[-DIAGNOSTICS_KEPT:]
    if not job_move("refuse", claim.job_id, claim.fence, **said, **NO_LEASE):
        return False
    if claim.is_preview:
        full = TranscodeJob.objects.full().filter(asset=claim.asset_id)
        if not jobs_move("turn_away", full, **said):
            return False
    _asset_ended(claim.asset_id, VideoAsset.State.REFUSED, reason, now)
    attempt_ended("refused", reason)
    return True


def job_fail(
    *, claim: Claim, reason: str, now: dt.datetime, diagnostics: str = "", start_over: bool = False
) -> State | None:
    """This attempt failed. Returns the state that follows (queued again or quarantined), or
    None when the lease was lost. `start_over`: the next attempt has nothing to go on from.
    """
    job = job_held(claim).first()
    if job is None:
        return None
    changes: dict[str, Any] = {"diagnostics": diagnostics[-DIAGNOSTICS_KEPT:]}
    if start_over:
        changes["progress"] = 0
    ended = job.kills + 1 if reason in FROM_OUTSIDE else job.attempt
    pause = LONGEST_REST if reason == "unread" else PAUSES[min(ended, len(PAUSES)) - 1]
    return _attempt_ended(job, reason=reason, now=now, pause=pause, **changes)


@transaction.atomic
def job_retry(*, job: TranscodeJob, actor: Any, now: dt.datetime) -> None:
    """Try a recording again that was given up, with all attempts. Raises JobStateError."""
    if job.lane != Lane.FULL or not job_move(
        "retry",
        job.pk,
        job.fence,
        attempt=0,
        kills=0,
        segments=0,
        yields=0,
        progress=0,
        reason="",
        available_at=now,
        finished_at=None,
    ):
        raise JobStateError(_("This recording is not waiting for another try."))
    # One that is published stays so while it is made again.
    given_up = VideoAsset.objects.filter(pk=job.asset_id, package=None)
    if given_up.update(state=VideoAsset.State.PROCESSING, reason=""):
        job_enqueue(asset=job.asset, now=now, lane=Lane.PREVIEW)
    record("job.retry", actor=actor, target=job)
    job_wake_on_commit(job.pk)


def jobs_sweep(
    *,
    now: dt.datetime,
    is_dead: Callable[[str], bool] = owner_is_dead,
    watch: LeaseWatch = watch,
    steady: Callable[[], float] = time.monotonic,
) -> int:
    """Take back what dead workers held and wake a worker for what waits.

    A lease counts as lost when it was not renewed for its length by this process's own steady
    clock, or at once when its owner was a process of this host that is gone. Returns how many
    were taken back.
    """
    taken = 0
    running = list(TranscodeJob.objects.filter(state=State.RUNNING))
    watch.keep_only([job.pk for job in running])
    for job in running:
        lost = watch.lost(job.pk, (job.fence, job.renewed_at), at=steady())
        if lost or is_dead(job.lease_owner):
            ended = _attempt_ended(job, reason="worker_lost", now=now, unless_renewed=True)
            taken += ended is not None
    for waiting in jobs_in_order(lane=Lane.FULL, now=now)[:WAKES_PER_SWEEP]:
        job_wake(waiting.pk)
    return taken


@transaction.atomic
def _attempt_ended(
    job: TranscodeJob,
    *,
    reason: str,
    now: dt.datetime,
    pause: dt.timedelta = dt.timedelta(0),
    unless_renewed: bool = False,
    **changes: Any,
) -> State | None:
    """Queue the job again or give it up; its row must still be as `job` shows it."""
    if reason in FROM_OUTSIDE:
        last = job.kills + 1 >= MOST_KILLS
        changes |= {"attempt": F("attempt") - 1, "kills": F("kills") + 1}
    else:
        last = job.attempt >= job.max_attempts
    changes |= {"reason": reason, **NO_LEASE}
    changes |= {"finished_at": now} if last else {"available_at": now + pause}
    seen = {"attempt": job.attempt} | ({"renewed_at": job.renewed_at} if unless_renewed else {})
    verb = "quarantine" if last else "requeue"
    if not job_move(verb, job.pk, job.fence, only=Q(**seen), **changes):
        return None
    attempt_ended("quarantined" if last else "queued again", reason)
    if last and job.lane == Lane.FULL:
        _asset_ended(job.asset_id, VideoAsset.State.FAILED, reason, now)
    return State.QUARANTINED if last else State.QUEUED


def _finished(claim: Claim, now: dt.datetime) -> bool:
    return job_move(
        "finish", claim.job_id, claim.fence, finished_at=now, step="", progress=1, **NO_LEASE
    )


def _asset_ended(asset_id: uuid.UUID, state: str, reason: str, now: dt.datetime) -> None:
    """Refused or given up. What could be played goes, unless an older package is published."""
    VideoAsset.objects.filter(pk=asset_id, package=None).update(
        first_play_at=None, state=state, reason=reason
    )
    _previews_drop(asset_id, now)


def _previews_drop(asset_id: uuid.UUID, now: dt.datetime) -> None:
    """Nobody needs a first look any more; a worker that makes one notices at its next renewal."""
    previews = TranscodeJob.objects.filter(asset=asset_id, lane=Lane.PREVIEW)
    jobs_move("drop", previews, finished_at=now, **NO_LEASE)
