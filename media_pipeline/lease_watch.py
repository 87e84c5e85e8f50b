"""When a lease counts as lost. Pure: the watcher's own steady clock goes in, an answer comes out.

Wall clocks jump, and those of two hosts and of the database differ. So nobody compares the time
that a holder wrote with a time of their own: a watcher remembers which sign of life it has seen
of a job and since when, by a clock that only counts up, and a lease is lost when the same sign
has stood for longer than a lease. A watcher that has just started knows nothing and waits.
"""

from collections.abc import Collection, Hashable

LEASE_SECONDS = 45.0


class LeaseWatch:
    """What one process has seen of the running jobs."""

    def __init__(self, seconds: float = LEASE_SECONDS) -> None:
        self._seconds = seconds
        self._seen: dict[int, tuple[Hashable, float]] = {}

    def lost(self, job_id: int, sign: Hashable, *, at: float) -> bool:
        """Whether `sign` has stood for longer than a lease. `at` is a monotonic clock, seconds."""
        known = self._seen.get(job_id)
        if known is None or known[0] != sign:
            self._seen[job_id] = (sign, at)
            return False
        return at - known[1] > self._seconds

    def keep_only(self, job_ids: Collection[int]) -> None:
        """Forget jobs that do not run any more."""
        for gone in self._seen.keys() - set(job_ids):
            self._seen.pop(gone, None)
