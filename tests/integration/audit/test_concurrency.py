"""Several writers at once, and the anchor after real commits."""

import threading
import uuid
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction

from audit import log
from audit.anchor import anchor_read
from audit.models import AuditEntry, AuditHead
from audit.verification import chain_verify

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_written_yet(tamper: Callable[..., None]) -> None:
    """No entry and no head, as in an emptied database; the migration leaves a head, too."""
    tamper("DELETE FROM audit_auditentry", "DELETE FROM audit_audithead")


@pytest.fixture(autouse=True)
def no_connections_left() -> Iterator[None]:
    yield
    connection.close()


def _in_threads(count: int, act) -> list[BaseException]:
    problems: list[BaseException] = []
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            gate.wait(timeout=20)
            act(number)
        except BaseException as problem:  # noqa: BLE001  (given to the test)
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return problems


def test_writers_at_once_make_one_chain_without_forks() -> None:
    def write(number: int) -> None:
        for turn in range(8):
            if turn % 3:
                log.record("thing.do", by=number, turn=turn)
            else:
                with transaction.atomic():
                    log.record_many(log.Entry("thing.many", detail={"n": n}) for n in range(5))

    assert _in_threads(4, write) == []
    total = AuditEntry.objects.count()
    assert total == 4 * (5 + 3 * 5)
    assert AuditHead.objects.get().position == total
    found = chain_verify()
    assert (found.problem, found.entries) == ("", total)
    assert anchor_read().position == total


@pytest.mark.parametrize("state", ["migrated", "emptied"])
def test_the_very_first_writers_agree_on_one_chain(state: str) -> None:
    if state == "migrated":
        AuditHead.objects.create(chain=uuid.uuid4().hex)
    assert _in_threads(4, lambda number: log.record("thing.do", by=number)) == []
    assert AuditHead.objects.count() == 1
    assert chain_verify().ok
    assert anchor_read().position == 4


def test_entries_that_are_written_meanwhile_raise_no_alarm() -> None:
    log.record_many(log.Entry("thing.do") for _ in range(300))
    findings = []

    def act(number: int) -> None:
        if number:
            for _ in range(30):
                log.record("thing.do")
        else:
            findings.extend(chain_verify() for _ in range(5))

    assert _in_threads(2, act) == []
    assert [found.message for found in findings if not found.ok] == []


def test_a_writer_that_gives_up_holds_up_nobody_and_leaves_no_gap() -> None:
    with transaction.atomic():
        log.record("thing.fail")
        transaction.set_rollback(True)
    log.record("thing.do")
    assert list(AuditEntry.objects.values_list("action", "position")) == [("thing.do", 1)]
    assert chain_verify().ok
