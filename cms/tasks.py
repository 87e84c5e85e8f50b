"""The sweep of the library: finds what a lost signal left undone; twice is harmless."""

from celery import shared_task

from cms.access import access_sweep
from cms.shelves import shelves_follow


@shared_task
def sweep_shelves() -> None:
    shelves_follow()
    access_sweep()
