import datetime as dt

import pytest
from django.db import connection

from audit import log, verification
from audit.canonical import digest
from audit.chain import entry_digest, facts_of
from audit.models import AuditEntry, AuditHead
from audit.verification import chain_verify, log_verify

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunk boundaries lie within the few entries of a test."""
    monkeypatch.setattr(verification, "CHUNK", 3)


def test_an_empty_log_is_whole() -> None:
    assert chain_verify() == verification.Finding(0)


def test_an_untouched_log_is_whole(committed) -> None:
    committed(7)
    assert chain_verify() == verification.Finding(7)
    assert chain_verify(newest=3).ok
    assert chain_verify(newest=100).ok


@pytest.mark.parametrize(
    "change",
    [
        "action = 'other.thing'",
        "target_id = '9'",
        "target_type = 'x'",
        "result = 'denied'",
        "address = '10.0.0.9'",
        "detail = '{\"number\": 99}'",
        "actor_id = NULL",
        "digest = 'x'",
    ],
)
def test_an_altered_entry_is_named(committed, tamper, change: str) -> None:
    from tests.factories import UserFactory

    committed(3)
    log.record("thing.do", actor=UserFactory())
    committed(3)
    tamper(f"UPDATE audit_auditentry SET {change} WHERE position = 4")
    found = chain_verify()
    assert (found.problem, found.position) == ("altered", 4)
    assert "4" in found.message


def test_an_altered_time_is_named(committed, tamper) -> None:
    committed(5)
    at = AuditEntry.objects.get(position=2).at + dt.timedelta(microseconds=1)
    at_sql = connection.ops.adapt_datetimefield_value(at)
    tamper("UPDATE audit_auditentry SET at = %s WHERE position = 2", parameters=[at_sql])
    assert chain_verify().position == 2


def test_a_removed_entry_is_named(committed, tamper) -> None:
    committed(7)
    tamper("DELETE FROM audit_auditentry WHERE position = 4")
    found = chain_verify()
    assert (found.problem, found.position) == ("missing", 4)


def test_the_first_entry_is_missed(committed, tamper) -> None:
    committed(4)
    tamper("DELETE FROM audit_auditentry WHERE position = 1")
    assert (chain_verify().problem, chain_verify().position) == ("missing", 1)


def test_a_removed_entry_is_named_although_the_others_closed_up(committed, tamper) -> None:
    committed(6)
    tamper(
        "DELETE FROM audit_auditentry WHERE position = 3",
        "UPDATE audit_auditentry SET position = 3 WHERE position = 4",
        "UPDATE audit_auditentry SET position = 4 WHERE position = 5",
        "UPDATE audit_auditentry SET position = 5 WHERE position = 6",
        "UPDATE audit_audithead SET position = 5",
    )
    assert chain_verify().position == 3


def test_entries_that_changed_places_are_named(committed, tamper) -> None:
    committed(6)
    tamper(
        "UPDATE audit_auditentry SET position = 99 WHERE position = 2",
        "UPDATE audit_auditentry SET position = 2 WHERE position = 5",
        "UPDATE audit_auditentry SET position = 5 WHERE position = 99",
    )
    assert (chain_verify().problem, chain_verify().position) == ("altered", 2)


def test_an_inserted_entry_is_named(committed, tamper) -> None:
    committed(4)
    _copy(tamper, position=5)
    assert (chain_verify().problem, chain_verify().position) == ("altered", 5)


def test_an_inserted_entry_is_named_although_the_head_went_along(committed, tamper) -> None:
    committed(4)
    _copy(tamper, position=5)
    tamper("UPDATE audit_audithead SET position = 5, digest = 'x'")
    assert chain_verify().position == 5


def test_an_entry_without_a_place_of_its_own_is_found(committed, tamper) -> None:
    committed(4)
    _copy(tamper, position=0)
    assert chain_verify().problem == "inserted"


def test_a_cut_end_is_named(committed, tamper) -> None:
    committed(7)
    tamper("DELETE FROM audit_auditentry WHERE position > 5")
    found = chain_verify()
    assert (found.problem, found.position) == ("truncated", 6)


def test_a_cut_end_is_named_although_the_head_was_set_back(committed, tamper) -> None:
    committed(7)
    _cut(tamper, 5)
    found = chain_verify()
    assert (found.problem, found.position) == ("truncated", 6)
    assert not chain_verify(newest=2).ok
    assert chain_verify(anchored=False).ok


def test_an_emptied_log_is_found(committed, tamper) -> None:
    committed(3)
    tamper("DELETE FROM audit_auditentry", "UPDATE audit_audithead SET position = 0, digest = ''")
    assert (chain_verify().problem, chain_verify().position) == ("truncated", 1)
    tamper("DELETE FROM audit_audithead")
    assert chain_verify().problem == "head"


def test_a_cut_end_stays_found_when_the_log_has_grown_over_it(committed, tamper) -> None:
    committed(7)
    _cut(tamper, 5)
    committed(6, "thing.after")
    found = chain_verify()
    assert (found.problem, found.position) == ("rewritten", 7)


def test_an_altered_head_is_found(committed, tamper) -> None:
    committed(3)
    tamper("UPDATE audit_audithead SET digest = 'x'")
    assert chain_verify().problem == "head"


def test_a_chain_sealed_with_another_key_is_found(committed, tamper, settings) -> None:
    committed(3)
    entry = AuditEntry.objects.get(position=3)
    real, settings.AUDIT_KEY = settings.AUDIT_KEY, "an intruder's own key"
    before = AuditEntry.objects.get(position=2).digest
    entry.action = "other.thing"
    forged = entry_digest(AuditHead.objects.get().chain, before, facts_of(entry))
    tamper(
        f"UPDATE audit_auditentry SET action = 'other.thing', digest = '{forged}' "
        "WHERE position = 3",
        f"UPDATE audit_audithead SET digest = '{forged}'",
    )
    settings.AUDIT_KEY = real
    assert chain_verify().position == 3


def test_a_wrong_key_is_told_from_tampering(committed, settings) -> None:
    committed(3)
    settings.AUDIT_KEY = "not the one"
    assert chain_verify().problem == "key"


def test_entries_of_another_database_do_not_fit(committed, tamper, anchor_file) -> None:
    committed(3)
    tamper("UPDATE audit_audithead SET chain = 'another'")
    assert chain_verify(anchored=False).position == 1


def test_a_verification_is_an_entry_of_the_log(committed, tamper) -> None:
    committed(2)
    log_verify()
    entry = AuditEntry.objects.get(action="audit.verify")
    assert (entry.result, entry.detail) == ("done", {"entries": 2})
    tamper("UPDATE audit_auditentry SET action = 'x' WHERE position = 1")
    log_verify(newest=2)
    log_verify()
    entry = AuditEntry.objects.latest("position")
    assert entry.result == "failed"
    assert entry.detail == {"entries": 4, "problem": "altered", "position": 1}


def test_ten_chunks_take_ten_queries_more(committed, django_assert_max_num_queries) -> None:
    log.record_many(log.Entry("thing.do") for _ in range(30))
    with django_assert_max_num_queries(18):
        assert chain_verify(anchored=False).ok


def _cut(tamper, last: int) -> None:
    kept = AuditEntry.objects.get(position=last).digest
    tamper(
        f"DELETE FROM audit_auditentry WHERE position > {last}",
        f"UPDATE audit_audithead SET position = {last}, digest = '{kept}'",
    )


def _copy(tamper, *, position: int) -> None:
    forged = digest("guessed", "", b"")
    tamper(
        "INSERT INTO audit_auditentry (position, digest, at, action, target_type, target_id, "
        f"result, detail) SELECT {position}, '{forged}', at, action, '', '', result, detail "
        "FROM audit_auditentry WHERE position = 1"
    )
