"""Periodic work on personal data, run by the scheduler."""

import logging

from celery import shared_task

from organizations.privacy.retention import retention_clean

logger = logging.getLogger(__name__)


@shared_task(name="organizations.privacy.tasks.clean")
def clean() -> None:
    outcome = retention_clean()
    if outcome.failed:
        logger.error("Not cleaned: %s", ", ".join(outcome.failed))
