"""When a job may change its state, and the one conditional update that changes it.

What a transition means for recordings and packages is in `jobs`; nothing else writes `state`.
"""

import dataclasses
import uuid
from typing import Any

from django.db.models import Q

from media_pipeline.models import TranscodeJob, TranscodeJobQuerySet

State = TranscodeJob.State

# verb: (state before, state after)
TRANSITIONS: dict[str, tuple[State, State]] = {
    "claim": (State.QUEUED, State.RUNNING),
    "finish": (State.RUNNING, State.DONE),
    "refuse": (State.RUNNING, State.REFUSED),
    "release": (State.RUNNING, State.QUEUED),  # given back; the attempt does not count
    "requeue": (State.RUNNING, State.QUEUED),  # failed or lost; attempts are left
    "quarantine": (State.RUNNING, State.QUARANTINED),  # failed or lost; none are left
    "retry": (State.QUARANTINED, State.QUEUED),  # asked for by a person
}
ANY = Q()


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to a job, as of the moment it was claimed. The fence is its token."""

    job_id: int
    asset_id: uuid.UUID
    fence: int
    attempt: int
    max_attempts: int
    package_key: str


def job_held(claim: Claim) -> TranscodeJobQuerySet:
    """The job while the claim still holds, else nothing."""
    return TranscodeJob.objects.filter(pk=claim.job_id, state=State.RUNNING, fence=claim.fence)


def job_move(verb: str, job_id: int, seen_fence: int, /, *, only: Q = ANY, **changes: Any) -> bool:
    """Make the transition if the job is where it begins and nobody has claimed it since; of two
    who try, one succeeds.
    """
    before, after = TRANSITIONS[verb]
    rows = TranscodeJob.objects.filter(only, pk=job_id, state=before, fence=seen_fence)
    return rows.update(state=after, **changes) == 1
