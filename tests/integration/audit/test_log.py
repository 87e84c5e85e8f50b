import pytest
from django.test import RequestFactory

from audit import log
from audit.models import AppendOnlyError, AuditEntry
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
