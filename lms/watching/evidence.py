"""The thinking behind evidence: bitmaps, the wall-clock budget, the completion rule. No Django.

One bit per second of media, least significant bit of the first byte first: bit `i` stands for the
media seconds from `i` up to `i + 1`. OR-merging is commutative and idempotent, so retries,
reordering, two tabs and offline queues merge safely.

What counts as new: a claimed second is new when no counted session of that person holds it for
that recording. Only new seconds are accepted, cost budget and are kept, each by exactly one
session. So watching again costs nothing and earns nothing; a replayed or forged claim of what is
already held leaves no trace, and when a session is voided, no other session holds a copy of its
seconds that was never paid for.

Reading and writing rows belongs to `play`, what to show to `strips`.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

# Media seconds that one wall-clock second pays for: the highest playing speed.
MEDIA_PER_WALL = 2.0
# Media seconds a person may be ahead of the clock, in all: rounding at the edges of a play.
SLACK = 3
# How long a session stays open without a beat, and the most that may lie unspent.
OPEN_FOR = dt.timedelta(minutes=30)
MOST_UNSPENT = OPEN_FOR.total_seconds()


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A set of media seconds. `bits` has bit `i` set for second `i`."""

    bits: int = 0

    @classmethod
    def from_bytes(cls, data: bytes, seconds: int | None = None) -> Bitmap:
        """Read bytes; what lies beyond the recording's `seconds` is dropped."""
        bits = int.from_bytes(data, "little")
        return cls(bits if seconds is None else bits & ((1 << seconds) - 1))

    @classmethod
    def of(cls, seconds: Iterable[int]) -> Bitmap:
        bits = 0
        for second in seconds:
            bits |= 1 << second
        return cls(bits)

    @classmethod
    def span(cls, start: int, end: int) -> Bitmap:
        """The seconds from `start` up to, not including, `end`."""
        return cls(((1 << max(end, start)) - 1) & ~((1 << start) - 1))

    def to_bytes(self) -> bytes:
        """The shortest bytes that hold the set; the empty set is no bytes."""
        return self.bits.to_bytes((self.bits.bit_length() + 7) // 8, "little")

    def __or__(self, other: Bitmap) -> Bitmap:
        return Bitmap(self.bits | other.bits)

    def __sub__(self, other: Bitmap) -> Bitmap:
        return Bitmap(self.bits & ~other.bits)

    def __and__(self, other: Bitmap) -> Bitmap:
        return Bitmap(self.bits & other.bits)

    def __len__(self) -> int:
        return self.bits.bit_count()

    def __contains__(self, second: int) -> bool:
        return bool(self.bits >> second & 1)

    def earliest(self, count: int) -> Bitmap:
        """The `count` smallest members."""
        if count >= len(self):
            return self
        low, high = 0, self.bits.bit_length()
        while low < high:  # the smallest width that holds `count` members
            middle = (low + high) // 2
            if (self.bits & ((1 << middle) - 1)).bit_count() < count:
                low = middle + 1
            else:
                high = middle
        return Bitmap(self.bits & ((1 << low) - 1))

    def runs(self) -> list[tuple[int, int]]:
        """Maximal spans of members as (from, to), `to` not included, in order."""
        return [match.span() for match in re.finditer("1+", f"{self.bits:b}"[::-1])]


def union(bitmaps: Iterable[Bitmap]) -> Bitmap:
    bits = 0
    for bitmap in bitmaps:
        bits |= bitmap.bits
    return Bitmap(bits)


def accept(claimed: Bitmap, held: Bitmap, allowed_seconds: int) -> tuple[Bitmap, int]:
    """The claimed seconds that are new and within the allowance, and how many were cut off.

    The earliest come first, so that what is cut off is claimed, and paid for, by a later beat.
    """
    new = claimed - held
    accepted = new.earliest(max(allowed_seconds, 0))
    return accepted, len(new) - len(accepted)


@dataclass(frozen=True, slots=True)
class Clock:
    """One person's wall-clock budget, shared by all open sessions, spent once.

    `budget` is in wall-clock seconds and may be as low as -SLACK / MEDIA_PER_WALL. It has accrued
    up to `settled_at` and goes on accruing until `open_until`. Over any span of time the accepted
    media seconds are at most MEDIA_PER_WALL x the time with an open session + SLACK. A server
    clock that jumps back adds nothing until it has caught up with `settled_at`.
    """

    budget: float
    settled_at: dt.datetime
    open_until: dt.datetime

    @classmethod
    def fresh(cls, now: dt.datetime) -> Clock:
        """The clock of somebody to whom no play session was ever issued."""
        return cls(budget=0.0, settled_at=now, open_until=now)

    def accrued(self, now: dt.datetime) -> Clock:
        """Time has passed: what it brought while a session was open is added."""
        earned = max((min(now, self.open_until) - self.settled_at).total_seconds(), 0.0)
        return replace(
            self,
            budget=min(self.budget + earned, MOST_UNSPENT),
            settled_at=max(self.settled_at, now),
        )

    def opened(self, now: dt.datetime) -> Clock:
        """A play session is issued. After idleness it starts at zero; a debt stays a debt."""
        clock = self.accrued(now)
        if now >= self.open_until:
            clock = replace(clock, budget=min(clock.budget, 0.0))
        return clock._open_from(now)

    def heard(self, now: dt.datetime) -> Clock:
        """A beat has arrived: the session stays open. What lies unspent survives a silence."""
        return self.accrued(now)._open_from(now)

    def _open_from(self, now: dt.datetime) -> Clock:
        return replace(self, open_until=max(self.open_until, now + OPEN_FOR))

    @property
    def allowed(self) -> int:
        """New media seconds that may be accepted now."""
        return max(math.floor(self.budget * MEDIA_PER_WALL + SLACK), 0)

    def spent(self, seconds: int) -> Clock:
        """New media seconds were accepted."""
        return replace(self, budget=self.budget - seconds / MEDIA_PER_WALL)


@dataclass(frozen=True, slots=True)
class Rule:
    """When a recording counts as watched; stored with each completion by its version."""

    version: int
    percent: int
    tail_seconds: int
    tail_percent: int

    def tail(self, seconds: int) -> int:
        """Seconds at the end that nobody has to watch: music, thanks, a black picture."""
        return min(self.tail_seconds, seconds * self.tail_percent // 100)


RULES = {1: Rule(version=1, percent=90, tail_seconds=10, tail_percent=5)}
CURRENT_RULE = RULES[1]


def whole_seconds(duration: float) -> int:
    """How many seconds of evidence a recording of `duration` seconds has; at least one."""
    return max(math.floor(duration + 0.5), 1)


def _covered(bitmap: Bitmap, seconds: int, rule: Rule) -> tuple[int, int]:
    needed = max(seconds - rule.tail(seconds), 1)
    return len(bitmap & Bitmap.span(0, needed)), needed


def coverage(bitmap: Bitmap, seconds: int, rule: Rule = CURRENT_RULE) -> float:
    """The watched share, 0 to 1, of the seconds outside the forgiven tail."""
    covered, needed = _covered(bitmap, seconds, rule)
    return covered / needed


def is_complete(bitmap: Bitmap, seconds: int, rule: Rule = CURRENT_RULE) -> bool:
    covered, needed = _covered(bitmap, seconds, rule)
    return covered * 100 >= needed * rule.percent


def missing(bitmap: Bitmap, seconds: int, rule: Rule = CURRENT_RULE) -> list[tuple[int, int]]:
    """Spans not watched yet as (from, to), in order, without those within the forgiven tail."""
    needed = max(seconds - rule.tail(seconds), 1)
    unseen = Bitmap.span(0, seconds) - bitmap
    return [(start, end) for start, end in unseen.runs() if start < needed]


@dataclass(frozen=True, slots=True)
class Watched:
    """What one person has watched of one recording, over all counted sessions."""

    seconds: int
    seen: Bitmap
    completed_at: dt.datetime | None

    @property
    def coverage(self) -> float:
        return coverage(self.seen, self.seconds)

    @property
    def missing(self) -> list[tuple[int, int]]:
        return [] if self.completed_at else missing(self.seen, self.seconds)
