"""Whoever no longer counts in a session is told so, with the reason and whom to ask."""

from __future__ import annotations

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
        },
    )
)


def voided_tell(one: Attendance, gathering: Gathering, *, whom: Organization) -> None:
    tell(
        to=[one.user_id],
        cause=GATHERING.code,
        text="void_person",
        subject=f"gathering:{gathering.pk}",
        path=reverse("ledger:mine"),
        values={
            "title": gathering.title,
            "day": gathering.on,
            "reason": one.void_reason,
            "whom": whom.name,
        },
    )
