"""The message that wakes a worker. It carries no duty: a lost one costs a round of the sweep.

Sent by the task's name, so that what is to be done does not import who does it.
"""

import logging
from typing import Any

from celery import current_app
from kombu.exceptions import OperationalError

WORK = "notices.tasks.deliver"
# Of a message that only says "look": later the sweep has looked.
EXPIRES_SECONDS = 60

logger = logging.getLogger(__name__)


def wake(task: str, *args: Any, expires: float | None = None) -> bool:
    """Have a worker do a task now; False, and a line in the log, while the broker is away."""
    try:
        current_app.send_task(
            task, args=list(args), expires=expires, retry=False, ignore_result=True
        )
    except (OperationalError, OSError) as problem:
        logger.warning("Wake-up %s %s not sent: %s", task, args, problem)
        return False
    return True


def deliveries_wake() -> None:
    wake(WORK, expires=EXPIRES_SECONDS)
