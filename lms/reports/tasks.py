"""Periodic work of the figures, run by the scheduler. A message carries no duty."""

from __future__ import annotations

import logging

from celery import shared_task

from lms.reports.class_tallies import runs_count
from lms.reports.counting import marks_count
from lms.reports.looking import entries_look, look, looked

logger = logging.getLogger(__name__)
# A minute's work at most, so that the next message finds this one done.
BATCHES = 60


@shared_task(name="lms.reports.tasks.count_marks", ignore_result=True)
def count_marks() -> None:
    """Who earned something within the last minute."""
    marks_count(batches=BATCHES)


@shared_task(name="lms.reports.tasks.sweep_figures", ignore_result=True)
def sweep_figures() -> None:
    """Whom the roster, the tree, a day or a target changed; classes whose enrolments did."""
    look()
    marks_count(batches=BATCHES)
    runs_count()


@shared_task(name="lms.reports.tasks.look_at_entries", ignore_result=True)
def look_at_entries() -> None:
    found = looked(entries_look)
    if found:
        logger.warning("People whose entries were not marked: %d", found)
    marks_count(batches=BATCHES)
    runs_count(all_of_them=True)
