"""Entries as JSON lines with their digests, for another archive or another eye.

The first line names the chain and the digest before the first entry; with the audit key the
lines can be verified without this installation.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone

from audit.canonical import FORM
from audit.chain import digest_at
from audit.models import AuditEntry, AuditHead, AuditQuerySet

CHUNK = 2000


def entries_between(first: dt.date | None, last: dt.date | None) -> AuditQuerySet:
    """The entries of these days, both included, in the installation's time zone."""
    entries: AuditQuerySet = AuditEntry.objects.all()
    if first is not None:
        entries = entries.filter(at__gte=_midnight(first))
    if last is not None:
        entries = entries.filter(at__lt=_midnight(last + dt.timedelta(days=1)))
    return entries


def lines(entries: AuditQuerySet, **about: Any) -> Iterator[str]:
    """A line about the file, with `about`; then one for each entry, in the order of the chain."""
    ordered = entries.order_by("position")
    head = AuditHead.objects.first()
    first = ordered.values_list("position", flat=True).first()
    yield _line(
        {
            "form": FORM,
            "chain": head.chain if head else "",
            "previous": digest_at(first - 1) if first else "",
            **about,
        }
    )
    for entry in ordered.iterator(chunk_size=CHUNK):
        yield _line(facts(entry))


def facts(entry: AuditEntry) -> dict[str, Any]:
    return {
        "position": entry.position,
        "at": entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor_id,
        "action": entry.action,
        "target_type": entry.target_type,
        "target_id": entry.target_id,
        "result": entry.result,
        "address": entry.address,
        "detail": entry.detail,
        "digest": entry.digest,
    }


def counted(lines: Iterable[str], write: Any) -> int:
    """Write the lines; how many entries they held."""
    count = -1
    for line in lines:
        write(line)
        count += 1
    return count


def _line(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False) + "\n"


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
