"""Anchoring the log where it ends now: after a restore, or when the anchor was lost.

It heals no altered entry; it only says that somebody with a shell knows why newer entries, or
the anchor, are gone. That is an entry of its own.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from audit import log
from audit.anchor import Anchor, AnchorForged, AnchorMissing, anchor_put, anchor_read
from audit.chain import digest_at, entries_append
from audit.models import AuditHead
from audit.verification import chain_verify

REASON_MAX = 200


class AnchorRefused(Exception):
    """The log cannot be anchored; the message is for the operator."""


def anchor_accept(*, reason: str) -> Anchor:
    """Anchor the log at the entry that says so. Raises AnchorRefused."""
    reason = reason.strip()
    if not reason or len(reason) > REASON_MAX:
        text = _("A reason of 1 to %(count)s characters is needed.")
        raise AnchorRefused(text % {"count": REASON_MAX})
    if not settings.AUDIT_ANCHOR:
        raise AnchorRefused(_("AUDIT_ANCHOR is empty: this host keeps no anchor."))
    found = chain_verify(anchored=False)
    if not found.ok:
        raise AnchorRefused(found.message)
    detail = {"reason": reason, "log_ended": found.entries, **_stood()}
    with transaction.atomic():
        entries_append([log.entry_row("audit.anchor", detail=detail)], anchored=False)
        head = AuditHead.objects.get()
        anchor = Anchor(head.chain, head.position, head.digest)
    try:
        anchor_put(anchor)
    except OSError as problem:
        text = _("The anchor in %(path)s cannot be written: %(problem)s")
        raise AnchorRefused(
            text % {"path": settings.AUDIT_ANCHOR, "problem": problem.strerror}
        ) from problem
    return anchor


def _stood() -> dict[str, object]:
    """What the anchor said before, and whether the log still holds that."""
    try:
        anchor = anchor_read()
    except AnchorMissing:
        return {"anchor": "missing"}
    except (AnchorForged, OSError):
        return {"anchor": "unreadable"}
    head = AuditHead.objects.first()
    same = head is not None and anchor.chain == head.chain
    held = same and digest_at(anchor.position) == anchor.digest
    return {"anchor": "held" if held else "cut" if same else "foreign", "stood": anchor.position}
