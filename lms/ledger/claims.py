"""Acts on claims of hours learnt elsewhere: claim, change, withdraw, check, approve, send back,
refuse.

When an act is possible stands in `STEPS`; doing it again is nothing. Approving books the hours in
the same transaction, refusing what was approved takes them back.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import log
from lms.ledger.books import books_hold
from lms.ledger.entries import person_settle
from lms.ledger.evidence_files import Checked, file_put, file_remove
from lms.ledger.external import CODE
from lms.ledger.models import ExternalClaim
from lms.ledger.permissions import check_can_approve_claim, check_can_check_claim
from lms.ledger.statements import closing_of, first_year
from lms.ledger.telling import claim_tell, claim_untell
from organizations import scope

State = ExternalClaim.State
Check = Callable[[Any, ExternalClaim], None]

WAITING = (State.CHECKING, State.APPROVING)
# Claims of one person that may wait at a time.
MOST_WAITING = 20

# Act → from which states, into which.
STEPS: dict[str, tuple[tuple[str, ...], str]] = {
    "change": ((State.SENT_BACK, State.CHECKING), State.CHECKING),
    "withdraw": ((State.SENT_BACK, State.CHECKING, State.APPROVING), State.WITHDRAWN),
    "check": ((State.CHECKING,), State.APPROVING),
    "approve": ((State.APPROVING,), State.APPROVED),
    "send_back": ((State.CHECKING, State.APPROVING), State.SENT_BACK),
    "refuse": ((State.CHECKING, State.APPROVING, State.APPROVED), State.REFUSED),
}


class ClaimError(Exception):
    """This cannot be done with the claim now; the message says why."""


def day_problem(learnt_on: dt.date, *, today: dt.date) -> str:
    """Why nothing can be claimed for this day; "" when it can."""
    if learnt_on > today:
        return _("This day has not come yet. Please claim after it is over.")
    if learnt_on.year < first_year(today):
        return _("Hours are claimed for this year and the last one.")
    if closing_of(learnt_on.year) is not None:
        return _("The year %(year)s is closed; nothing more can be claimed for it.") % {
            "year": learnt_on.year
        }
    return ""


@transaction.atomic
def claim_make(
    *,
    user: Any,
    wish: uuid.UUID,
    title: str,
    host: str,
    learnt_on: dt.date,
    hours: Decimal,
    file: Checked,
    file_name: str,
    now: dt.datetime | None = None,
) -> ExternalClaim:
    """The same wish again is the same claim. Raises PermissionDenied, ClaimError."""
    home = scope.home_branch(user)
    if home is None:
        raise PermissionDenied(_("Hours are claimed by people who belong to a branch."))
    now = now or timezone.now()
    if problem := day_problem(learnt_on, today=timezone.localdate(now)):
        raise ClaimError(problem)
    own = ExternalClaim.objects.filter(user=user)
    if (found := own.filter(wish=wish).first()) is not None:
        return found
    if own.filter(state__in=WAITING).count() >= MOST_WAITING:
        raise ClaimError(
            _("%(most)s of your claims wait already. Please wait until they are decided.")
            % {"most": MOST_WAITING}
        )
    kept = file_put(file)
    try:
        with transaction.atomic():
            claim = ExternalClaim.objects.create(
                user=user,
                organization=home,
                title=title,
                host=host,
                learnt_on=learnt_on,
                hours=hours,
                wish=wish,
                file=kept,
                file_name=file_name,
                claimed_at=now,
            )
    except IntegrityError:  # the same wish, at the same moment
        file_remove(kept)
        if (found := own.filter(wish=wish).first()) is not None:
            return found
        raise ClaimError(_("Please reload the page and hand it in once more.")) from None
    log.record("claim.make", actor=user, target=claim, hours=str(hours))
    return claim


@transaction.atomic
def claim_change(
    *, claim: ExternalClaim, user: Any, file: Checked | None, file_name: str, **facts: Any
) -> None:
    """Raises PermissionDenied, ClaimError."""
    _check_own(user, claim)
    if problem := day_problem(facts["learnt_on"], today=timezone.localdate()):
        raise ClaimError(problem)
    claim = _locked(claim)
    _check_step(claim, "change")
    for name, value in facts.items():
        setattr(claim, name, value)
    if file is not None:
        old, claim.file, claim.file_name = claim.file, file_put(file), file_name
        transaction.on_commit(partial(file_remove, old))
    claim.state, claim.reason = State.CHECKING, ""
    claim.checked_by = claim.checked_at = None
    claim.save()
    claim_untell(claim)
    log.record("claim.change", actor=user, target=claim)


def claim_withdraw(*, claim: ExternalClaim, user: Any) -> None:
    _act(claim, "withdraw", user, _check_own)


def claim_check(*, claim: ExternalClaim, actor: Any) -> None:
    now = timezone.now()
    _act(claim, "check", actor, check_can_check_claim, checked_by=actor, checked_at=now)


def claim_approve(*, claim: ExternalClaim, actor: Any) -> None:
    now = timezone.now()
    _act(claim, "approve", actor, check_can_approve_claim, decided_by=actor, decided_at=now)


def claim_send_back(*, claim: ExternalClaim, actor: Any, reason: str) -> None:
    _act(claim, "send_back", actor, check_can_answer_claim, reason=reason)


def claim_refuse(*, claim: ExternalClaim, actor: Any, reason: str) -> None:
    """By the branch while it checks, by the county from then on, also after approving."""
    now = timezone.now()
    _act(
        claim, "refuse", actor, check_can_answer_claim,
        reason=reason, decided_by=actor, decided_at=now,
    )  # fmt: skip


def check_can_answer_claim(actor: Any, claim: ExternalClaim) -> None:
    """Send back or refuse: whoever's turn it is."""
    waits_for_branch = claim.state in (State.CHECKING, State.SENT_BACK)
    check = check_can_check_claim if waits_for_branch else check_can_approve_claim
    check(actor, claim)


