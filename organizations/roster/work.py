"""Working an import to its end, one claim at a time: check, or write and report.

Whatever is written, is written chunk by chunk, each in one transaction together with what became
of its rows: after kill -9 the next claim goes on with the rows that have no outcome yet. Nothing
here knows Celery.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import platform
import uuid

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from audit import log
from organizations.models import RosterImport, RosterRow
from organizations.roster import files
from organizations.roster.checking import CHUNK, LeaseLost, held, import_check
from organizations.roster.imports import check_can_import, import_count
from organizations.roster.outcome import outcome_write
from organizations.roster.people_commit import people_commit
from organizations.roster.people_facts import FactsLoader, Reach
from organizations.roster.problems import FileProblem
from organizations.roster.transitions import (
    ATTEMPTS,
    NO_LEASE,
    Claim,
    import_move,
    work_claim,
    work_free,
)
from organizations.roster.unit_commit import units_commit

State, Plan, Outcome = RosterImport.State, RosterRow.Plan, RosterRow.Outcome
CLAIMABLE = {
    State.UPLOADED: State.CHECKING,
    State.CHECKING: State.CHECKING,
    State.COMMITTING: State.COMMITTING,
    State.DONE: State.DONE,
    State.CANCELLED: State.CANCELLED,
}

logger = logging.getLogger(__name__)


def owner() -> str:
    return f"{platform.node()[:60]}:{os.getpid()}"


def import_work(*, key: uuid.UUID, now: dt.datetime | None = None) -> bool:
    """Do what is to be done next for an import. False when there was nothing, or it is held."""
    claimed = work_claim(
        RosterImport,
        key,
        states={str(before): str(after) for before, after in CLAIMABLE.items()},
        owner=owner(),
        now=now or timezone.now(),
    )
    if claimed is None:
        _give_up(key)
        return False
    claim, state = claimed
    roster_import = RosterImport.objects.select_related("who", "unit").get(pk=key)
    try:
        if state == State.CHECKING:
            _check(roster_import, claim)
        elif state == State.COMMITTING:
            _commit(roster_import, claim)
            _report(roster_import, claim)
        else:
            _report(roster_import, claim)
    except PermissionDenied:
        reason = ["not_kept", {}]
        import_move("fail", key, claim=claim, reason=reason, finished_at=timezone.now(), **NO_LEASE)
    except LeaseLost:
        logger.info("Import %s: stopped, the lease is gone", key)
    except (DatabaseError, OSError):
        logger.exception("Import %s: attempt %s failed", key, claim.attempt)
        _release(claim)
    return True


def _check(roster_import: RosterImport, claim: Claim) -> None:
    try:
        import_check(roster_import=roster_import, claim=claim, today=timezone.localdate())
    except FileProblem as problem:
        with transaction.atomic():
            refused = import_move(
                "refuse",
                claim.uuid,
                claim=claim,
                reason=list(problem.message),
                finished_at=timezone.now(),
                rows_total=0,
                source="",
                **NO_LEASE,
            )
            if not refused:
                raise LeaseLost from problem
            RosterRow.objects.filter(roster_import=claim.uuid).delete()
            log.record(
                "roster.import",
                actor=roster_import.who,
                target=roster_import,
                result="failed",
                kind=str(roster_import.kind),
                reason=problem.code,
                **{name: n for name, n in problem.params.items() if name == "foreign"},
            )
        files.file_remove(roster_import.source)


def _commit(roster_import: RosterImport, claim: Claim) -> None:
    _settle(claim)
    if roster_import.who is not None and roster_import.unit is not None:
        check_can_import(roster_import.who, roster_import.unit, roster_import.kind)
    waiting = RosterRow.objects.filter(roster_import=claim.uuid, outcome="").order_by(
        "step", "number"
    )
    reach = Reach(who=roster_import.who, unit=roster_import.unit)
    loader = FactsLoader(reach, today=timezone.localdate())
    size = CHUNK
    while rows := list(waiting[:size]):
        try:
            with transaction.atomic():
                # Progress has been made, so earlier failures no longer count.
                held(claim, attempts=1, rows_done=F("rows_done") + len(rows))
                if roster_import.kind == RosterImport.Kind.UNITS:
                    units_commit(roster_import=roster_import, rows=rows)
                else:
                    people_commit(roster_import=roster_import, rows=rows, loader=loader)
            size = min(CHUNK, size * 2)
        except IntegrityError:
            # Somebody may be entering the same person by hand. A smaller chunk is decided anew,
            # down to the row that clashes, which alone is refused.
            if len(rows) == 1:
                _refuse(claim, rows[0])
            size = max(1, len(rows) // 2)
    _finish(roster_import, claim)


def _refuse(claim: Claim, row: RosterRow) -> None:
    logger.warning("Import %s: row %s clashes with the database", claim.uuid, row.number)
    with transaction.atomic():
        held(claim, attempts=1, rows_done=F("rows_done") + 1)
        RosterRow.objects.filter(pk=row.pk).update(
            outcome=Outcome.REFUSED, messages=[["changed_since_check", {}]]
        )


def _settle(claim: Claim) -> None:
    """Rows that need no act have their outcome at once."""
    with transaction.atomic():
        rows = RosterRow.objects.filter(roster_import=claim.uuid, outcome="")
        same = rows.filter(plan=Plan.SAME).update(outcome=Outcome.SAME)
        refused = rows.filter(plan=Plan.REFUSE).update(outcome=Outcome.REFUSED)
        held(claim, rows_done=F("rows_done") + same + refused)


def _finish(roster_import: RosterImport, claim: Claim) -> None:
    with transaction.atomic():
        held(claim)
        import_count(claim.uuid)
        outcomes = RosterImport.objects.values_list("outcomes", flat=True).get(pk=claim.uuid)
        import_move(
            "finish",
            claim.uuid,
            claim=claim,
            finished_at=timezone.now(),
            rows_done=F("rows_total"),
            attempts=0,
        )
        log.record(
            "roster.import",
            actor=roster_import.who,
            target=roster_import,
            kind=str(roster_import.kind),
            outcomes=outcomes,
        )


def _report(roster_import: RosterImport, claim: Claim) -> None:
    """The uploaded columns with what became of each row; made once."""
    with files.file_draft() as draft:
        outcome_write(roster_import, draft, alive=lambda: held(claim))
        name = files.file_put(f"imports/{claim.uuid}/outcome.xlsx", draft)
    held(claim, outcome=name)
    _release(claim)


def _release(claim: Claim) -> None:
    RosterImport.objects.filter(pk=claim.uuid, fence=claim.fence).update(**NO_LEASE)


def _give_up(key: uuid.UUID) -> None:
    """After three attempts without progress a person has to look at it."""
    now = timezone.now()
    rows = RosterImport.objects.filter(work_free(now), pk=key, attempts__gte=ATTEMPTS)
    if rows.exists():
        import_move("fail", key, reason=["gave_up", {}], finished_at=now, **NO_LEASE)
        import_count(key)
