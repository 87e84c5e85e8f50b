"""When a room played, and which part of it somebody was there for. No Django.

A beat says which media seconds were played since the one before. In the room they take as long as
they are, so they lie in the wall-clock seconds before the beat arrived: as many as were accepted,
the latest that the room has not used for anything else. So a lost line, after which several
recordings tell what they played at one moment, never makes two of them share a minute. Spans are
those of `lms.ledger.occupancy`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lms.ledger.occupancy import Span, common, merged, without

# Beats come every 30 s, a moment late; so short a gap between two is no break.
JOINED = 3


def windows_after(
    own: Sequence[Span], others: Iterable[Span], *, at: int, accepted: int, opened: int
) -> list[Span]:
    """A recording's windows with what a beat at `at` brought. `others`: windows of the room's
    other recordings; `opened`: when the room began.
    """
    taken = merged(others)
    new = latest(without([(opened, at)], [*own, *taken]), accepted)
    found: list[Span] = []
    for start, end in merged([*own, *new]):
        gap = (found[-1][1], start) if found else None
        if gap and gap[1] - gap[0] <= JOINED and not common([gap], taken):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def latest(spans: Iterable[Span], seconds: int) -> list[Span]:
    """The last so many seconds of the spans."""
    found: list[Span] = []
    for start, end in reversed(merged(spans)):
        if seconds <= 0:
            break
        start = max(start, end - seconds)
        found.append((start, end))
        seconds -= end - start
    return found[::-1]


def attended(
    windows: Iterable[Span], *, came: int | None = None, left: int | None = None
) -> list[Span]:
    """What of the windows lies within the presence; None is "from the beginning", "to the end"."""
    own = merged(windows)
    if not own:
        return []
    start = own[0][0] if came is None else came
    end = own[-1][1] if left is None else left
    return common(own, [(start, end)])


def was_there_throughout(
    windows: Iterable[Span], *, came: int | None = None, left: int | None = None
) -> bool:
    own = merged(windows)
    return bool(own) and attended(own, came=came, left=left) == own
