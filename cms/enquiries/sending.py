"""Writing to those responsible: a question, a problem, a suggestion."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from cms.enquiries.models import LENGTH, Enquiry
from cms.enquiries.wording import EnquiryError, sentence
from cms.models import LecturePage
from cms.permissions import check_can_watch, lecture_unit
from organizations import scope
from organizations.models import Organization, User

# Waiting at a time and sent in a day: enough for everybody who means it.
MOST_OPEN = 10
MOST_A_DAY = 20


def enquiry_send(
    *,
    sender: Any,
    kind: str,
    text: str,
    lecture: LecturePage | None = None,
    about: str = "",
    request: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> Enquiry:
    """The same words about the same twice are one, while they wait.

    Raises PermissionDenied, EnquiryError.
    """
    now = now or timezone.now()
    text = sentence(text, longest=LENGTH)
    if lecture is not None:
        check_can_watch(sender, lecture)
    with transaction.atomic():
        sender = User.objects.select_for_update().get(pk=sender.pk)
        own = Enquiry.objects.filter(sender=sender)
        waiting = own.filter(state=Enquiry.State.OPEN)
        same = waiting.filter(kind=kind, lecture=lecture, about=about, text=text).first()
        if same is not None:
            return same
        if waiting.count() >= MOST_OPEN:
            raise EnquiryError(
                _("%(count)s of your messages are still waiting. Please wait for an answer.")
                % {"count": MOST_OPEN}
            )
        if own.filter(sent_at__gt=now - dt.timedelta(days=1)).count() >= MOST_A_DAY:
            raise EnquiryError(
                _("You have sent %(count)s messages within a day. Please go on tomorrow.")
                % {"count": MOST_A_DAY}
            )
        enquiry = Enquiry.objects.create(
            kind=kind,
            about=about,
            lecture=lecture,
            organization=_addressee(sender, lecture),
            sender=sender,
            text=text,
            sent_at=now,
        )
        record("enquiry.send", actor=sender, target=enquiry, request=request, kind=kind)
    return enquiry


def _addressee(sender: Any, lecture: LecturePage | None) -> Organization:
    """The lecture's unit; else the sender's branch, the unit of a post, the prefecture."""
    unit = lecture_unit(lecture) if lecture is not None else scope.home_branch(sender)
    if unit is None and (units := scope.managed_units(sender)):
        unit = units[0]
    root: Organization = unit or Organization.get_first_root_node()
    return root
