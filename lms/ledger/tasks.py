"""Periodic work of the ledger, run by the scheduler. A message carries no duty."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import DatabaseError

from lms.ledger.entries import person_settle
from lms.ledger.sources import sources
from lms.ledger.years import WORK, closing_work

logger = logging.getLogger(__name__)


@shared_task(name="lms.ledger.tasks.sweep_ledger", ignore_result=True)
def sweep_ledger() -> None:
    """Book what a lost signal left out, and go on with the statements of a year."""
    found = entries_sweep()
    if found:
        logger.warning("People whose hours the sweep booked: %d", found)
    closing_work()


@shared_task(name=WORK, ignore_result=True)
def close_year() -> None:
    closing_work()


def entries_sweep() -> int:
    """How many people were settled."""
    people = {(code, user_id) for code, source in sources().items() for user_id in source.waiting()}
    for code, user_id in sorted(people):
        try:
            person_settle(user_id=user_id, source=code)
        except (DatabaseError, ArithmeticError):
            # One person's fact that cannot be booked keeps nobody else's hours back.
            logger.exception("Hours of person %d (%s) cannot be booked", user_id, code)
    return len({user_id for _, user_id in people})
