"""What enquiries keep about people, and for how long."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from cms.enquiries.models import Enquiry
from organizations.privacy.holdings import QueryRows, Section, register
from organizations.privacy.retention import Kind, cleaned, period_text
from organizations.privacy.rules import Fate, declare


def contribute() -> None:
    register("enquiries", enquiries)
    declare(
        "enquiries.Enquiry",
        {"sender": Fate.DELETE, "proposed_by": Fate.DETACH, "answered_by": Fate.KEEP},
        rest=(
            *("kind", "about", "lecture", "organization", "text", "sent_at", "state"),
            *("proposal", "answer", "answered_at"),
        ),
        why="A person's words go with the person, a published question too. Who answers for the "
        "unit stays named, as in everything that a unit says.",
    )
    cleaned(Kind.ENQUIRIES, old_enquiries)


def enquiries(person: Any) -> Section:
    return Section(
        title=_("Questions and suggestions you sent"),
        why=_("So that those responsible answer, and you see the answer."),
        kept=_(
            "%(period)s after the answer; a question that is published, as long as it stands "
            "under the lecture."
        )
        % {"period": period_text(Kind.ENQUIRIES)},
        labels={
            "kind": _("Kind"),
            "lecture": _("Lecture"),
            "text": _("What you wrote"),
            "sent": _("Sent"),
            "state": _("State"),
            "answer": _("Answer"),
        },
        rows=QueryRows(
            Enquiry.objects.filter(sender=person).select_related("lecture"),
            lambda one: {
                "kind": one.get_kind_display(),
                "lecture": one.lecture.title if one.lecture else "",
                "text": one.text,
                "sent": one.sent_at,
                "state": one.state_text,
                "answer": one.answer,
            },
        ),
        icon="feedback",
    )


def old_enquiries(before: dt.datetime) -> Any:
    """Answered or closed; what is published stays as long as its lecture."""
    ended = Enquiry.objects.filter(answered_at__lt=before)
    return ended.exclude(pk__in=Enquiry.objects.published().values("pk"))
