"""From when until when somebody was there, in the whole seconds that `played` counts in."""

from __future__ import annotations

from lms.gatherings.models import Attendance


def presence_of(attendance: Attendance) -> dict[str, int | None]:
    """None is "from the beginning", "to the end"."""
    came, left = attendance.came_at, attendance.left_at
    return {
        "came": int(came.timestamp()) if came is not None else None,
        "left": int(left.timestamp()) if left is not None else None,
    }
