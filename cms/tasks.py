"""The sweeps of the library: what a lost signal left undone, what is due; twice is harmless."""

import logging

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from cms.access import access_sweep
from cms.finding.indexing import index_sweep
from cms.publishing import lectures_due
from cms.shelves import shelves_follow

# A wake-up that waited longer than this is replaced by the sweep's next turn.
EXPIRES_SECONDS = 300

logger = logging.getLogger(__name__)


@shared_task
def sweep_shelves() -> None:
    shelves_follow()
    access_sweep()


@shared_task
def publish_due() -> None:
    lectures_due(now=timezone.now())


@shared_task
def sweep_search() -> None:
    index_sweep()


def shelves_wake() -> None:
    """Sweep now, not at the next turn. A broker that is away is no error."""
    try:
        sweep_shelves.apply_async(expires=EXPIRES_SECONDS, retry=False, ignore_result=True)
    except (OperationalError, OSError) as problem:
        logger.warning("Wake-up for the shelves not sent: %s", problem)
