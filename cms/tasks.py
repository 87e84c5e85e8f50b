"""The sweeps of the library: what a lost signal left undone, what is due; twice is harmless."""

from celery import shared_task
from django.utils import timezone

from cms.access import access_sweep
from cms.finding.indexing import index_sweep
from cms.publishing import lectures_due
from cms.shelves import shelves_follow
from notices.wakeups import wake

# A wake-up that waited longer than this is replaced by the sweep's next turn.
EXPIRES_SECONDS = 300


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
    wake(sweep_shelves.name, expires=EXPIRES_SECONDS)
