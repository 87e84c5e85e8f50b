"""This app's contributions, made when the site starts."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession

from organizations.privacy import cleaning, declared, log_sections, notices, sections
from organizations.privacy.rules import declare_act


def contribute() -> None:
    from organizations.privacy import tasks  # noqa: F401  (makes the task known)

    declared.declare_all()
    sections.contribute()
    log_sections.contribute()
    cleaning.contribute()
    notices.contribute()
    declare_act("sessions", _end_sessions)


def _end_sessions(person: Any) -> int:
    """Everywhere, at once: the stored session goes along with its entry in the list."""
    ended = 0
    for session in UserSession.objects.filter(user=person):
        session.end()
        ended += 1
    return ended
