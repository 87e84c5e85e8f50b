"""Cleaning away in time what is no longer needed: which kinds, when, and the one act that does it.

How many days each kind is kept are settings (`RETENTION`); None keeps it. Apps register what is
theirs by `cleaned(kind, rows)`. Only `manage.py retention_clean` and the nightly task clean,
never a page that somebody opens.
"""

from __future__ import annotations

import datetime as dt
import enum
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.log import record

logger = logging.getLogger(__name__)
# Rows of one transaction: readers and writers are not held up.
BATCH = 500


class Kind(enum.StrEnum):
    CREDENTIALS = "credentials"  # used, revoked or run out
    SESSIONS = "sessions"  # run out
    CORRECTIONS = "corrections"  # answered
    ENQUIRIES = "enquiries"  # answered or closed, and not published
    NOTICES = "notices"  # messages of the inbox, with their deliveries
    ROSTER_IMPORTS = "roster_imports"  # staged rows, uploaded and outcome workbooks
    UNFINISHED_WATCHING = "unfinished_watching"  # sessions that no completion rests on
    VIEWING_CHECKS = "viewing_checks"  # what was noticed about viewings
    VOIDED_LISTS = "voided_lists"  # photos of lists on paper that count no longer
    LEFT_PEOPLE = "left_people"  # without any tie: erased


class Cleaner(Protocol):
    """Removes what is older than an instant; with `dry_run` only counts."""

    def __call__(self, before: dt.datetime, *, dry_run: bool) -> int: ...


@dataclass
class Outcome:
    counts: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


_cleaners: dict[Kind, list[Cleaner]] = {}


def cleaner(kind: Kind, clean: Cleaner) -> None:
    """Register an act of cleaning that is more than deleting rows."""
    _cleaners.setdefault(kind, []).append(clean)


def cleaned(kind: Kind, rows: Callable[[dt.datetime], Any]) -> None:
    """Register rows to delete: `rows(before)` is a queryset of what is older."""

    def clean(before: dt.datetime, *, dry_run: bool) -> int:
        found = rows(before)
        return int(found.count()) if dry_run else rows_delete(found)

    cleaner(kind, clean)


def retention_clean(*, dry_run: bool = False, now: dt.datetime | None = None) -> Outcome:
    """Clean every kind; one that fails does not keep the others from being cleaned.

    The log keeps counts only.
    """
    now = now or timezone.now()
    outcome = Outcome()
    for kind in Kind:
        days = settings.RETENTION.get(str(kind))
        if days is None or kind not in _cleaners:
            continue
        before = now - dt.timedelta(days=days)
        try:
            total = sum(clean(before, dry_run=dry_run) for clean in _cleaners[kind])
        except Exception:
            logger.exception("Cleaning of %s failed", kind)
            outcome.failed.append(str(kind))
            continue
        outcome.counts[str(kind)] = total
    if not dry_run and (any(outcome.counts.values()) or outcome.failed):
        record(
            "retention.clean",
            result="failed" if outcome.failed else "done",
            removed={kind: count for kind, count in outcome.counts.items() if count},
            failed=outcome.failed,
        )
    return outcome


def period_text(kind: Kind) -> str:
    """How long a kind is kept, as people say it: "30 days", "3 years", "for good"."""
    days = settings.RETENTION.get(str(kind))
    if days is None:
        return _("for good")
    if days and days % 365 == 0:
        return ngettext("%(n)s year", "%(n)s years", days // 365) % {"n": days // 365}
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def rows_delete(rows: Any) -> int:
    """Delete batch by batch, so that stopping in the middle loses nothing that was done."""
    removed = 0
    while True:
        with transaction.atomic():
            keys = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
            if not keys:
                return removed
            rows.model._base_manager.filter(pk__in=keys).delete()
            removed += len(keys)
