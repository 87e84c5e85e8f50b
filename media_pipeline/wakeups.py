"""Telling workers that there may be something to claim.

Only messages, sent by task name, so that the queue does not import its own workers. A lost
message costs at most one interval of the sweep: the rows are the queue.
"""

import logging
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

TRANSCODE = "media_pipeline.tasks.transcode"

logger = logging.getLogger(__name__)


def job_wake(job_id: int) -> None:
    """Tell a worker now. A broker that is away is no error: the sweep tells again."""
    try:
        # Without an expiry: it would be judged by the clock of another host.
        current_app.send_task(TRANSCODE, args=[job_id], retry=False, ignore_result=True)
    except (OperationalError, OSError) as problem:
        logger.warning("Wake-up for job %s not sent: %s", job_id, problem)


def job_wake_on_commit(job_id: int) -> None:
    """Tell a worker once the row that it will look for is there."""
    transaction.on_commit(partial(job_wake, job_id), robust=True)
