"""A log with entries, its anchor, and what an intruder would do to them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, Settings

from audit import log
from audit.guards import install_sql, remove_sql


@pytest.fixture
def committed(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> Callable[..., None]:
    """Entries as committed one by one: the anchor has followed."""

    def write(count: int = 1, action: str = "thing.do") -> None:
        for number in range(count):
            with django_capture_on_commit_callbacks(execute=True):
                log.record(action, number=number)

    return write


@pytest.fixture
def anchor_file(settings: Settings) -> Path:
    return Path(settings.AUDIT_ANCHOR)


@pytest.fixture
def tamper(db: None) -> Callable[..., None]:
    """Raw SQL by somebody who owns the tables: without triggers, and then with them again."""

    def run(*statements: str, parameters: Any = None) -> None:
        with connection.cursor() as cursor:
            connection.check_constraints()  # PostgreSQL alters no table that awaits its own
            for statement in remove_sql(connection.vendor):
                cursor.execute(statement)
            for statement in statements:
                cursor.execute(statement, parameters)
            connection.check_constraints()
            for statement in install_sql(connection.vendor):
                cursor.execute(statement)

    return run
