"""What is cleaned away, when, and that counting removes nothing."""

import datetime as dt
import io
import json

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import AuditEntry
from lms.watching.models import PlaySession
from organizations.models import Correction, Credential, RosterImport, RosterRow, User
from organizations.privacy import retention
from organizations.privacy.retention import Kind, retention_clean
from organizations.roster.files import file_put, roster_storage
from tests.factories import (
    CompletionFactory,
    MembershipFactory,
    OrganizationFactory,
    PlaySessionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def ago(**time) -> dt.datetime:
    return NOW - dt.timedelta(**time)


@pytest.fixture(autouse=True)
def periods(settings):
    settings.RETENTION = {
        "credentials": 30,
        "sessions": 0,
        "corrections": 365,
        "roster_imports": 30,
        "unfinished_watching": 1095,
        "voided_lists": 365,
        "left_people": 1095,
    }


def credential(user, number: int, **fields) -> Credential:
    fields = {"expires_at": NOW + dt.timedelta(days=1)} | fields
    return Credential.objects.create(
        user=user, digest=f"{number:064}", issued_by=user, issued_at=ago(days=60), **fields
    )


def test_spent_credentials_go_after_their_time():
    user = UserFactory(home=True)
    credential(user, 1, used_at=ago(days=31))
    credential(user, 2, revoked_at=ago(days=40))
    young = credential(user, 3, used_at=ago(days=29))
    waiting = credential(user, 4)

    assert retention_clean(now=NOW).counts["credentials"] == 2
    assert set(Credential.objects.all()) == {young, waiting}


def test_only_answered_wishes_go():
    user = UserFactory(home=True)
    Correction.objects.create(user=user, text="a", state="done", answered_at=ago(days=400))
    waiting = Correction.objects.create(user=user, text="b", created_at=ago(days=900))

    assert retention_clean(now=NOW).counts["corrections"] == 1
    assert Correction.objects.get() == waiting


def test_evidence_under_a_completion_stays():
    person = UserFactory(home=True)
    old = {"started_at": ago(days=1200), "last_beat_at": ago(days=1200)}
    counted = PlaySessionFactory(user=person, **old)
    CompletionFactory(user=person, lecture=counted.lecture)
    PlaySessionFactory(user=person, **old)
    young = PlaySessionFactory(user=person)

    assert retention_clean(now=NOW).counts["unfinished_watching"] == 1
    assert set(PlaySession.objects.all()) == {counted, young}


def left(*, days: int, **fields) -> User:
    person = UserFactory(date_joined=ago(days=4000), **fields)
    MembershipFactory(
        user=person, valid_from=dt.date(2015, 1, 1), valid_to=timezone.localdate(ago(days=days))
    )
    return person


def test_people_who_left_long_ago_are_erased():
    gone = left(days=1200, name="走远")
    recent = left(days=900)
    signed_in = left(days=1200, last_login=ago(days=10))
    member = UserFactory(home=True, date_joined=ago(days=4000))
    officer = UserFactory(secretary=True, date_joined=ago(days=4000))
    new = UserFactory(date_joined=NOW)

    assert retention_clean(now=NOW).counts["left_people"] == 1
    gone.refresh_from_db()
    assert gone.erased_at is not None
    for person in (recent, signed_in, member, officer, new):
        person.refresh_from_db()
        assert person.erased_at is None
    assert AuditEntry.objects.get(action="person.erase").detail["how"] == "retention"


def test_a_dry_run_counts_the_same_and_removes_nothing():
    left(days=1200)
    credential(UserFactory(home=True), 1, used_at=ago(days=31))

    counted = retention_clean(now=NOW, dry_run=True).counts
    assert Credential.objects.count() == 1
    assert not AuditEntry.objects.exists()
    assert retention_clean(now=NOW).counts == counted


def test_a_second_round_finds_nothing_and_logs_nothing():
    left(days=1200)
    retention_clean(now=NOW)
    assert set(retention_clean(now=NOW).counts.values()) == {0}

    assert AuditEntry.objects.filter(action="retention.clean").count() == 1
    assert AuditEntry.objects.get(action="retention.clean").detail["removed"] == {"left_people": 1}


def test_a_period_that_is_not_set_keeps_for_good(settings):
    settings.RETENTION = {"credentials": None}
    credential(UserFactory(), 1, used_at=ago(days=3000))

    assert retention_clean(now=NOW).counts == {}
    assert Credential.objects.exists()


def test_one_kind_that_fails_does_not_hold_up_the_others(monkeypatch):
    def broken(before: dt.datetime, *, dry_run: bool) -> int:
        raise RuntimeError("the disk is gone")

    monkeypatch.setitem(retention._cleaners, Kind.CREDENTIALS, [broken])
    person = left(days=1200)

    outcome = retention_clean(now=NOW)

    assert outcome.failed == ["credentials"]
    person.refresh_from_db()
    assert person.erased_at is not None
    assert AuditEntry.objects.get(action="retention.clean").result == "failed"
    with pytest.raises(CommandError, match="credentials"):
        call_command("retention_clean", stdout=io.StringIO())


def test_the_command_prints_one_object():
    left(days=1200)
    out = io.StringIO()

    call_command("retention_clean", "--dry-run", "--json", stdout=out)

    said = json.loads(out.getvalue())
    assert said["dry_run"] is True
    assert said["counts"]["left_people"] == 1


def test_batches_remove_everything(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    user = UserFactory(home=OrganizationFactory())
    for number in range(5):
        credential(user, number, used_at=ago(days=99))

    assert retention_clean(now=NOW).counts["credentials"] == 5
    assert not Credential.objects.exists()


def roster_import(**fields) -> RosterImport:
    unit = OrganizationFactory()
    found = RosterImport.objects.create(
        who=UserFactory(secretary=True, unit=unit), unit=unit, file_name="名册.xlsx", **fields
    )
    found.source = file_put(f"imports/{found.pk}.xlsx", ContentFile(b"rows"))
    found.save()
    RosterRow.objects.create(
        roster_import=found, number=1, plan="create", data={"name": "某人"}, code="P-1"
    )
    return found


def test_rows_and_workbooks_of_old_imports_go_and_the_record_stays():
    old = roster_import(state="done", created_at=ago(days=40), finished_at=ago(days=31))
    young = roster_import(state="done", created_at=ago(days=40), finished_at=ago(days=29))
    name = old.source

    assert retention_clean(now=NOW).counts["roster_imports"] == 1

    old.refresh_from_db()
    assert (old.state, old.source) == ("done", "")
    assert not roster_storage().exists(name)
    assert RosterRow.objects.get().roster_import == young
    assert retention_clean(now=NOW).counts["roster_imports"] == 0


def test_an_import_that_was_left_alone_is_cancelled():
    left_alone = roster_import(state="checked", created_at=ago(days=31))

    retention_clean(now=NOW)

    left_alone.refresh_from_db()
    assert (left_alone.state, left_alone.source) == ("cancelled", "")
    assert not RosterRow.objects.exists()
