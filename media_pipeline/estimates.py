"""How long a running attempt will still take. Pure; the worker feeds its own steady clock.

Honest: nothing is said before the attempt itself has shown its pace (what an earlier attempt left
costs no time and tells nothing). Stable: the pace is that of the last minute and a half, and a
new estimate moves what was said only by a part of the difference.
"""

from collections import deque

WINDOW_SECONDS = 90.0
# Before so much time and so much progress an estimate would be a guess.
LEAST_SECONDS = 8.0
LEAST_PROGRESS = 0.01
# What is said comes up to what is found in about this time.
SETTLE_SECONDS = 15.0


class Estimate:
    """`seconds_left` is None while it would be a guess."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, float]] = deque()
        self._said_at = 0.0
        self.seconds_left: float | None = None

    def feed(self, progress: float, *, at: float) -> float | None:
        """Note `progress` (0 to 1) at the monotonic time `at`; returns the new estimate."""
        self._points.append((at, progress))
        while len(self._points) > 2 and self._points[1][0] <= at - WINDOW_SECONDS:
            self._points.popleft()
        (began, first) = self._points[0]
        gained, taken = progress - first, at - began
        if taken < LEAST_SECONDS or gained < LEAST_PROGRESS:
            return self._said(at, None)
        return self._said(at, (1.0 - progress) * taken / gained)

    def _said(self, at: float, found: float | None) -> float | None:
        passed, self._said_at = at - self._said_at, at
        if self.seconds_left is None:
            self.seconds_left = found
        elif found is not None:  # else it stands still, and what was said is not counted down
            counted = max(0.0, self.seconds_left - passed)
            self.seconds_left = counted + min(1.0, passed / SETTLE_SECONDS) * (found - counted)
        return self.seconds_left
