"""Periodic work of watching, run by the scheduler."""

import logging

from celery import shared_task

from lms.watching.completions import completions_log, completions_missing

logger = logging.getLogger(__name__)


@shared_task(name="lms.watching.tasks.sweep_completions")
def sweep_completions() -> None:
    found = completions_missing()
    if found:
        logger.warning("Completions found by the sweep: %d", found)
    completions_log()
