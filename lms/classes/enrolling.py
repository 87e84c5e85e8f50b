"""Rules at work: a pass enrols chunk by chunk, marks who no longer fits, and goes on after a kill.

The rule's row is the queue (`organizations.roster.transitions`): a claim with a fence and a lease.
Each chunk is one transaction with the cursor in it, so after kill -9 the next claim goes on with
the people that nobody has looked at. Nothing here knows Celery.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.utils import timezone

from audit import log
from audit.models import AuditEntry
from lms.classes.enrolments import people_enrol
from lms.classes.matching import homes_of, ties_of
from lms.classes.models import Enrolment, EnrolmentRule
from organizations.roster.transitions import (
    ATTEMPTS,
    NO_LEASE,
    Claim,
    work_claim,
    work_free,
    work_held,
)
from organizations.roster.work import owner

State = EnrolmentRule.State
CHUNK = 1000
# An entry may be told some time before its transaction ends.
SLACK = dt.timedelta(minutes=2)
EVERY = dt.timedelta(hours=20)
# Acts after which somebody may fit a rule, or fit no longer.
ROSTER = ("person.", "membership.", "tag.", "post.", "unit.", "roster.")

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Somebody else has claimed the rule, or a person has ended it."""


def rule_work(*, key: uuid.UUID, now: dt.datetime | None = None) -> bool:
    """One pass of a rule. False when there was nothing to do, or another worker holds it."""
    now = now or timezone.now()
    states = {str(State.WAITING): str(State.RUNNING), str(State.RUNNING): str(State.RUNNING)}
    claimed = work_claim(EnrolmentRule, key, states=states, owner=owner(), now=now)
    if claimed is None:
        _give_up(key, now)
        return False
    claim, _state = claimed
    rule = EnrolmentRule.objects.select_related("training_class__plan", "unit", "created_by").get(
        pk=key
    )
    try:
        _pass(rule, claim, now)
    except LeaseLost:
        logger.info("Rule %s: stopped, the lease is gone", key)
    except DatabaseError:
        logger.exception("Rule %s: attempt %s failed", key, claim.attempt)
        EnrolmentRule.objects.filter(pk=key, fence=claim.fence).update(**NO_LEASE)
    return True


def _pass(rule: EnrolmentRule, claim: Claim, now: dt.datetime) -> None:
    homes = homes_of(ties_of(rule))
    if not rule.cursor:
        _held(claim, begun_at=now, found=len(homes), looked_at=0, enrolled=0)
    left = [person for person in homes if person > rule.cursor]
    for start in range(0, len(left), CHUNK):
        some = left[start : start + CHUNK]
        with transaction.atomic():
            _held(claim)
            count = people_enrol(
                training_class=rule.training_class,
                homes=((person, homes[person]) for person in some),
                origin=Enrolment.Origin.RULE,
                rule=rule,
                returning=False,
            )
            _held(
                claim,
                cursor=some[-1],
                attempts=1,
                looked_at=F("looked_at") + len(some),
                enrolled=F("enrolled") + count,
            )
    _mark(rule, homes, claim)
    _finish(rule, claim)


def _mark(rule: EnrolmentRule, homes: dict[int, int], claim: Claim) -> None:
    """Who no longer fits is marked, who fits again is not; nobody is taken out."""
    if not rule.stays_fresh or rule.lacking:
        return
    rows = Enrolment.objects.open().filter(rule=rule)
    today = timezone.localdate()
    facts = rows.values_list("pk", "user_id", "unfit_since").iterator(chunk_size=5000)
    gone, back = [], []
    for pk, user, since in facts:
        if user not in homes and since is None:
            gone.append(pk)
        elif user in homes and since is not None:
            back.append(pk)
    gone = _fitting_no_other(rule, gone)
    for ids, since in ((gone, today), (back, None)):
        for start in range(0, len(ids), CHUNK):
            with transaction.atomic():
                _held(claim)
                rows.filter(pk__in=ids[start : start + CHUNK]).update(unfit_since=since)


def _fitting_no_other(rule: EnrolmentRule, gone: list[int]) -> list[int]:
    """Without those whom another rule of the run meets."""
    others = EnrolmentRule.objects.filter(
        training_class=rule.training_class, stays_fresh=True
    ).exclude(Q(pk=rule.pk) | Q(state=State.ENDED))
    for other in others.select_related("training_class__plan", "unit") if gone else ():
        met = homes_of(ties_of(other))
        users = dict(Enrolment.objects.filter(rule=rule, pk__in=gone).values_list("pk", "user_id"))
        gone = [pk for pk in gone if users.get(pk) not in met]
    return gone


@transaction.atomic
def _finish(rule: EnrolmentRule, claim: Claim) -> None:
    _held(claim, state=State.DONE, finished_at=timezone.now(), cursor=0, attempts=0)
    EnrolmentRule.objects.filter(pk=claim.uuid, fence=claim.fence).update(**NO_LEASE)
    enrolled = EnrolmentRule.objects.values_list("enrolled", flat=True).get(pk=claim.uuid)
    if enrolled:
        log.record(
            "enrolment.rule", actor=rule.created_by, target=rule.training_class, people=enrolled
        )


def _held(claim: Claim, **changes: Any) -> None:
    if not work_held(EnrolmentRule, claim, now=timezone.now(), **changes):
        raise LeaseLost


def _give_up(key: uuid.UUID, now: dt.datetime) -> None:
    """After three attempts without progress a person has to look at it."""
    rows = EnrolmentRule.objects.filter(
        work_free(now), pk=key, state__in=(State.WAITING, State.RUNNING), attempts__gte=ATTEMPTS
    )
    rows.update(state=State.FAILED, finished_at=now, **NO_LEASE)


# -- which rules have work to do -------------------------------------------------------------------


def rules_due(*, now: dt.datetime | None = None) -> list[uuid.UUID]:
    """Wake the rules of runs that are not over, once a day and after each change of the roster;
    the keys of all that a worker could go on with.
    """
    now = now or timezone.now()
    fresh = EnrolmentRule.objects.filter(
        state=State.DONE,
        stays_fresh=True,
        training_class__ends_on__gte=timezone.localdate(now),
    )
    oldest = fresh.order_by("begun_at").values_list("begun_at", flat=True).first()
    changed = _roster_changed_at(since=oldest - SLACK) if oldest else None
    stale = Q(begun_at__lt=now - EVERY)
    if changed is not None:
        stale |= Q(begun_at__lt=changed + SLACK)
    ids = list(fresh.filter(stale).values_list("pk", flat=True))
    EnrolmentRule.objects.filter(pk__in=ids, state=State.DONE).update(
        state=State.WAITING, attempts=0, cursor=0
    )
    waiting = EnrolmentRule.objects.filter(work_free(now), state__in=(State.WAITING, State.RUNNING))
    return list(waiting.order_by("created_at").values_list("pk", flat=True))


def _roster_changed_at(*, since: dt.datetime) -> dt.datetime | None:
    """When somebody last changed people, ties, posts, tags or units: the log says it, whichever
    way they were changed.
    """
    acts = Q()
    for prefix in ROSTER:
        acts |= Q(action__startswith=prefix)
    looks = Q(action__in=("person.view", "person.reveal", "roster.export"))
    entries = AuditEntry.objects.filter(acts, ~looks, at__gte=since, result=AuditEntry.Result.DONE)
    return entries.order_by("-position").values_list("at", flat=True).first()
