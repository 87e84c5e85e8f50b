"""Whoever's viewing was voided is told so, with the reason and whom to ask.

What falls with a session watched together is told by `lms.gatherings`, once for the session.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lms.watching.models import PlaySession
from lms.watching.permissions import voiding_units
from notices.causes import Cause, declare
from notices.telling import tell

VIEWING = declare(
    Cause(
        code="viewing",
        label=_("Viewings"),
        icon="video",
        texts={
            "void": _(
                "Your viewing of “%(title)s” on %(day)s no longer counts; what rested on it is "
                "worked out anew. Reason: %(reason)s. Watching it again counts. If that is not "
                "right, please ask %(whom)s."
            ),
            "void_several": _(
                "%(n)s of your viewings on %(day)s no longer count; what rested on them is worked "
                "out anew. Reason: %(reason)s. Watching again counts. If that is not right, please "
                "ask %(whom)s."
            ),
        },
    )
)


def viewings_voided_tell(sessions: Sequence[PlaySession], *, actor: Any, reason: str) -> None:
    """Of one person, voided in one act: one message."""
    first = sessions[0]
    units = voiding_units(actor, first.user) if actor is not None else []
    nearest = max(units, key=lambda unit: len(unit.path), default=None)
    tell(
        to=[first.user_id],
        cause=VIEWING.code,
        text="void" if len(sessions) == 1 else "void_several",
        subject=f"viewing:{first.pk}",
        path=reverse("ledger:mine"),
        values={
            "title": first.lecture.title,
            "n": len(sessions),
            "day": timezone.localdate(first.started_at),
            "reason": reason,
            "whom": nearest.name if nearest is not None else gettext("the unit above your branch"),
        },
    )
