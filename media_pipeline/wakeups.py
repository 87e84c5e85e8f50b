"""Telling workers that there may be something to claim.

Only messages, sent by task name, so that the queue does not import its own workers. A lost
message costs at most one interval of the sweep: the rows are the queue.
"""

from notices.commits import after_commit
from notices.wakeups import wake

TRANSCODE = "media_pipeline.tasks.transcode"


def job_wake(job_id: int) -> None:
    """Tell a worker now. A broker that is away is no error: the sweep tells again."""
    # Without an expiry: it would be judged by the clock of another host.
    wake(TRANSCODE, job_id)


def job_wake_on_commit(job_id: int) -> None:
    """Tell a worker once the row that it will look for is there."""
    after_commit(job_wake, job_id)
