"""Acts of a person on an import: upload, confirm, cancel, try again. The work is in `work`."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import log
from organizations.models import Organization, RosterExport, RosterImport, RosterRow
from organizations.permissions import check_can_create_below, check_can_keep_people
from organizations.roster import files
from organizations.roster.guard import Limits
from organizations.roster.transitions import ATTEMPTS, NO_LEASE, import_move, work_free
from organizations.roster.wakeups import IMPORT, work_wake_on_commit

State = RosterImport.State


class RosterError(Exception):
    """An act on an import or export is not possible; the message says why and what to do."""


def limits() -> Limits:
    return Limits(file_bytes=settings.ROSTER_MAX_BYTES, rows=settings.ROSTER_MAX_ROWS)


def check_can_import(user: Any, unit: Organization, kind: str) -> None:
    """Raise PermissionDenied unless the user keeps the people, or the units, from here down."""
    if kind == RosterImport.Kind.UNITS:
        check_can_create_below(user, unit)
    else:
        check_can_keep_people(user, unit)


def import_create(
    *,
    actor: Any,
    unit: Organization | None,
    kind: str,
    file: File,
    file_name: str,
    key: uuid.UUID | None = None,
    wake: bool = True,
    request: HttpRequest | None = None,
) -> RosterImport:
    """Keep an uploaded file and queue its check.

    `key` is that of the form, so that a form that is sent twice makes one import. Only the shell
    comes without an actor. Raises RosterError and PermissionDenied.
    """
    if actor is not None:
        if unit is None:
            raise PermissionDenied(_("You do not keep the roster of this unit."))
        check_can_import(actor, unit, kind)
    key = key or uuid.uuid4()
    if (found := RosterImport.objects.filter(pk=key, who=actor).first()) is not None:
        return found
    if not file.size:
        raise RosterError(_("The file is empty."))
    if file.size > settings.ROSTER_MAX_BYTES:
        raise RosterError(
            _("The file is larger than %(limit)s MB. Please split it into several files.")
            % {"limit": settings.ROSTER_MAX_BYTES // 1024**2}
        )
    name = files.file_put(f"imports/{key}/source", file)
    try:
        with transaction.atomic():
            made = RosterImport.objects.create(
                uuid=key,
                kind=kind,
                who=actor,
                unit=unit,
                file_name=file_name.replace("\x00", "")[-120:],
                source=name,
            )
            if wake:
                work_wake_on_commit(IMPORT, made.pk)
    except IntegrityError:
        found = RosterImport.objects.filter(pk=key, who=actor).first()
        if found is None:
            raise
        return found
    return made


def import_confirm(
    *,
    actor: Any,
    roster_import: RosterImport,
    wake: bool = True,
    request: HttpRequest | None = None,
) -> bool:
    """Write what was checked. False when that has been asked for already."""
    if actor is not None and roster_import.unit is not None:
        check_can_import(actor, roster_import.unit, roster_import.kind)
    with transaction.atomic():
        moved = import_move(
            "confirm",
            roster_import.pk,
            attempts=0,
            rows_done=0,
            fence=F("fence") + 1,
            **NO_LEASE,
        )
        if moved and wake:
            work_wake_on_commit(IMPORT, roster_import.pk)
    if not moved and _state(roster_import) not in (State.COMMITTING, State.DONE):
        raise RosterError(_("There is nothing to write any more. Please upload the file again."))
    return moved


@transaction.atomic
def import_cancel(
    *, actor: Any, roster_import: RosterImport, now: dt.datetime | None = None
) -> bool:
    """Stop an import; what was written stays written. False when it was over already."""
    moved = import_move(
        "cancel",
        roster_import.pk,
        finished_at=now or timezone.now(),
        fence=F("fence") + 1,
        **NO_LEASE,
    )
    if not moved:
        return False
    rows = RosterRow.objects.filter(roster_import=roster_import.pk)
    if rows.filter(roster_import__checked_at=None).delete()[0]:
        # Half an answer is none; the limits on what is told are met at the end of a check.
        RosterImport.objects.filter(pk=roster_import.pk).update(rows_total=0, rows_done=0)
    import_count(roster_import.pk)
    outcomes = RosterImport.objects.values_list("outcomes", flat=True).get(pk=roster_import.pk)
    log.record(
        "roster.import", actor=actor, target=roster_import, result="failed", stopped=True,
        kind=str(roster_import.kind), outcomes=outcomes,
    )  # fmt: skip
    return True


@transaction.atomic
def import_retry(*, actor: Any, roster_import: RosterImport, wake: bool = True) -> None:
    """Go on with an import that a failure stopped, where it stopped. Raises RosterError."""
    if roster_import.who_id != (actor.pk if actor is not None else None):
        raise PermissionDenied
    back = State.COMMITTING if roster_import.checked_at else State.UPLOADED
    rows = RosterImport.objects.filter(pk=roster_import.pk, state=State.FAILED)
    if not rows.update(state=back, attempts=0, reason=[], finished_at=None, **NO_LEASE):
        raise RosterError(_("This import is not waiting for another try."))
    if wake:
        work_wake_on_commit(IMPORT, roster_import.pk)


def import_count(key: uuid.UUID) -> None:
    """Count anew what became of the rows."""
    rows = RosterRow.objects.filter(roster_import=key).order_by()
    found = rows.exclude(outcome="").values_list("outcome").annotate(n=Count("pk"))
    RosterImport.objects.filter(pk=key).update(outcomes=dict(found))


def outcome_is_due(one: RosterImport) -> bool:
    """Whether a worker still makes its workbook; the same as `works_due` asks of all."""
    return (
        one.state in (State.DONE, State.CANCELLED)
        and not one.outcome
        and one.checked_at is not None
        and one.source != ""
        and one.rows_total != 0
        and one.attempts < ATTEMPTS
    )


def works_due(now: dt.datetime) -> tuple[Any, Any]:
    """Imports and exports that nobody holds and that a worker could go on with."""
    free = work_free(now)
    unreported = Q(
        state__in=(State.DONE, State.CANCELLED),
        outcome="",
        checked_at__isnull=False,
        source__gt="",  # not yet removed for its age
        attempts__lt=ATTEMPTS,
    )
    working = Q(state__in=(State.UPLOADED, State.CHECKING, State.COMMITTING))
    imports = RosterImport.objects.filter(free, working | unreported & ~Q(rows_total=0))
    exports = RosterExport.objects.filter(
        free, state__in=(RosterExport.State.WAITING, RosterExport.State.MAKING)
    )
    return imports, exports


def _state(roster_import: RosterImport) -> str:
    return str(RosterImport.objects.values_list("state", flat=True).get(pk=roster_import.pk))
