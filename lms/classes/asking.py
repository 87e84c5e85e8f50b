"""Asking to join a run, and what becomes of it."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import log
from lms.classes.enrolments import enrolment_create
from lms.classes.models import Enrolment, EnrolmentRequest, TrainingClass
from lms.classes.permissions import check_can_organise
from lms.classes.planning import ClassError
from lms.classes.telling import class_untell, refused_tell

State = EnrolmentRequest.State


def request_make(*, training_class: TrainingClass, user: Any) -> EnrolmentRequest:
    """Ask once; asking again while it waits gives what is there. Raises ClassError."""
    rows = EnrolmentRequest.objects.filter(
        training_class=training_class, user=user, state=State.WAITING
    )
    if (found := rows.first()) is not None:
        return found
    offered = TrainingClass.objects.on_offer_to(user, today=timezone.localdate())
    if not offered.filter(pk=training_class.pk).exists():
        raise ClassError(_("This class takes no requests, or you learn in it already."))
    try:
        with transaction.atomic():
            made = EnrolmentRequest.objects.create(training_class=training_class, user=user)
            class_untell(training_class.pk, [user.pk])  # that an earlier one was refused
            log.record("enrolment_request.make", actor=user, target=training_class)
            return made
    except IntegrityError:
        return rows.get()


@transaction.atomic
def request_take_back(*, training_class: TrainingClass, user: Any) -> bool:
    rows = EnrolmentRequest.objects.filter(
        training_class=training_class, user=user, state=State.WAITING
    )
    if not rows.update(state=State.TAKEN_BACK, decided_at=timezone.now()):
        return False
    log.record("enrolment_request.take_back", actor=user, target=training_class)
    return True


@transaction.atomic
def request_decide(*, request: EnrolmentRequest, user: Any, approve: bool) -> bool:
    """Approve or refuse; of two keepers one decides. False when it was decided already."""
    check_can_organise(user, request.training_class.organization)
    rows = EnrolmentRequest.objects.filter(pk=request.pk, state=State.WAITING)
    state = State.APPROVED if approve else State.REFUSED
    if not rows.update(state=state, decided_at=timezone.now(), decided_by=user):
        return False
    if approve:
        enrolment_create(
            training_class=request.training_class,
            user=request.user,
            actor=user,
            origin=Enrolment.Origin.ASKED,
        )
    else:
        refused_tell(request.training_class, request.user_id, by=user)
        log.record(
            "enrolment_request.refuse", actor=user, target=request.training_class,
            user=request.user_id,
        )  # fmt: skip
    return True
