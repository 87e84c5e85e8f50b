"""What of a person's data is shown in a list, and the logged act that opens it for a while.

Own data are never masked. Phones and codes are masked in lists until revealed; names too,
except for those who hold a post directly at the person's branch: who looks is a
`organizations.people.viewer.Viewer`.
"""

from __future__ import annotations

import time
from typing import Any

from django.http import HttpRequest

from audit import log
from organizations.models import User

REVEAL_SECONDS = 15 * 60
SESSION_KEY = "names_open_until"
STAR = "*"


def masked_name(name: str) -> str:
    """The first and the last character; of two characters the first: 张*国, 王*, 欧**雨.

    How long a long name is, is not shown.
    """
    if len(name) <= 1:
        return STAR if name else ""
    if len(name) == 2:
        return name[0] + STAR
    return name[0] + STAR * min(len(name) - 2, 2) + name[-1]


def masked_phone(phone: str | None) -> str:
    """The first three and the last four characters: enough to recognise one's own number."""
    return _middle(phone or "", head=3, tail=4)


def masked_code(code: str | None) -> str:
    """The first and the last two characters of a person code."""
    return _middle(code or "", head=1, tail=2)


def _middle(text: str, *, head: int, tail: int) -> str:
    """Of a text that is too short for both ends, the first character at most."""
    if len(text) < head + tail + 2:
        head, tail = (1, 0) if len(text) > 1 else (0, 0)
    return text[:head] + STAR * (len(text) - head - tail) + text[len(text) - tail :]


# -- revealing -----------------------------------------------------------------------------------


def names_open(request: HttpRequest, *, now: float | None = None) -> bool:
    """Whether a reveal was logged in this session less than 15 minutes ago."""
    return seconds_open(request, now=now) > 0


def seconds_open(request: HttpRequest, *, now: float | None = None) -> int:
    """How long names and phones stay open in this session; 0 when they are masked."""
    session = getattr(request, "session", None)
    until = session.get(SESSION_KEY) if session is not None else None
    if not isinstance(until, (int, float)):
        return 0
    left = until - (time.time() if now is None else now)
    # A clock that was set back never opens names for longer than one reveal does.
    return int(left) if 0 < left <= REVEAL_SECONDS else 0


def names_reveal(
    request: HttpRequest,
    *,
    where: str,
    unit: str = "",
    person: User | None = None,
    now: float | None = None,
) -> None:
    """Open names and phones in every list for 15 minutes; logged with the page that asked.

    `where` is the name of its route, `unit` the code of the unit that it lists.
    """
    until = (time.time() if now is None else now) + REVEAL_SECONDS
    request.session[SESSION_KEY] = until
    facts: dict[str, Any] = {"list": where, "minutes": REVEAL_SECONDS // 60}
    if unit:
        facts["unit"] = unit
    log.record("person.reveal", target=person, request=request, **facts)


def names_hide(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)
