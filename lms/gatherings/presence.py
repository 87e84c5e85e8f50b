"""From when until when somebody was there, in the whole seconds that `played` counts in; and what a
time of day on the roll means.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from lms.gatherings.models import Attendance, Gathering

# Who signs in so much after the first picture was there from the beginning.
LATE = dt.timedelta(minutes=5)
# So much before the beginning or after the end a time is taken as it is.
MARGIN = dt.timedelta(hours=1)
LONGEST = dt.timedelta(hours=12)


def presence_of(attendance: Attendance) -> dict[str, int | None]:
    """None is "from the beginning", "to the end"."""
    came, left = attendance.came_at, attendance.left_at
    return {
        "came": int(came.timestamp()) if came is not None else None,
        "left": int(left.timestamp()) if left is not None else None,
    }


def moment_on(day: dt.date, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, time, timezone.get_default_timezone())


def came_with(gathering: Gathering, now: dt.datetime) -> dt.datetime | None:
    """When somebody came who signs in now; None when that is the beginning as far as is known."""
    starts = [
        start
        for windows in gathering.plays.values_list("windows", flat=True)
        for start, _end in windows
    ]
    if not starts or now.timestamp() - min(starts) <= LATE.total_seconds():
        return None
    return now.replace(second=0, microsecond=0)


def day_over(gathering: Gathering) -> dt.datetime:
    """When its day is over, or the night that it runs into."""
    midnight = moment_on(gathering.on + dt.timedelta(days=1), dt.time())
    start = gathering.opened_at
    return midnight if start is None else max(midnight, start + LONGEST)


def is_its_day(gathering: Gathering, now: dt.datetime) -> bool:
    """Nothing runs before its day: a session begins on it."""
    return now < day_over(gathering)


def is_forgotten(gathering: Gathering, now: dt.datetime) -> bool:
    """Its day went by and nobody handed it in: nothing is played or ticked in it any more."""
    return gathering.state == Gathering.State.OPEN and not is_its_day(gathering, now)


def times_meant(
    gathering: Gathering, came: dt.time | None, left: dt.time | None, now: dt.datetime
) -> tuple[dt.datetime | None, dt.datetime | None] | None:
    """The instants; None when they are reversed or not of this session."""
    if came is None and left is None:
        return None, None
    start = gathering.paper_from or gathering.opened_at
    if start is None:
        return None
    over = gathering.paper_to or gathering.closed_at
    is_past_midnight = timezone.localdate(over or now) > gathering.on
    end = (over or start + LONGEST) + MARGIN

    def meant(time: dt.time | None) -> dt.datetime | None:
        if time is None:
            return None
        at = moment_on(gathering.on, time)
        next_day = is_past_midnight and at < start - MARGIN
        return at + dt.timedelta(days=1) if next_day else at

    at = (meant(came), meant(left))
    if any(one is not None and not start - MARGIN <= one <= end for one in at):
        return None
    from_, until = at
    if until is not None and until <= max(start, from_ or start):
        return None
    return at
