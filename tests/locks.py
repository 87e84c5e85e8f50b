"""Waiting for another connection to wait: so that what happens at once does so each time."""

import time

import pytest
from django.db import connection


def until_somebody_waits(seconds: float = 20.0) -> None:
    """Until a statement of PostgreSQL is held up by a lock."""
    end = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute("SELECT COUNT(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
    pytest.fail("nobody came to wait")
