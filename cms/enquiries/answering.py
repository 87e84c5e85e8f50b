"""Proposing an answer, answering, closing. A question that is answered is published with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from cms.enquiries.models import ANSWER_LENGTH, Enquiry
from cms.enquiries.permissions import check_can_answer, check_can_propose
from cms.enquiries.telling import answer_tell
from cms.enquiries.wording import EnquiryError, sentence

State = Enquiry.State


@transaction.atomic
def enquiry_propose(
    *, actor: Any, enquiry: Enquiry, text: str, request: HttpRequest | None = None
) -> None:
    """Say what could be answered; those responsible publish it, or something else.

    Raises PermissionDenied, EnquiryError.
    """
    text = sentence(text, longest=ANSWER_LENGTH)
    enquiry = _locked(enquiry)
    check_can_propose(actor, enquiry)
    _check_state(enquiry, State.OPEN)
    if enquiry.proposal == text:
        return
    enquiry.proposal, enquiry.proposed_by = text, actor
    enquiry.save(update_fields=["proposal", "proposed_by"])
    record("enquiry.propose", actor=actor, target=enquiry, request=request)


def enquiry_answer(
    *,
    actor: Any,
    enquiry: Enquiry,
    text: str,
    request: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> None:
    """Answer what waits: a question for everybody, anything else for its sender.

    Raises PermissionDenied, EnquiryError.
    """
    _end(actor, enquiry, State.ANSWERED, text, request, now)


def enquiry_close(
    *,
    actor: Any,
    enquiry: Enquiry,
    text: str,
    request: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> None:
    """Close what waits, or take a published question back, with a reason for its sender.

    Raises PermissionDenied, EnquiryError.
    """
    _end(actor, enquiry, State.CLOSED, text, request, now)


@transaction.atomic
def _end(
    actor: Any,
    enquiry: Enquiry,
    state: str,
    text: str,
    request: HttpRequest | None,
    now: dt.datetime | None,
) -> None:
    text = sentence(text, longest=ANSWER_LENGTH)
    enquiry = _locked(enquiry)
    check_can_answer(actor, enquiry)
    takes_back = state == State.CLOSED and enquiry.is_question
    _check_state(enquiry, State.OPEN, *([State.ANSWERED] if takes_back else []))
    enquiry.state, enquiry.answer = state, text
    enquiry.answered_by, enquiry.answered_at = actor, now or timezone.now()
    enquiry.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    answer_tell(enquiry)
    act = "enquiry.answer" if state == State.ANSWERED else "enquiry.close"
    record(act, actor=actor, target=enquiry, request=request, kind=enquiry.kind)


def _locked(enquiry: Enquiry) -> Enquiry:
    """Nobody else answering it meanwhile."""
    rows = Enquiry.objects.select_for_update(of=("self",))
    return rows.select_related("organization", "lecture").get(pk=enquiry.pk)


def _check_state(enquiry: Enquiry, *states: str) -> None:
    if enquiry.state not in states:
        raise EnquiryError(_("This was answered in the meantime."))
