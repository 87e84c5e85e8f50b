"""What a running job leaves for operators: its ids on every line of the log, and how long each of
its steps took. The queue's state is no note; it stands in the rows.
"""

import contextlib
import contextvars
import time
from collections.abc import Callable, Iterator

from structlog.contextvars import bound_contextvars

from media_pipeline.metrics import STEP_SECONDS
from media_pipeline.transitions import Claim


class StepClock:
    """Measures how long a job stays in each step, by the steady clock."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._step = ""
        self._since = clock()

    def enter(self, step: str) -> None:
        """The job is in `step`; saying so again changes nothing."""
        if step == self._step:
            return
        now = self._clock()
        if self._step:
            STEP_SECONDS.labels(self._step).observe(now - self._since)
        self._step, self._since = step, now


_clock: contextvars.ContextVar[StepClock | None] = contextvars.ContextVar("clock", default=None)


@contextlib.contextmanager
def job_noted(claim: Claim) -> Iterator[None]:
    """Around the work of one claim. The fence tells one attempt of a job from the next."""
    clock = StepClock()
    token = _clock.set(clock)
    try:
        with bound_contextvars(
            job=claim.job_id, asset=str(claim.asset_id), attempt=f"{claim.job_id}.{claim.fence}"
        ):
            yield
    finally:
        clock.enter("")
        _clock.reset(token)


def step_noted(step: str) -> None:
    """The job of this thread is in `step`."""
    clock = _clock.get()
    if clock is not None:
        clock.enter(step)
