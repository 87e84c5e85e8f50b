"""Wishes to correct data: who may ask, who finds them, who answers.

A person corrects the own phone number alone (`own_phone`); name, ties, posts and tags are changed
by whoever keeps the roster, on the person's page. The answer is a sentence for the person.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from organizations import scope
from organizations.models import Correction, Membership, User
from organizations.people.details import PeopleError, check_no_identity_card
from organizations.permissions import ROSTER_KEEPERS, check_can_keep_person

# Waiting at a time: enough for every mistake, too few to fill somebody's list.
MOST_OPEN = 5
LENGTH = 300


class CorrectionError(Exception):
    """The wish cannot be taken or answered; the message is for the person."""


def correction_ask(*, person: User, text: str, request: HttpRequest | None = None) -> Correction:
    """Tell the keepers what is wrong. The same words twice are one wish."""
    text = _sentence(text)
    with transaction.atomic():
        person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        waiting = Correction.objects.filter(user=person, state=Correction.State.OPEN)
        same = waiting.filter(text=text).first()
        if same is not None:
            return same
        if waiting.count() >= MOST_OPEN:
            raise CorrectionError(
                _("%(count)s of your wishes are still waiting. Please wait for an answer.")
                % {"count": MOST_OPEN}
            )
        correction = Correction.objects.create(user=person, text=text)
        record("correction.ask", actor=person, target=correction, request=request)
    return correction


def correction_answer(
    *,
    actor: Any,
    correction: Correction,
    done: bool,
    answer: str,
    request: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> Correction:
    """Answer once. Raises PermissionDenied, CorrectionError."""
    check_can_answer(actor, correction)
    answer = _sentence(answer)
    with transaction.atomic():
        correction = Correction.objects.select_for_update().get(pk=correction.pk)
        if correction.state != Correction.State.OPEN:
            raise CorrectionError(_("This was answered in the meantime."))
        correction.state = Correction.State.DONE if done else Correction.State.REFUSED
        correction.answer = answer
        correction.answered_by = actor
        correction.answered_at = now or timezone.now()
        correction.save(update_fields=["state", "answer", "answered_by", "answered_at"])
        record(
            "data.correct",
            actor=actor,
            target=correction.user,
            request=request,
            correction=correction.pk,
            state=str(correction.state),
        )
    return correction


def check_can_answer(actor: Any, correction: Correction) -> None:
    """Whoever keeps the person's data; never for oneself."""
    if actor.pk == correction.user_id:
        raise PermissionDenied(_("Nobody does this for their own account."))
    check_can_keep_person(actor, correction.user)


def corrections_for(keeper: Any) -> QuerySet[Correction]:
    """The wishes of the people that the keeper keeps, waiting ones first; `unit_id` is the unit
    in whose roster the person stands: the home branch, else where they learn, else the host branch.
    """
    units = scope.managed_units(keeper, roles=ROSTER_KEEPERS)
    within = Q(pk__in=())
    for path in scope.outermost({unit.path for unit in units}):
        within |= scope.subtree(path, "organization")
    kind, current = Membership.Kind, Membership.objects.current()
    homes = current.filter(kind=kind.HOME).values("user")
    others = current.exclude(kind=kind.HOST).values("user")
    ties = current.filter(within).exclude(kind=kind.LEARNER, user__in=homes)
    ties = ties.exclude(kind=kind.HOST, user__in=others)
    return (
        Correction.objects.filter(user__in=ties.values("user"))
        .exclude(user=keeper)
        .annotate(unit_id=Subquery(ties.filter(user=OuterRef("user")).values("organization")[:1]))
        .select_related("user")
        .order_by(F("answered_at").desc(nulls_first=True), "created_at", "pk")
    )


def _sentence(text: str) -> str:
    text = " ".join(text.replace("\x00", "").split())
    if not text:
        raise CorrectionError(_("Please write a sentence."))
    if len(text) > LENGTH:
        raise CorrectionError(_("Please keep it below %(count)s characters.") % {"count": LENGTH})
    try:
        check_no_identity_card(text)
    except PeopleError as problem:
        raise CorrectionError(str(problem)) from problem
    return text
