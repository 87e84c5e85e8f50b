"""Which lectures somebody sees, said once for every query that comes across them."""

from typing import Any

from django.db.models import Q


def lectures_seen_by(user: Any, *, at: str = "") -> Q:
    """Published lectures, for people who are signed in; for everybody else those of them that a
    curator opened to the public. `at` is the way to the lecture (`items__lecture__`).
    """
    seen = Q(**{f"{at}live": True})
    if user.is_authenticated and user.is_active:
        return seen
    return seen & Q(**{f"{at}is_open": True})
