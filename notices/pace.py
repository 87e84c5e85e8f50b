"""When a message may leave the house: quiet hours, and how long to wait after a failure. Pure."""

from __future__ import annotations

import datetime as dt

# Minutes after the first failure, the second …; after the last the delivery has failed.
WAITS = (1, 5, 30, 120, 360)


def quiet_hours(text: str) -> tuple[dt.time, dt.time] | None:
    """ "22:00-07:00" as begin and end; None for an empty text. Raises ValueError."""
    if not text.strip():
        return None
    begin, _, end = text.partition("-")
    hours = dt.time.fromisoformat(begin.strip()), dt.time.fromisoformat(end.strip())
    if hours[0] == hours[1]:
        raise ValueError("quiet hours cannot be the whole day")
    return hours


def next_allowed(local: dt.datetime, quiet: tuple[dt.time, dt.time] | None) -> dt.datetime:
    """The moment itself, or the end of the quiet hours that it falls into; in its own zone."""
    if quiet is None:
        return local
    begin, end = quiet
    time = local.time().replace(tzinfo=None)
    overnight = begin > end
    is_quiet = (time >= begin or time < end) if overnight else begin <= time < end
    if not is_quiet:
        return local
    day = local.date() + dt.timedelta(days=1 if overnight and time >= begin else 0)
    return dt.datetime.combine(day, end, tzinfo=local.tzinfo)


def wait_after(attempts: int) -> dt.timedelta | None:
    """How long to wait after so many attempts; None when there is no further one."""
    return dt.timedelta(minutes=WAITS[attempts - 1]) if attempts <= len(WAITS) else None
