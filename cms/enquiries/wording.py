"""What may stand in an enquiry or its answer."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cms.plain import plain_line
from organizations.people.details import PeopleError, check_no_identity_card


class EnquiryError(Exception):
    """It cannot be sent or answered; the message is for the person."""


def sentence(text: str, *, longest: int) -> str:
    """One clean line. Raises EnquiryError."""
    text = plain_line(text)
    if not text:
        raise EnquiryError(_("Please write a sentence."))
    if len(text) > longest:
        raise EnquiryError(_("Please keep it below %(count)s characters.") % {"count": longest})
    try:
        check_no_identity_card(text)
    except PeopleError as problem:
        raise EnquiryError(str(problem)) from problem
    return text
