"""Telling a worker that there is an import or export to work on.

Only messages, sent by task name. A lost one costs at most one interval of the sweep: the rows
are the queue.
"""

from __future__ import annotations

import uuid

from notices.commits import after_commit
from notices.wakeups import EXPIRES_SECONDS, wake

IMPORT, EXPORT = "organizations.roster.tasks.import_work", "organizations.roster.tasks.export_work"


def work_wake(task: str, key: uuid.UUID) -> None:
    """Tell a worker now. A broker that is away is no error: the sweep tells again."""
    wake(task, str(key), expires=EXPIRES_SECONDS)


def work_wake_on_commit(task: str, key: uuid.UUID) -> None:
    """Tell a worker once the row that it will look for is there."""
    after_commit(work_wake, task, key)
