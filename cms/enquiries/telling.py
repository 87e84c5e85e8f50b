"""Senders are told that their question, problem or suggestion has an answer."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cms.enquiries.models import Enquiry
from notices.causes import Cause, declare
from notices.telling import tell

ANSWER = declare(
    Cause(
        code="enquiry",
        label=_("Questions and suggestions"),
        icon="feedback",
        texts={
            "question_answered": _("Your question on “%(title)s” has an answer."),
            "question_closed": _("Your question on “%(title)s” was closed; please read why."),
            "problem_answered": _("The problem with “%(title)s” that you reported has an answer."),
            "problem_closed": _(
                "The problem with “%(title)s” that you reported was closed; please read why."
            ),
            "suggestion_answered": _("Your suggestion has an answer."),
            "suggestion_closed": _("Your suggestion was closed; please read why."),
        },
    )
)


def answer_tell(enquiry: Enquiry) -> None:
    """Of an enquiry that was answered or closed."""
    tell(
        to=[enquiry.sender_id],
        cause=ANSWER.code,
        text=f"{enquiry.kind}_{enquiry.state}",
        subject=f"enquiry:{enquiry.pk}",
        path=reverse("enquiries:mine"),
        values={"title": enquiry.lecture.title} if enquiry.lecture else {},
    )
