"""Whoever no longer counts in a session, alone or with everybody, is told so, with the reason and
whom to ask.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lms.gatherings.models import Attendance, Gathering
from notices.causes import Cause, declare
from notices.telling import tell
from organizations.models import Organization

GATHERING = declare(
    Cause(
        code="gathering",
        label=_("Watching together"),
        icon="video",
        texts={
            "void_person": _(
                "You no longer count as present at “%(title)s” on %(day)s, and its hours are taken "
                "back. Reason: %(reason)s. If that is not right, please ask %(whom)s."
            ),
            "void": _(
                "“%(title)s” on %(day)s no longer counts for anybody, and its hours are taken "
                "back. Reason: %(reason)s. If that is not right, please ask %(whom)s."
            ),
        },
    )
)


def voided_tell(one: Attendance, gathering: Gathering, *, whom: Organization) -> None:
    _tell([one.user_id], gathering, "void_person", one.void_reason, whom)


def all_voided_tell(gathering: Gathering, *, whom: Organization) -> None:
    """Everybody who still counted: who was taken back before keeps that message."""
    there = Attendance.objects.filter(gathering=gathering, is_present=True)
    people = there.values_list("user_id", flat=True)
    _tell(people, gathering, "void", gathering.reason, whom)


def _tell(
    people: Iterable[int], gathering: Gathering, text: str, reason: str, whom: Organization
) -> None:
    tell(
        to=people,
        cause=GATHERING.code,
        text=text,
        subject=f"gathering:{gathering.pk}",
        path=reverse("ledger:mine"),
        values={
            "title": gathering.title,
            "day": gathering.on,
            "reason": reason,
            "whom": whom.name,
        },
    )
