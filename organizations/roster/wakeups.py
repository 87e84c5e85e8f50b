"""Telling a worker that there is an import or export to work on.

Only messages, sent by task name. A lost one costs at most one interval of the sweep: the rows
are the queue.
"""

from __future__ import annotations

import logging
import uuid
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

IMPORT, EXPORT = "organizations.roster.tasks.import_work", "organizations.roster.tasks.export_work"
EXPIRES_SECONDS = 60

logger = logging.getLogger(__name__)


def work_wake(task: str, key: uuid.UUID) -> None:
    """Tell a worker now. A broker that is away is no error: the sweep tells again."""
    try:
        current_app.send_task(
            task, args=[str(key)], expires=EXPIRES_SECONDS, retry=False, ignore_result=True
        )
    except (OperationalError, OSError) as problem:
        logger.warning("Wake-up for %s not sent: %s", key, problem)


def work_wake_on_commit(task: str, key: uuid.UUID) -> None:
    """Tell a worker once the row that it will look for is there."""
    transaction.on_commit(partial(work_wake, task, key), robust=True)
