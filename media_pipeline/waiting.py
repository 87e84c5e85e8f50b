"""What of the queue is due, in which order, and whether it is worth stopping something for it.

Reading only; the rule itself is `fairness`, the claim is in `jobs`.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from media_pipeline.arrivals import is_out_of_reach
from media_pipeline.fairness import (
    Running,
    Waiting,
    arrivals,
    estimated_work,
    makes_way,
    preview_makes_way,
)
from media_pipeline.ffmpeg.transcode import Step
from media_pipeline.models import (
    Package,
    PackageQuerySet,
    TranscodeJob,
    TranscodeJobQuerySet,
    VideoAsset,
)
from media_pipeline.transitions import Claim, job_held

Lane = TranscodeJob.Lane
# No rest is longer. What claims to rest longer was written by a clock that ran ahead.
LONGEST_REST = dt.timedelta(seconds=60)
CANDIDATES = 500


def job_is_due(*, now: dt.datetime, lane: str = Lane.FULL) -> bool:
    """Whether there is anything that this host can claim."""
    return bool(jobs_in_order(lane=lane, now=now))


def due_jobs(*, lane: str, now: dt.datetime) -> TranscodeJobQuerySet:
    rested = Q(available_at__lte=now) | Q(available_at__gt=now + LONGEST_REST)
    due = TranscodeJob.objects.filter(
        rested, lane=lane, state=TranscodeJob.State.QUEUED, attempt__lt=F("max_attempts")
    )
    if lane == Lane.PREVIEW:
        due = due.filter(~Exists(_playing(Lane.FULL)), asset__state=VideoAsset.State.PROCESSING)
    return due


def jobs_in_order(*, lane: str, now: dt.datetime) -> list[Any]:
    """What is due, who comes first first: TranscodeJob with recording, and `plays`. Of previews
    those come first that cannot be played at all yet. Without those whose original only
    another host has.
    """
    due = due_jobs(lane=lane, now=now).select_related("asset")
    found = due.annotate(plays=Exists(_playing(lane))).order_by("pk")[:CANDIDATES]
    jobs: list[Any] = [job for job in found if not is_out_of_reach(job.asset, now=now)]
    turns = {job.pk: one.turn for job, one in zip(jobs, _waiting(jobs), strict=True)}
    return sorted(jobs, key=lambda job: (lane == Lane.PREVIEW and job.plays, turns[job.pk]))


def job_should_yield(
    *, claim: Claim, stint: float, step: str, progress: float, now: dt.datetime
) -> bool:
    """Whether the running job should stop now, at a segment border or in its sound, for another
    one: to go on later, or as a preview with what it has. `stint`: seconds worked since this go
    came to the sound or to its first segment, or as a preview since the claim.
    """
    job = job_held(claim).select_related("asset").first()
    if job is None:
        return False
    others = [
        one for one in jobs_in_order(lane=claim.lane, now=now) if one.asset_id != claim.asset_id
    ]
    if claim.is_preview:
        return preview_makes_way(
            plays=Package.objects.filter(pk=claim.package_key).exclude(preview="").exists(),
            stint=stint,
            others_wait=any(not one.plays for one in others),
        )
    # In the order of arrival, the running one among them, so that a jump of the clock shows.
    everybody = sorted([*others, job], key=lambda one: one.pk)
    found = {one.pk: place for one, place in zip(everybody, _waiting(everybody), strict=True)}
    own = found.pop(job.pk)
    in_sound = step == Step.SOUND
    running = Running(own.arrived, own.work, progress, stint, job.yields, in_sound)
    return makes_way(running, list(found.values()), now=now.timestamp())


def _waiting(jobs: Sequence[TranscodeJob]) -> list[Waiting]:
    """Jobs in the order of arrival as the rule sees them."""
    arrived = arrivals([job.created_at.timestamp() for job in jobs])
    return [
        Waiting(moment, estimated_work(duration=job.asset.duration, size=job.asset.size))
        for moment, job in zip(arrived, jobs, strict=True)
    ]


def _playing(lane: str) -> PackageQuerySet:
    """Something that already plays, made by the active job of that lane for the same recording."""
    packages = Package.objects.filter(asset=OuterRef("asset"), job__lane=lane)
    return packages.filter(job__state__in=TranscodeJob.ACTIVE).exclude(preview="")
