import uuid

import pytest
from django.db import IntegrityError, transaction
from django.test import RequestFactory

from audit import log
from audit.chain import ChainBroken
from audit.models import AppendOnlyError, AuditEntry, AuditHead
from audit.verification import chain_verify
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_an_entry_says_who_did_what_to_whom_from_where() -> None:
    actor, target = UserFactory(), UserFactory()
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7")
    entry = log.record("account.view", actor=actor, target=target, request=request, fields=2)
    entry.refresh_from_db()
    assert entry.actor == actor
    assert (entry.action, entry.target_type) == ("account.view", "organizations.User")
    assert entry.target_id == str(target.pk)
    assert (entry.address, entry.detail) == ("203.0.113.7", {"fields": 2})
    assert entry.result == AuditEntry.Result.DONE


def test_entries_are_neither_changed_nor_deleted() -> None:
    entry = log.record("account.view")
    entry.action = "something.else"
    for act in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(action="x"),
    ):
        with pytest.raises(AppendOnlyError):
            act()
    assert AuditEntry.objects.get().action == "account.view"


def test_positions_have_no_gaps_and_the_head_is_the_last_entry() -> None:
    entries = [log.record("thing.do") for _ in range(3)]
    assert [entry.position for entry in entries] == [1, 2, 3]
    head = AuditHead.objects.get()
    assert (head.position, head.digest) == (3, entries[-1].digest)


def test_what_is_rolled_back_leaves_no_gap() -> None:
    log.record("thing.do")
    with transaction.atomic():
        log.record("thing.fail")
        transaction.set_rollback(True)
    assert log.record("thing.do").position == 2
    assert chain_verify(anchored=False).ok


def test_many_entries_are_one_piece_in_their_order() -> None:
    actor, target = UserFactory(), UserFactory()
    log.record("thing.do")
    made = log.record_many(
        (
            log.Entry("person.import", target if n == 0 else None, {"row": n}, target_id=n)
            for n in range(4500)
        ),
        actor=actor,
    )
    assert made == 4500
    found = AuditEntry.objects.filter(action="person.import").order_by("position")
    assert [entry.detail["row"] for entry in found] == list(range(4500))
    assert [entry.position for entry in found] == list(range(2, 4502))
    assert (found[0].target_id, found[0].target_type) == (str(target.pk), "organizations.User")
    assert (found[1].target_id, found[1].actor) == ("1", actor)
    assert chain_verify(anchored=False).ok


def test_no_entries_at_all_change_nothing() -> None:
    log.record("thing.do")
    assert log.record_many([]) == 0
    assert AuditHead.objects.get().position == 1


@pytest.mark.parametrize(
    "detail",
    [
        {"z": 1, "a": {"y": [1, 2.5, 1e-7], "b": None}},
        {"large": 10**30, "float": 1e22, "small": 5e-324, "minus": -0.0},
        {"text": "张 é \u2028 \U0001f600", "quote": "\"'\\", "": ""},
        {"tuple": (1, 2), "true": True, "one": 1},
    ],
)
def test_the_digest_survives_the_way_through_the_database(detail: dict) -> None:
    log.record("thing.do", **{"x": detail})
    assert chain_verify(anchored=False).ok


@pytest.mark.parametrize(
    "address", ["::ffff:10.1.2.3", "2001:DB8::1", "::1.2.3.4", "::", "fe80::1%eth0", "10.0.0.1"]
)
def test_every_spelling_of_an_address_can_be_verified(address: str) -> None:
    log.record("thing.do", request=RequestFactory().get("/", REMOTE_ADDR=address))
    assert chain_verify(anchored=False).ok


def test_a_detail_that_cannot_be_stored_leaves_nothing() -> None:
    with pytest.raises(TypeError):
        log.record("thing.do", number=uuid.uuid4())
    assert not AuditEntry.objects.exists()


def test_entries_pass_by_the_chain_in_no_way() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.create(action="thing.do", digest="0" * 64)


def test_without_its_head_the_chain_takes_nothing_more(tamper) -> None:
    log.record("thing.do")
    tamper("DELETE FROM audit_audithead")
    with pytest.raises(ChainBroken), transaction.atomic():
        log.record("thing.do")
    found = chain_verify()
    assert (found.problem, found.ok) == ("head", False)
