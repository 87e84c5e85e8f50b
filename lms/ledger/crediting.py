"""What one fact earns, given what the person's days hold already. No Django.

A fact is what a source says happened: a lecture completed, a session attended, hours claimed and
approved. It brings the windows of wall-clock time in which it happened and how many seconds of
them it needs. Time that another fact holds is not given twice: the earliest free seconds of the
windows are taken, and what is lacking cuts the hours in proportion.

Taking the earliest free seconds, fact after fact in the order of their ends, finds room for all
whenever there is room for all, so somebody who turns to a second lecture in the middle of the
first loses nothing.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lms.ledger.occupancy import Span, by_half_day, earliest, length, merged, without
from lms.ledger.rules import NOTHING, Kind, Rule, rounded


@dataclass(frozen=True, slots=True)
class Fact:
    """`seconds` is how long the recording is, None for sessions; `hours` is given for what was
    approved as hours, and then nothing else counts. `needed` are seconds of the windows, all of
    them for a session. `subject` is the id of what it is about, in the source's own terms.
    """

    source: str
    key: int
    user_id: int
    kind: Kind
    at: dt.datetime
    subject: int
    windows: tuple[Span, ...] = ()
    needed: int = 0
    seconds: int | None = None
    hours: Decimal | None = None

    @property
    def is_session(self) -> bool:
        return self.seconds is None and self.hours is None


@dataclass(frozen=True, slots=True)
class Credit:
    """`full` is what the rule gives, `hours` what is credited; `cut` seconds were not free."""

    full: Decimal
    hours: Decimal
    spans: tuple[Span, ...]
    needed: int
    cut: int


# One half of a day that an entry holds: its spans, and the hours of a session in it.
Half = tuple[dt.date, int]
Rows = dict[dt.date, list[list[Any]]]


@dataclass
class Days:
    """What a person's days hold: time by entry, and by half day the hours of sessions."""

    spans: dict[int, tuple[Span, ...]] = field(default_factory=dict)
    sessions: dict[int, dict[Half, Decimal]] = field(default_factory=dict)

    def taken(self) -> list[Span]:
        return merged(span for spans in self.spans.values() for span in spans)

    def hold(self, entry: int, credit: Credit, *, rule: Rule, is_session: bool) -> None:
        """An entry was booked."""
        if credit.spans:
            self.spans[entry] = credit.spans
        if is_session:
            self.sessions[entry] = _by_half(rule, credit.spans, self.sessions.values())

    def release(self, entry: int) -> None:
        """An entry was reversed."""
        self.spans.pop(entry, None)
        self.sessions.pop(entry, None)

    def rows(self) -> Rows:
        """By day [from, to, entry, hours of a session in this half day], in order."""
        found: Rows = {}
        for entry, spans in self.spans.items():
            hours = self.sessions.get(entry, {})
            for day, half, part in by_half_day(spans):
                worth = f"{hours.get((day, half), NOTHING):.2f}"
                for start, end in part:
                    found.setdefault(day, []).append([start, end, entry, worth])
                    worth = f"{NOTHING:.2f}"
        return {day: sorted(rows) for day, rows in found.items()}

    @classmethod
    def of(cls, rows: Rows) -> Days:
        days, spans = cls(), defaultdict[int, list[Span]](list)
        for day, held in rows.items():
            for start, end, entry, worth in held:
                spans[entry].append((start, end))
                if hours := Decimal(worth):
                    half = next(half for _, half, _ in by_half_day([(start, end)]))
                    days.sessions.setdefault(entry, {})[day, half] = hours
        days.spans = {entry: tuple(merged(own)) for entry, own in spans.items()}
        return days


def credited(rule: Rule, fact: Fact, days: Days) -> Credit:
    """What the fact earns by the rule. Time that it holds itself counts as free."""
    if fact.hours is not None:
        hours = rounded(fact.hours)
        return Credit(hours, hours, (), 0, 0)
    windows = merged(fact.windows)
    needed = length(windows) if fact.is_session else min(fact.needed, length(windows))
    spans = tuple(earliest(without(windows, days.taken()), needed))
    held = length(spans)
    if fact.is_session:
        full = sum(_by_half(rule, windows, ()).values(), NOTHING)
        hours = sum(_by_half(rule, spans, days.sessions.values()).values(), NOTHING)
    else:
        full = rule.lecture_hours(fact.kind, fact.seconds or 0)
        hours = full if held >= needed else rounded(full * held / needed)
    return Credit(full, hours, spans, needed, needed - held)


def _by_half(
    rule: Rule,
    spans: Sequence[Span],
    others: Iterable[dict[Half, Decimal]],
) -> dict[Half, Decimal]:
    """Hours of a session by day and half day, within what the others leave. What is rounded off
    before noon counts after it: a session is worth the same wherever noon cuts it.
    """
    found: dict[Half, Decimal] = {}
    known = [*others, found]
    half_seconds = math.ceil(rule.half_day_most * rule.session_minutes * 60)
    before = 0
    for day, half, part in by_half_day(spans):
        after = before + min(length(part), half_seconds)
        worth = rule.session_hours(after) - rule.session_hours(before)
        before = after
        in_half = sum((one.get((day, half), NOTHING) for one in known), NOTHING)
        in_day = sum((one.get((day, h), NOTHING) for one in known for h in (0, 1)), NOTHING)
        left = min(rule.half_day_most - in_half, rule.day_most - in_day)
        found[day, half] = min(worth, max(left, NOTHING))
    return found
