"""The message that wakes a worker. It carries no duty: a lost one costs a round of the sweep."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

WORK = "notices.tasks.deliver"
EXPIRES_SECONDS = 60

logger = logging.getLogger(__name__)


def deliveries_wake() -> None:
    try:
        current_app.send_task(WORK, expires=EXPIRES_SECONDS, retry=False, ignore_result=True)
    except (OperationalError, OSError) as problem:
        logger.warning("Wake-up for deliveries not sent: %s", problem)
