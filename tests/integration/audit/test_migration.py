"""Logs from before the chain are chained by the migration."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from audit import log
from audit.anchor import anchor_read
from audit.guards import guards_missing
from audit.models import AuditEntry, AuditHead
from audit.verification import chain_verify

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE, AFTER = [("audit", "0002_initial")], [("audit", "0004_guards")]


def migrate(to: list[tuple[str, str]]):
    executor = MigrationExecutor(connection)
    executor.migrate(to)
    return executor.loader.project_state(to).apps


@pytest.fixture(autouse=True)
def migrated_again() -> Iterator[None]:
    yield
    migrate(AFTER)


def test_entries_from_before_are_chained_in_their_order() -> None:
    entries = migrate(BEFORE).get_model("audit", "AuditEntry").objects
    now = timezone.now()
    entries.bulk_create(
        entries.model(
            at=now,
            action=f"old.{number}",
            address="2001:db8::1" if number % 2 else None,
            detail={"n": number, "z": 1.5, "a": 1e22},
        )
        for number in range(2050)
    )
    migrate(AFTER)
    found = AuditEntry.objects.order_by("position").values_list("action", "position")
    assert list(found) == [(f"old.{n}", n + 1) for n in range(2050)]
    assert guards_missing(connection) == []
    assert anchor_read().position == AuditHead.objects.get().position == 2050
    assert log.record("thing.do").position == 2051
    assert chain_verify().ok
