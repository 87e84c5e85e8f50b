"""Appending to the chain: one writer at a time, from the lock on the head row to the commit.

Nothing else writes entries; what an entry says is decided in `audit.log`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import partial
from itertools import islice

from django.conf import settings
from django.db import transaction

from audit.anchor import anchor_begin, anchor_follow
from audit.canonical import FIELDS, Sealed, canonical, digest
from audit.models import AuditEntry, AuditHead

BATCH = 2000


class ChainBroken(RuntimeError):
    """The head of the chain is gone although there are entries; nothing more can be appended."""


def entries_append(entries: Iterable[AuditEntry], *, anchored: bool = True) -> int:
    """Give the entries their places, seal and write them; how many there were.

    Takes the lock that every other writer waits for until the caller's transaction ends.
    """
    count = 0
    waiting = iter(entries)
    with transaction.atomic(savepoint=False):
        head = _head_locked()
        before = (head.position, head.digest)
        while batch := list(islice(waiting, BATCH)):
            for entry in batch:
                entry.position = head.position + 1
                entry.digest = entry_digest(head.chain, head.digest, facts_of(entry))
                head.position, head.digest = entry.position, entry.digest
            AuditEntry.objects.bulk_create(batch)
            count += len(batch)
        if not count:
            return 0
        if before[0] == 0:
            anchor_begin(head.chain)
        AuditHead.objects.filter(pk=head.pk).update(position=head.position, digest=head.digest)
        if anchored and settings.AUDIT_ANCHOR:
            transaction.on_commit(
                partial(
                    anchor_follow,
                    chain=head.chain,
                    previous=before,
                    head=(head.position, head.digest),
                    digest_at=digest_at,
                )
            )
    return count


def entry_digest(chain: str, previous: str, facts: Sealed) -> str:
    return digest(settings.AUDIT_KEY, previous, canonical(chain, facts))


def facts_of(entry: AuditEntry) -> Sealed:
    return Sealed._make(getattr(entry, name) for name in FIELDS)


def digest_at(position: int) -> str:
    """The digest that the log holds at a position; "" when there is no such entry."""
    found = AuditEntry.objects.filter(position=position).values_list("digest", flat=True).first()
    return found or ""


def _head_locked() -> AuditHead:
    head = AuditHead.objects.select_for_update().first()
    if head is None:
        if AuditEntry.objects.exists():
            # The very first writer may have committed since; its head came with its entry.
            head = AuditHead.objects.select_for_update().first()
            if head is None:
                raise ChainBroken("The head of the audit chain is missing.")
            return head
        AuditHead.objects.bulk_create([AuditHead(chain=uuid.uuid4().hex)], ignore_conflicts=True)
        head = AuditHead.objects.select_for_update().get()
    return head
