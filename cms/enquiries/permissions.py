"""Who answers what members write, and who proposes an answer."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from cms.enquiries.models import ANSWERERS, Enquiry
from cms.permissions import UPLOADERS
from organizations import scope
from organizations.permissions import passes, units_path_covers


def check_can_open_desk(user: Any) -> None:
    """Whoever answers in a unit, or hands lectures in and is asked about them."""
    if not scope.holds_post(user, *UPLOADERS):
        raise PermissionDenied(
            _("Questions and suggestions are answered by the reviewers and curators responsible.")
        )


def check_can_answer(user: Any, enquiry: Enquiry) -> None:
    """Reviewers, curators and administrators of the unit and above; never what one wrote."""
    units = scope.managed_units(user, roles=ANSWERERS)
    if enquiry.sender_id == user.pk or not units_path_covers(units, enquiry.organization):
        raise PermissionDenied(_("Only the reviewers and curators responsible answer this."))


def can_answer(user: Any, enquiry: Enquiry) -> bool:
    return passes(check_can_answer, user, enquiry)


def check_can_propose(user: Any, enquiry: Enquiry) -> None:
    """Whoever handed the lecture in says what could be answered to a question on it."""
    lecture = enquiry.lecture
    is_theirs = lecture is not None and lecture.submitted_by_id == user.pk
    if not enquiry.is_question or enquiry.sender_id == user.pk or not is_theirs:
        raise PermissionDenied(_("Only whoever handed this lecture in proposes an answer."))


def can_propose(user: Any, enquiry: Enquiry) -> bool:
    return passes(check_can_propose, user, enquiry)