def _check_own(user: Any, claim: ExternalClaim) -> None:
    if claim.user_id != user.pk:
        raise PermissionDenied(_("This is somebody else's claim."))


@transaction.atomic
def _act(claim: ExternalClaim, act: str, actor: Any, check: Check, **changes: Any) -> None:
    """Raises PermissionDenied, ClaimError. Doing it again is nothing."""
    if "reason" in changes and not changes["reason"].strip():
        raise ClaimError(_("Please say why."))
    locked = _locked(claim)
    check(actor, locked)
    if locked.state == STEPS[act][1]:
        return
    if claim_mark(locked) != claim_mark(claim):
        raise ClaimError(_("The claim was changed meanwhile. Please look at it again."))
    _check_step(locked, act)
    books_hold()
    if act in ("check", "approve") and closing_of(locked.learnt_on.year) is not None:
        # It would move hours of the closed year into the running one (ADR 22).
        raise ClaimError(
            _("The year %(year)s is closed. Please refuse this claim, with that reason.")
            % {"year": locked.learnt_on.year}
        )
    for name, value in changes.items():
        setattr(locked, name, value)
    locked.state = STEPS[act][1]
    locked.save()
    person_settle(user_id=locked.user_id, source=CODE, keys=[locked.pk])
    claim_tell(locked, act)
    log.record(f"claim.{act}", actor=actor, target=locked, user=locked.user_id)


def claim_mark(claim: ExternalClaim) -> str:
    """What a claim says, in short. Pages send it back: nobody decides on what they never saw."""
    said = (claim.title, claim.host, claim.learnt_on, f"{claim.hours:.2f}", claim.file)
    return hashlib.sha256("\n".join(map(str, said)).encode()).hexdigest()[:16]


def _locked(claim: ExternalClaim) -> ExternalClaim:
    return ExternalClaim.objects.select_for_update(of=("self",)).get(pk=claim.pk)


def _check_step(claim: ExternalClaim, act: str) -> None:
    if claim.state not in STEPS[act][0]:
        raise ClaimError(
            _("Somebody has decided on this meanwhile (%(state)s). Please look at it again.")
            % {"state": claim.get_state_display()}
        )
