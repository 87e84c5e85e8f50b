"""Periodic work of watching, run by the scheduler."""

import logging

from celery import shared_task

from lms.watching.checks import checks_find, devices_forget
from lms.watching.completions import completions_log, completions_missing

logger = logging.getLogger(__name__)


@shared_task(name="lms.watching.tasks.sweep_completions")
def sweep_completions() -> None:
    found = completions_missing()
    if found:
        logger.warning("Completions found by the sweep: %d", found)
    completions_log()


@shared_task(name="lms.watching.tasks.find_checks", ignore_result=True)
def find_checks() -> None:
    """Every night: what somebody should look at among the viewings of the last days."""
    found = checks_find()
    if found:
        logger.info("Viewings to check: %d", found)
    devices_forget()
