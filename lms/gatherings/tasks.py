"""Periodic work of watching together, run by the scheduler. A message carries no duty."""

from celery import shared_task

from lms.gatherings.shares import WORK, shares_work


@shared_task(name=WORK, ignore_result=True)
def settle_shares() -> None:
    """Evidence and hours of what the township has decided."""
    shares_work()
