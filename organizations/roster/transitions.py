"""When an import or an export changes its state, and the conditional updates that change it.

The rows are the queue: a worker holds a `Claim`, whose fence every later write carries. Once
somebody else has claimed the row, or a person has cancelled it, those writes change nothing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q

from organizations.models import RosterExport, RosterImport

# Renewed with every chunk of rows, which takes a second or two.
LEASE = dt.timedelta(seconds=90)
ATTEMPTS = 3

S = RosterImport.State
# verb: (states before, state after)
IMPORT: dict[str, tuple[tuple[str, ...], str]] = {
    "check": ((S.UPLOADED, S.CHECKING), S.CHECKING),
    "checked": ((S.CHECKING,), S.CHECKED),
    "refuse": ((S.CHECKING,), S.REFUSED),
    "confirm": ((S.CHECKED,), S.COMMITTING),
    "finish": ((S.COMMITTING,), S.DONE),
    "cancel": ((S.UPLOADED, S.CHECKING, S.CHECKED, S.COMMITTING), S.CANCELLED),
    "fail": ((S.CHECKING, S.COMMITTING), S.FAILED),
}
X = RosterExport.State
EXPORT: dict[str, tuple[tuple[str, ...], str]] = {
    "make": ((X.WAITING, X.MAKING), X.MAKING),
    "finish": ((X.MAKING,), X.DONE),
    "fail": ((X.MAKING,), X.FAILED),
    "expire": ((X.DONE,), X.EXPIRED),
}
NO_LEASE: dict[str, Any] = {"lease_owner": "", "lease_expires_at": None}


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to an import or export, as of the moment it was claimed."""

    uuid: uuid.UUID
    fence: int
    attempt: int


def work_free(now: dt.datetime) -> Q:
    """Rows that nobody holds."""
    return Q(lease_expires_at=None) | Q(lease_expires_at__lt=now)


def import_move(
    verb: str, key: uuid.UUID, /, *, claim: Claim | None = None, **changes: Any
) -> bool:
    """Make the transition if the import is where it begins (and still held); of two, one does."""
    return _move(RosterImport, IMPORT[verb], key, claim, changes)


def export_move(
    verb: str, key: uuid.UUID, /, *, claim: Claim | None = None, **changes: Any
) -> bool:
    return _move(RosterExport, EXPORT[verb], key, claim, changes)


def _move(
    model: Any,
    rule: tuple[Sequence[str], str],
    key: uuid.UUID,
    claim: Claim | None,
    changes: dict[str, Any],
) -> bool:
    before, after = rule
    rows = model.objects.filter(pk=key, state__in=before)
    if claim is not None:
        rows = rows.filter(fence=claim.fence)
    return bool(rows.update(state=after, **changes))


def work_claim(
    model: Any, key: uuid.UUID, /, *, states: dict[str, str], owner: str, now: dt.datetime
) -> tuple[Claim, str] | None:
    """Claim one row in one of `states` (before → while it is worked); None when it is held."""
    for before, after in states.items():
        rows = model.objects.filter(work_free(now), pk=key, state=before, attempts__lt=ATTEMPTS)
        seen = rows.values_list("fence", "attempts").first()
        if seen is None:
            continue
        fence, attempts = seen
        if rows.filter(fence=fence).update(
            state=after,
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,
            lease_owner=owner,
            lease_expires_at=now + LEASE,
        ):
            return Claim(key, fence + 1, attempts + 1), after
    return None


def work_held(model: Any, claim: Claim, /, *, now: dt.datetime, **changes: Any) -> bool:
    """Write and keep the lease, if the claim still holds; also locks the row until commit."""
    rows = model.objects.filter(pk=claim.uuid, fence=claim.fence)
    return bool(rows.update(lease_expires_at=now + LEASE, **changes))
