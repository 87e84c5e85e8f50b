"""Booking: what is completed is credited once, what is withdrawn taken back, nothing edited."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from lms.classes.enrolments import enrolment_withdraw
from lms.ledger.entries import person_settle
from lms.ledger.guards import guards_install, guards_missing
from lms.ledger.models import CreditEntry, CreditRule, DayOccupancy
from lms.ledger.rules import FIRST_RULE
from lms.ledger.seals import is_sealed
from lms.ledger.tasks import entries_sweep
from lms.watching.models import Completion, PlaySession
from lms.watching.play import play_session_void
from tests.factories import (
    EnrolmentFactory,
    LecturePageFactory,
    MembershipFactory,
    TrainingClassFactory,
    UserFactory,
)
from tests.integration.lms.ledger.conftest import BEGIN, watch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def signals_arrive(django_capture_on_commit_callbacks):
    """What waits for a commit runs at the end of each act, as it does on a site."""
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        yield callbacks


def settled(user):
    person_settle(user_id=user.pk)
    return list(CreditEntry.objects.filter(user=user).order_by("pk"))


def test_a_completed_lecture_is_credited_by_its_length(member, lecture, units):
    watch(member, lecture)
    (entry,) = settled(member)
    assert (entry.hours, entry.full_hours, entry.kind) == (
        Decimal("0.50"), Decimal("0.50"), "self_study",
    )  # fmt: skip
    assert (entry.year, entry.organization, entry.subject) == (2026, units.branch, lecture.pk)
    assert (entry.seconds, entry.cut, entry.length) == (1200, 0, 1200)
    assert is_sealed(entry)


def test_settling_again_books_nothing(member, lecture):
    watch(member, lecture)
    before = settled(member)
    assert settled(member) == before


def test_the_year_is_that_of_shanghai(member, lecture):
    watch(member, lecture, at=dt.datetime(2025, 12, 31, 15, 50, tzinfo=dt.UTC))
    (entry,) = settled(member)
    assert entry.year == 2026


def test_a_lecture_of_a_running_class_is_learnt_for_the_class(member, lecture, units):
    today = BEGIN.date()
    training_class = TrainingClassFactory(
        organization=units.branch,
        required=[lecture],
        starts_on=today,
        ends_on=today + dt.timedelta(days=5),
    )
    enrolment = EnrolmentFactory(
        training_class=training_class, user=member, enrolled_at=BEGIN - dt.timedelta(days=1)
    )
    watch(member, lecture)
    (entry,) = settled(member)
    assert entry.kind == "class"
    # What it was stays, whatever becomes of the class.
    enrolment_withdraw(enrolment=enrolment, now=BEGIN)
    assert settled(member) == [entry]


def test_a_class_that_has_not_begun_does_not_count_as_one(member, lecture, units):
    training_class = TrainingClassFactory(
        organization=units.branch,
        required=[lecture],
        starts_on=BEGIN.date() + dt.timedelta(days=1),
        ends_on=BEGIN.date() + dt.timedelta(days=5),
    )
    EnrolmentFactory(training_class=training_class, user=member, enrolled_at=BEGIN)
    watch(member, lecture)
    assert settled(member)[0].kind == "self_study"


def test_somebody_who_moved_keeps_the_branch_of_that_day(member, lecture, units):
    watch(member, lecture)
    settled(member)
    member.memberships.update(valid_to=BEGIN.date() + dt.timedelta(days=3))
    MembershipFactory(
        user=member,
        organization=units.other_branch,
        valid_from=BEGIN.date() + dt.timedelta(days=3),
    )
    (entry,) = settled(member)
    assert entry.organization == units.branch


def test_a_voided_session_takes_the_credit_with_it(member, lecture):
    session = watch(member, lecture)
    (entry,) = settled(member)
    play_session_void(session=session, reason="同一账号两地同时播放")
    _first, back = CreditEntry.objects.order_by("pk")
    assert (back.reverses, back.hours, back.reason) == (entry, -entry.hours, "evidence")
    assert not CreditEntry.objects.standing().exists()
    assert not DayOccupancy.objects.exclude(spans=[]).exists()
    assert not Completion.objects.exists()


def test_watching_again_after_a_void_is_credited_again(member, lecture):
    play_session_void(session=watch(member, lecture))
    watch(member, lecture, at=BEGIN + dt.timedelta(hours=2))
    entries = settled(member)
    assert [entry.hours for entry in entries if entry.reverses_id is None][-1] == Decimal("0.50")
    assert CreditEntry.objects.standing().count() == 1


def test_two_lectures_in_parallel_are_paid_for_one_stretch_of_time(member):
    one, other = (LecturePageFactory(asset__duration=600.0) for _ in range(2))
    watch(member, one)
    watch(member, other)
    first, second = settled(member)
    assert first.hours == Decimal("0.25")
    assert second.hours < Decimal("0.05")
    assert second.cut > 400


def test_what_was_cut_comes_back_when_the_other_is_voided(member):
    one, other = (LecturePageFactory(asset__duration=600.0) for _ in range(2))
    session = watch(member, one)
    watch(member, other)
    settled(member)
    play_session_void(session=session)
    (left,) = CreditEntry.objects.standing()
    assert (left.subject, left.hours, left.turn) == (other.pk, Decimal("0.25"), 1)


def test_voiding_one_of_several_sittings_works_the_time_out_anew(member, lecture):
    """The completion stays on the others; the time of the voided one counts no longer."""
    watch(member, lecture, end=60)
    session = PlaySession.objects.get()
    watch(member, lecture, at=BEGIN + dt.timedelta(hours=1))
    settled(member)
    play_session_void(session=session)
    (left,) = CreditEntry.objects.standing()
    assert Completion.objects.exists()
    assert all(start >= BEGIN.timestamp() + 3600 for start, _ in left.windows)
    assert left.hours == Decimal("0.50")


def test_what_is_worked_out_anew_stays_what_it_was_learnt_for(member, lecture, units):
    training_class = TrainingClassFactory(
        organization=units.branch,
        required=[lecture],
        starts_on=BEGIN.date(),
        ends_on=BEGIN.date() + dt.timedelta(days=5),
    )
    EnrolmentFactory(
        training_class=training_class, user=member, enrolled_at=BEGIN - dt.timedelta(days=1)
    )
    watch(member, lecture, end=60)
    session = PlaySession.objects.get()
    watch(member, lecture, at=BEGIN + dt.timedelta(hours=1))
    settled(member)
    training_class.items.all().delete()
    play_session_void(session=session)
    (left,) = CreditEntry.objects.standing()
    assert (left.turn, left.kind) == (1, "class")


def test_a_new_version_of_the_recording_earns_nothing_again(member, lecture):
    watch(member, lecture)
    lecture.asset = LecturePageFactory(asset__duration=1200.0).asset
    lecture.save()
    watch(member, lecture, at=BEGIN + dt.timedelta(days=1))
    assert Completion.objects.count() == 2
    assert len(settled(member)) == 1


def test_a_new_rule_leaves_what_was_credited(member, lecture):
    watch(member, lecture)
    settled(member)
    terms = FIRST_RULE.terms() | {"bands": {"self_study": [[None, "2.00"]]}}
    CreditRule.objects.create(version=2, valid_from=dt.date(2026, 6, 1), terms=terms)
    later = LecturePageFactory(asset__duration=1200.0)
    watch(member, later, at=dt.datetime(2026, 6, 2, 1, 0, tzinfo=dt.UTC))
    first, second = settled(member)
    assert (first.hours, first.rule_version) == (Decimal("0.50"), 1)
    assert (second.hours, second.rule_version) == (Decimal("2.00"), 2)


def test_the_sweep_books_what_a_lost_signal_left_out(member, lecture, monkeypatch):
    monkeypatch.setattr("lms.watching.completions._announce", lambda *args: None)
    watch(member, lecture)
    assert not CreditEntry.objects.exists()
    assert entries_sweep() == 1
    assert entries_sweep() == 0
    assert CreditEntry.objects.standing().count() == 1


def test_one_fact_that_cannot_be_booked_keeps_nobody_else_back(member, lecture, monkeypatch, units):
    other = UserFactory(home=units.branch)
    monkeypatch.setattr("lms.watching.completions._announce", lambda *args: None)
    watch(member, lecture)
    watch(other, lecture)
    settle = person_settle

    def breaking(*, user_id, **asked):
        if user_id == member.pk:
            raise DataError
        return settle(user_id=user_id, **asked)

    monkeypatch.setattr("lms.ledger.tasks.person_settle", breaking)
    entries_sweep()
    assert {one.user_id for one in CreditEntry.objects.standing()} == {other.pk}


STATEMENTS = [
    "UPDATE ledger_creditentry SET hours = 5",
    "UPDATE ledger_creditentry SET seal = seal",
    "DELETE FROM ledger_creditentry",
    "UPDATE ledger_creditrule SET terms = '{}'",
    "DELETE FROM ledger_creditrule",
]
POSTGRESQL = [
    "TRUNCATE ledger_creditentry CASCADE",
    "SET LOCAL session_replication_role = replica; DELETE FROM ledger_creditentry",
]
SQLITE = [
    "INSERT OR REPLACE INTO ledger_creditentry SELECT * FROM ledger_creditentry",
    "UPDATE OR REPLACE ledger_creditentry SET hours = 5",
]


@pytest.mark.parametrize(
    "statement", STATEMENTS + (POSTGRESQL if connection.vendor == "postgresql" else SQLITE)
)
def test_the_database_refuses(statement, member, lecture):
    watch(member, lecture)
    settled(member)
    CreditRule.objects.create(version=2, valid_from=dt.date(2026, 6, 1), terms=FIRST_RULE.terms())
    connection.check_constraints()
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert CreditEntry.objects.standing().count() == 1


def test_guards_that_are_missing_are_put_back(db):
    assert guards_missing(connection) == []
    on = " ON ledger_creditentry" if connection.vendor == "postgresql" else ""
    name = "ledger_creditentry_" + ("fixed" if connection.vendor == "postgresql" else "update")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on}")
    assert guards_missing(connection) == [name]
    guards_install(connection)
    assert guards_missing(connection) == []
