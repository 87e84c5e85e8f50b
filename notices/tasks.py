"""Celery's side of deliveries: a wake-up, and the sweep that finds what no wake-up did."""

import logging
import threading

from celery import shared_task

from notices.delivering import deliveries_due, deliveries_sweep, deliveries_work
from notices.wakeups import WORK, deliveries_wake

logger = logging.getLogger(__name__)
# A far end that hangs holds up one thread of the worker, not all of them.
slot = threading.BoundedSemaphore(1)


@shared_task(name=WORK, ignore_result=True)
def deliver() -> None:
    """One share of what is due; a long queue goes on by another wake-up, so that the worker's
    other duties get their turn.
    """
    if not slot.acquire(blocking=False):
        return
    try:
        is_more = deliveries_work()
    finally:
        slot.release()
    if is_more:
        deliveries_wake()


@shared_task(name="notices.tasks.sweep_deliveries", ignore_result=True)
def sweep_deliveries() -> None:
    taken = deliveries_sweep()
    if taken:
        logger.info("Sweep: %d deliveries of dead workers settled", taken)
    if deliveries_due():
        deliveries_wake()
