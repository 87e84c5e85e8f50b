"""When a job may change its state, and the one conditional update that changes it.

What a transition means for recordings and packages is in `jobs`; nothing else writes `state`.
"""

import dataclasses
import uuid
from typing import Any

from django.db.models import Q

from media_pipeline.models import TranscodeJob, TranscodeJobQuerySet

State = TranscodeJob.State

# verb: (states before, state after)
TRANSITIONS: dict[str, tuple[tuple[State, ...], State]] = {
    "claim": ((State.QUEUED,), State.RUNNING),
    "finish": ((State.RUNNING,), State.DONE),
    "refuse": ((State.RUNNING,), State.REFUSED),
    "release": ((State.RUNNING,), State.QUEUED),  # given back; the attempt does not count
    "requeue": ((State.RUNNING,), State.QUEUED),  # failed or lost; attempts are left
    "quarantine": ((State.RUNNING,), State.QUARANTINED),  # failed or lost; none are left
    "retry": ((State.QUARANTINED,), State.QUEUED),  # asked for by a person
    "drop": ((State.QUEUED, State.RUNNING), State.DONE),  # a preview that nobody needs any more
    "turn_away": ((State.QUEUED,), State.REFUSED),  # the preview's probe has refused the file
}
ANY = Q()


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to a job, as of the moment it was claimed. The fence is its token."""

    job_id: int
    asset_id: uuid.UUID
    lane: str
    fence: int
    package_key: str
    progress: float = 0.0
    # Packages of earlier attempts, the latest first: there may be work to go on with.
    earlier: tuple[str, ...] = ()

    @property
    def is_preview(self) -> bool:
        return self.lane == TranscodeJob.Lane.PREVIEW


def job_held(claim: Claim) -> TranscodeJobQuerySet:
    """The job while the claim still holds, else nothing."""
    return TranscodeJob.objects.filter(pk=claim.job_id, state=State.RUNNING, fence=claim.fence)


def job_move(verb: str, job_id: int, seen_fence: int, /, *, only: Q = ANY, **changes: Any) -> bool:
    """Make the transition if the job is where it begins and nobody has claimed it since; of two
    who try, one succeeds.
    """
    rows = TranscodeJob.objects.filter(only, pk=job_id, fence=seen_fence)
    return jobs_move(verb, rows, **changes) == 1


def jobs_move(verb: str, rows: TranscodeJobQuerySet, /, **changes: Any) -> int:
    """Make the transition with all of `rows` that are where it begins, whoever holds them."""
    before, after = TRANSITIONS[verb]
    return rows.filter(state__in=before).update(state=after, **changes)
