"""How often a second factor may be tried. Only who knows the first factor comes this far, so a
limit per account locks nobody out at a stranger's will.

Six digits with three valid codes at a time: 10 tries a quarter of an hour and 40 a day leave a
guesser one chance in 8,000 a day.
"""

from __future__ import annotations

from typing import Any

from organizations.signin import counters

QUARTER, DAY = 15 * 60, 24 * 3600
TRIES = ((QUARTER, 10), (DAY, 40))
MESSAGES = ((60, 1), (3600, 5), (DAY, 10))


def _key(what: str, user: Any, seconds: int) -> str:
    return f"second-factor:{what}:{user.pk}:{seconds}"


def take_try(user: Any) -> bool:
    """Count one try; False when there were too many."""
    counts = [(counters.count(_key("try", user, per), per), most) for per, most in TRIES]
    return all(count <= most for count, most in counts)


def forget_tries(user: Any) -> None:
    """After a success, except for the whole day's number."""
    counters.drop(_key("try", user, QUARTER))


def take_message(user: Any) -> bool:
    """Count one text message; False when there were too many."""
    if any(counters.value(_key("sms", user, per)) >= most for per, most in MESSAGES):
        return False
    counts = [(counters.count(_key("sms", user, per), per), most) for per, most in MESSAGES]
    return all(count <= most for count, most in counts)
