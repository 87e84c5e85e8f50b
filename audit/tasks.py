"""The nightly check of the whole log. Its outcome is an entry of the log itself."""

import logging

from celery import shared_task

from audit.verification import log_verify

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def verify() -> None:
    found = log_verify()
    if not found.ok:
        logger.error("The audit log is in doubt: %s", found.message)
