"""Celery's side of people: what a new day changes without anybody writing it."""

from __future__ import annotations

from celery import shared_task
from django.db import connection

from organizations.people.mark_bits import marks_refresh


@shared_task(ignore_result=True)
def refresh_marks() -> None:
    """Take off the marks of what ended with yesterday, so that rosters have less to look at."""
    marks_refresh(connection)
