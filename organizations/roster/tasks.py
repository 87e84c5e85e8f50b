"""Celery's side of rosters: wake-ups and periodic sweeps. A message carries no duty."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.utils import timezone

from organizations.roster.exports import export_work as work_on_export
from organizations.roster.exports import exports_expire
from organizations.roster.imports import works_due
from organizations.roster.wakeups import EXPORT, IMPORT, work_wake
from organizations.roster.work import import_work as work_on_import

WAKES_PER_SWEEP = 4


@shared_task(name=IMPORT, ignore_result=True)
def import_work(key: str) -> None:
    """Check, write or report one import, until somebody has to look at it."""
    work_on_import(key=uuid.UUID(key))


@shared_task(name=EXPORT, ignore_result=True)
def export_work(key: str) -> None:
    """Make one export."""
    work_on_export(key=uuid.UUID(key))


@shared_task(ignore_result=True)
def sweep() -> None:
    """Wake workers for what waits and for what a dead worker has left."""
    imports, exports = works_due(timezone.now())
    for task, rows in ((IMPORT, imports), (EXPORT, exports)):
        for key in rows.order_by("created_at").values_list("pk", flat=True)[:WAKES_PER_SWEEP]:
            work_wake(task, key)


@shared_task(ignore_result=True)
def expire() -> None:
    """Hourly: exports whose time is over."""
    exports_expire(now=timezone.now())
