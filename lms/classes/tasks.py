"""Periodic work of classes, run by the scheduler."""

import logging

from celery import shared_task

from lms.classes.enrolments import enrolments_sweep
from lms.classes.holders import classes_follow

logger = logging.getLogger(__name__)


@shared_task(name="lms.classes.tasks.sweep_enrolments")
def sweep_enrolments() -> None:
    classes_follow()
    found = enrolments_sweep()
    if found:
        logger.info("Class completions found by the sweep: %d", found)
