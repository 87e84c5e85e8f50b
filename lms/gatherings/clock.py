"""The wall clock of a room, which pays for what is played there. No Django.

As `lms.watching.evidence.Clock` is a person's, with two differences: a room plays at its own speed,
so a second pays for a second; and a line may be lost for a whole evening.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace

from lms.watching.evidence import SLACK

# How long the room goes on playing without a word, and the most that may lie unspent.
OPEN_FOR = dt.timedelta(hours=3)
MOST_UNSPENT = OPEN_FOR.total_seconds()


@dataclass(frozen=True, slots=True)
class RoomClock:
    """`budget` in seconds, accrued up to `settled_at`; it goes on accruing until `open_until`."""

    budget: float
    settled_at: dt.datetime
    open_until: dt.datetime

    def accrued(self, now: dt.datetime) -> RoomClock:
        earned = max((min(now, self.open_until) - self.settled_at).total_seconds(), 0.0)
        return replace(
            self,
            budget=min(self.budget + earned, MOST_UNSPENT),
            settled_at=max(self.settled_at, now),
        )

    def heard(self, now: dt.datetime) -> RoomClock:
        """Something is opened on the screen, or a beat has arrived: the room goes on playing."""
        clock = self.accrued(now)
        return replace(clock, open_until=max(clock.open_until, now + OPEN_FOR))

    @property
    def allowed(self) -> int:
        return max(math.floor(self.budget + SLACK), 0)

    def spent(self, seconds: int) -> RoomClock:
        return replace(self, budget=self.budget - seconds)
