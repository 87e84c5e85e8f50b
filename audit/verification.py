"""Walking the chain: is every entry as it was written, in its place, and none missing?

Reads in chunks with constant memory. What is found is told as a `Finding`, never raised; who
asked decides what follows. `log_verify` also notes the outcome in the log itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from audit import anchor as anchors
from audit.anchor import Anchor, AnchorForged, AnchorMismatch, AnchorMissing
from audit.canonical import FIELDS, Sealed
from audit.chain import ChainBroken, digest_at, entry_digest
from audit.guards import guards_missing
from audit.log import record
from audit.models import AuditEntry, AuditHead

CHUNK = 2000


@dataclass(frozen=True)
class Finding:
    """`problem` is "" when all is well, else a code; `position` is the first entry in doubt."""

    entries: int
    problem: str = ""
    position: int | None = None
    message: str = ""

    @property
    def ok(self) -> bool:
        return not self.problem


class _Doubt(Exception):
    def __init__(self, problem: str, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.problem, self.position = problem, position


def log_verify(*, actor: Any = None, request: Any = None, newest: int | None = None) -> Finding:
    """`chain_verify`, noted in the log as `audit.verify`."""
    found = chain_verify(newest=newest)
    about: dict[str, Any] = {"entries": found.entries}
    if newest:
        about["newest"] = newest
    if found.problem:
        about |= {"problem": found.problem, "position": found.position}
    result = AuditEntry.Result.DONE if found.ok else AuditEntry.Result.FAILED
    # Without its head the log takes nothing more; the finding says so.
    with contextlib.suppress(ChainBroken):
        record("audit.verify", actor=actor, request=request, result=result, **about)
    return found


def chain_verify(*, newest: int | None = None, anchored: bool = True) -> Finding:
    """Check the whole log, or only its `newest` entries, against head, anchor and triggers.

    Entries that are written meanwhile are left for the next time. An anchor that stands behind,
    because a process ended between commit and anchor, is moved up. `anchored=False` leaves the
    anchor out: after a restore, before a new one is accepted.
    """
    anchor = _anchor() if anchored else None
    # One statement, so one moment: the head, and the last entry that is there.
    last = AuditEntry.objects.order_by("-position").values("position")[:1]
    head = AuditHead.objects.annotate(last=Coalesce(Subquery(last), 0)).first()
    end = head.last if head else AuditEntry.objects.aggregate(n=Max("position"))["n"] or 0
    try:
        if head is None:
            if end or (isinstance(anchor, Anchor) and anchor.position):
                raise _Doubt("head", _("The row that says where the log ends is missing."), end)
            return Finding(0)
        _check_anchor_is_ours(anchor, head)
        start = max(end - newest, 0) if newest else 0
        _walk(head, start, end, anchor)
        if anchored:
            _check_anchor(anchor, head, end)
        if missing := guards_missing(connection):
            text = _(
                "Triggers that protect the log are missing or altered: %(names)s. Run migrate."
            )
            raise _Doubt("guards", text % {"names": ", ".join(missing)})
    except _Doubt as doubt:
        return Finding(end, doubt.problem, doubt.position, str(doubt))
    return Finding(end)


def _walk(head: Any, start: int, end: int, anchor: Any) -> None:
    previous = digest_at(start) if start else ""
    expected = start
    for facts, digest in _entries(start, end):
        expected += 1
        if facts.position > expected:
            text = _("Entry %(position)s is missing: it was removed.")
            raise _Doubt("missing", text % {"position": expected}, expected)
        if facts.position < expected or digest != entry_digest(head.chain, previous, facts):
            if expected == 1 and isinstance(anchor, AnchorForged):
                text = _(
                    "Neither the first entry nor the anchor fits AUDIT_KEY. Is it the right one?"
                )
                raise _Doubt("key", text, 1)
            text = _(
                "Entry %(position)s is not as it was written: it was altered, inserted or moved."
            )
            raise _Doubt("altered", text % {"position": facts.position}, facts.position)
        previous = digest
    if not start and AuditEntry.objects.filter(position__lte=end).count() != end:
        raise _Doubt("inserted", _("There are entries without a place of their own."), end)
    if head.position > end:
        text = _("Entries %(first)s to %(last)s are missing at the end of the log.")
        raise _Doubt("truncated", text % {"first": end + 1, "last": head.position}, end + 1)
    if head.position < end:
        text = _("Entries from %(position)s on were inserted: the log ended before them.")
        raise _Doubt("inserted", text % {"position": head.position + 1}, head.position + 1)
    if head.digest != previous:
        raise _Doubt("head", _("The row that says where the log ends was altered."), end)


def _entries(start: int, end: int) -> Iterator[tuple[Sealed, str]]:
    last = start
    while True:
        rows = list(
            AuditEntry.objects.filter(position__gt=last, position__lte=end)
            .order_by("position", "id")
            .values_list(*FIELDS, "digest")[:CHUNK]
        )
        for *facts, digest in rows:
            yield Sealed._make(facts), digest
        if len(rows) < CHUNK:
            return
        last = rows[-1][0]


# -- the anchor ------------------------------------------------------------------------------------


def _anchor() -> Anchor | AnchorForged | AnchorMissing | OSError:
    """The anchor, or why there is none; read before the log, which is then never behind it."""
    try:
        return anchors.anchor_read()
    except (AnchorMissing, AnchorForged, OSError) as problem:
        return problem


def _check_anchor_is_ours(anchor: Any, head: Any) -> None:
    if isinstance(anchor, Anchor) and anchor.chain != head.chain and anchor.position:
        raise _Doubt(
            "foreign",
            _(
                "The anchor in %(path)s belongs to another database. If this one was made anew on "
                'purpose, run: manage.py audit_anchor --accept "reason".'
            )
            % {"path": settings.AUDIT_ANCHOR},
        )


def _check_anchor(anchor: Any, head: Any, end: int) -> None:
    path = {"path": settings.AUDIT_ANCHOR or "AUDIT_ANCHOR"}
    if isinstance(anchor, AnchorForged):
        raise _Doubt("forged", _("The anchor in %(path)s was altered.") % path)
    if isinstance(anchor, AnchorMissing):
        if end:
            raise _Doubt(
                "anchor",
                _("The anchor in %(path)s is missing, so nobody can tell where the log ended.")
                % path,
            )
        return
    if isinstance(anchor, OSError):
        text = _("The anchor in %(path)s cannot be read: %(problem)s")
        raise _Doubt("anchor", text % {**path, "problem": anchor.strerror})
    if anchor.position > end:
        text = _("Entries %(first)s to %(last)s are missing at the end of the log.")
        raise _Doubt("truncated", text % {"first": end + 1, "last": anchor.position}, end + 1)
    if anchor.position and digest_at(anchor.position) != anchor.digest:
        raise _Doubt(
            "rewritten",
            _(
                "Entry %(position)s is not the one that the anchor names: the end of the log was "
                "cut off and written anew."
            )
            % {"position": anchor.position},
            anchor.position,
        )
    if anchor.position < head.position:
        _catch_up(head, path)


def _catch_up(head: Any, path: dict[str, Any]) -> None:
    now = (head.position, head.digest)
    try:
        anchors.anchor_move(Anchor(head.chain, *now), now, digest_at)
    except OSError as problem:
        text = _("The anchor in %(path)s stands behind the log and cannot be written: %(problem)s")
        raise _Doubt("anchor", text % {**path, "problem": problem.strerror}) from problem
    except (AnchorMissing, AnchorForged, AnchorMismatch) as problem:
        # It changed since it was read a moment ago.
        raise _Doubt("forged", _("The anchor in %(path)s was altered.") % path) from problem
