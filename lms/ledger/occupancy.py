"""Spans of wall-clock time and what of them is free. No Django.

A span is (from, to) in whole seconds since 1970, `to` not included. A list of spans is in order
and no two of them touch or overlap (`merged`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

Span = tuple[int, int]
SHANGHAI = ZoneInfo("Asia/Shanghai")


def span_between(start: dt.datetime, end: dt.datetime) -> Span:
    """Whole seconds within two instants."""
    return int(start.timestamp()), int(end.timestamp())


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time without overlaps; empty and backward spans are dropped."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def length(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """The part of the spans that lies in none of those taken."""
    left = merged(spans)
    for start, end in merged(taken):
        rest: list[Span] = []
        for one_start, one_end in left:
            rest += [(one_start, min(one_end, start)), (max(one_start, end), one_end)]
        left = merged(rest)
    return left


def common(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    return without(spans, without(spans, others))


def earliest(spans: Iterable[Span], seconds: int) -> list[Span]:
    """The first so many seconds of the spans."""
    found: list[Span] = []
    for start, end in merged(spans):
        if seconds <= 0:
            break
        end = min(end, start + seconds)
        found.append((start, end))
        seconds -= end - start
    return found


def by_day(spans: Iterable[Span]) -> Iterator[tuple[dt.date, list[Span]]]:
    """Cut at midnight in Shanghai, day after day."""
    days: dict[dt.date, list[Span]] = {}
    for start, end in merged(spans):
        while start < end:
            day = dt.datetime.fromtimestamp(start, SHANGHAI).date()
            cut = min(end, _midnight(day + dt.timedelta(days=1)))
            days.setdefault(day, []).append((start, cut))
            start = cut
    yield from sorted(days.items())


def by_half_day(spans: Iterable[Span]) -> Iterator[tuple[dt.date, int, list[Span]]]:
    """Cut at noon as well: the day, 0 for the morning and 1 for the rest, the spans."""
    for day, own in by_day(spans):
        noon = _midnight(day) + 12 * 3600
        halves = ([(s, min(e, noon)) for s, e in own], [(max(s, noon), e) for s, e in own])
        for half, part in enumerate(halves):
            if kept := merged(part):
                yield day, half, kept


def _midnight(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), SHANGHAI).timestamp())
