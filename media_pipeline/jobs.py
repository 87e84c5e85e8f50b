"""The queue of record: every change of a job's state, each one conditional update.

A worker holds a `Claim`. Its fence is the token that every later write carries: once somebody
else has claimed the job, or a sweep has taken it back, those writes change nothing and return
False. Files are none of this module's business.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from audit.log import record
from media_pipeline.metrics import attempt_ended
from media_pipeline.models import Package, Rendition, TranscodeJob, VideoAsset
from media_pipeline.owners import owner_is_dead
from media_pipeline.signals import asset_ready
from media_pipeline.transitions import ANY, Claim, job_held, job_move
from media_pipeline.wakeups import job_wake, job_wake_on_commit

if TYPE_CHECKING:
    from media_pipeline.ffmpeg.package import PackageFacts

LEASE = dt.timedelta(seconds=45)
# How long a job rests after its first, second, … failure.
PAUSES = (dt.timedelta(seconds=5), dt.timedelta(seconds=20))
# Wake-ups that one sweep sends; a woken worker goes on until the queue is empty.
WAKES_PER_SWEEP = 4
CANDIDATES = 500
# A shorter recording overtakes a longer one that waits less than its own work lasts longer.
WORK_BYTES_PER_SECOND = 1_000_000
DIAGNOSTICS_KEPT = 8_000

State = TranscodeJob.State
NO_LEASE: dict[str, Any] = {"lease_owner": "", "lease_expires_at": None, "package": None}


class JobStateError(Exception):
    """The job is not in a state that allows this; the message can be shown."""


def job_enqueue(*, asset: VideoAsset, now: dt.datetime, wake: bool = True) -> TranscodeJob:
    """Queue a recording and wake a worker after commit. One active job per recording: a second
    one raises IntegrityError.
    """
    job = TranscodeJob.objects.create(asset=asset, created_at=now, available_at=now)
    if wake:
        job_wake_on_commit(job.pk)
    return job


def job_claim(*, owner: str, now: dt.datetime, job_id: int | None = None) -> Claim | None:
    """Claim `job_id`, or what is due next; None when there is nothing to have.

    The attempt is counted here, so that a file that kills its worker still runs out of attempts.
    """
    for job in _candidates(job_id, now):
        with transaction.atomic():
            if not job_move(
                "claim",
                job.pk,
                job.fence,
                fence=job.fence + 1,
                attempt=job.attempt + 1,
                lease_owner=owner,
                lease_expires_at=now + LEASE,
                started_at=now,
                finished_at=None,
                step="",
                progress=0,
                reason="",
            ):
                continue
            package = Package.objects.create(
                asset_id=job.asset_id, attempt=job.attempt + 1, created_at=now
            )
            TranscodeJob.objects.filter(pk=job.pk).update(package=package)
        return Claim(
            job_id=job.pk,
            asset_id=job.asset_id,
            fence=job.fence + 1,
            attempt=job.attempt + 1,
            max_attempts=job.max_attempts,
            package_key=package.pk,
        )
    return None


def job_renew(*, claim: Claim, now: dt.datetime, step: str, progress: float) -> bool:
    """Keep the lease and show progress (0 to 1). False: it is lost, so stop."""
    return bool(
        job_held(claim).update(
            lease_expires_at=now + LEASE, step=step[:20], progress=min(1.0, max(0.0, progress))
        )
    )


@transaction.atomic
def job_playable(*, claim: Claim, preview: str, now: dt.datetime) -> bool:
    """Note that `preview`, a path inside the unfinished package, can be played."""
    if not job_held(claim).update(lease_expires_at=now + LEASE):
        return False
    Package.objects.filter(pk=claim.package_key).update(preview=preview[:100])
    VideoAsset.objects.filter(pk=claim.asset_id).update(
        first_play_at=Coalesce("first_play_at", now)
    )
    return True


@transaction.atomic
def job_release(
    *, claim: Claim, now: dt.datetime, reason: str = "", pause: dt.timedelta = dt.timedelta(0)
) -> bool:
    """Give the lease back without counting the attempt: nothing was wrong with the recording."""
    moved = job_move(
        "release",
        claim.job_id,
        claim.fence,
        attempt=claim.attempt - 1,
        reason=reason,
        available_at=now + pause,
        step="",
        progress=0,
        **NO_LEASE,
    )
    if moved:
        _not_playable(claim.asset_id)
    return moved


def job_finish(
    *, claim: Claim, facts: PackageFacts, width: int, height: int, now: dt.datetime
) -> bool:
    """Publish: package, recording and job change in one transaction, or not at all.

    `width` and `height` are the recording's own, upright. `asset_ready` goes out after commit.
    """
    with transaction.atomic():
        if not job_move(
            "finish", claim.job_id, claim.fence, finished_at=now, step="", progress=1, **NO_LEASE
        ):
            return False
        Package.objects.filter(pk=claim.package_key).update(bytes=facts.bytes_total)
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
            first_play_at=Coalesce("first_play_at", now),
            ready_at=now,
        )
        transaction.on_commit(
            partial(asset_ready.send_robust, sender=VideoAsset, asset_id=claim.asset_id),
            robust=True,
        )
    attempt_ended("done")
    return True


@transaction.atomic
def job_refuse(*, claim: Claim, reason: str, now: dt.datetime, diagnostics: str = "") -> bool:
    """The file is not one that can become a lecture; trying again would not help."""
    if not job_move(
        "refuse",
        claim.job_id,
        claim.fence,
        finished_at=now,
        reason=reason,
        diagnostics=diagnostics[-DIAGNOSTICS_KEPT:],
        **NO_LEASE,
    ):
        return False
    _not_playable(claim.asset_id, state=VideoAsset.State.REFUSED, reason=reason)
    attempt_ended("refused", reason)
    return True


def job_fail(*, claim: Claim, reason: str, now: dt.datetime, diagnostics: str = "") -> State | None:
    """This attempt failed. Returns the state that follows (queued again or quarantined), or
    None when the lease was lost.
    """
    return _attempt_ended(
        job_id=claim.job_id,
        fence=claim.fence,
        attempt=claim.attempt,
        max_attempts=claim.max_attempts,
        asset_id=claim.asset_id,
        reason=reason,
        now=now,
        diagnostics=diagnostics[-DIAGNOSTICS_KEPT:],
        pause=PAUSES[min(claim.attempt, len(PAUSES)) - 1],
    )


@transaction.atomic
def job_retry(*, job: TranscodeJob, actor: Any, now: dt.datetime) -> None:
    """Try a recording again that was given up, with all attempts. Raises JobStateError."""
    if not job_move(
        "retry", job.pk, job.fence, attempt=0, reason="", available_at=now, finished_at=None
    ):
        raise JobStateError(_("This recording is not waiting for another try."))
    VideoAsset.objects.filter(pk=job.asset_id).update(state=VideoAsset.State.PROCESSING, reason="")
    record("job.retry", actor=actor, target=job)
    job_wake_on_commit(job.pk)


def job_is_due(*, now: dt.datetime) -> bool:
    """Whether there is anything to claim."""
    return _due(now).exists()


def jobs_sweep(*, now: dt.datetime, is_dead: Callable[[str], bool] = owner_is_dead) -> int:
    """Take back what dead workers held and wake a worker for what waits.

    A lease counts as lost when it has run out, or at once when its owner was a process of this
    host that is gone. Returns how many were taken back.
    """
    taken = 0
    for job in TranscodeJob.objects.filter(state=State.RUNNING):
        expired = job.lease_expires_at is None or job.lease_expires_at < now
        if expired or is_dead(job.lease_owner):
            ended = _attempt_ended(
                job_id=job.pk,
                fence=job.fence,
                attempt=job.attempt,
                max_attempts=job.max_attempts,
                asset_id=job.asset_id,
                reason="worker_lost",
                now=now,
                # Renewed in the meantime means not lost.
                unless_renewed_since=job.lease_expires_at,
            )
            taken += ended is not None
    for waiting in _candidates(None, now)[:WAKES_PER_SWEEP]:
        job_wake(waiting.pk)
    return taken


def _due(now: dt.datetime) -> Any:
    return TranscodeJob.objects.filter(
        state=State.QUEUED, available_at__lte=now, attempt__lt=F("max_attempts")
    )


def _candidates(job_id: int | None, now: dt.datetime) -> list[TranscodeJob]:
    due = _due(now)
    if job_id is not None:
        due = due.filter(pk=job_id)
    jobs = list(due.select_related("asset").order_by("created_at")[:CANDIDATES])
    return sorted(jobs, key=lambda job: claim_order(job.created_at, job.asset.size))


def claim_order(created_at: dt.datetime, size: int) -> dt.datetime:
    """Shorter first, but nobody waits for ever: a job counts as done at its arrival plus the
    time its own work takes, and the one that would be done first goes first.
    """
    return created_at + dt.timedelta(seconds=size / WORK_BYTES_PER_SECOND)


@transaction.atomic
def _attempt_ended(
    *,
    job_id: int,
    fence: int,
    attempt: int,
    max_attempts: int,
    asset_id: uuid.UUID,
    reason: str,
    now: dt.datetime,
    diagnostics: str | None = None,
    pause: dt.timedelta = dt.timedelta(0),
    unless_renewed_since: dt.datetime | None = None,
) -> State | None:
    last = attempt >= max_attempts
    changes: dict[str, Any] = {"reason": reason, **NO_LEASE}
    changes |= {"finished_at": now} if last else {"available_at": now + pause, "progress": 0}
    if diagnostics is not None:
        changes["diagnostics"] = diagnostics
    only = Q(lease_expires_at=unless_renewed_since) if unless_renewed_since else ANY
    if not job_move("quarantine" if last else "requeue", job_id, fence, only=only, **changes):
        return None
    attempt_ended("quarantined" if last else "queued again", reason)
    if last:
        _not_playable(asset_id, state=VideoAsset.State.FAILED, reason=reason)
        return State.QUARANTINED
    _not_playable(asset_id)
    return State.QUEUED


def _not_playable(asset_id: uuid.UUID, **changes: Any) -> None:
    """What could be played went with the attempt, unless an older package is published."""
    VideoAsset.objects.filter(pk=asset_id, package=None).update(first_play_at=None, **changes)
