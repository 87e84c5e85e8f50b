"""Hours for attended sessions of classes follow what is ticked."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from lms.classes.attendance import attendance_set
from lms.classes.credited import attendance_settle
from lms.classes.models import ItemDone
from lms.classes.syllabus import item_change
from lms.ledger.models import CreditEntry
from lms.ledger.tasks import entries_sweep
from tests.factories import (
    EnrolmentFactory,
    SessionItemFactory,
    TrainingClassFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
# A morning of 90 minutes, two lessons of 45.
BEGIN = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0) - dt.timedelta(1)
END = BEGIN + dt.timedelta(minutes=90)


@pytest.fixture
def session(units):
    run = TrainingClassFactory(organization=units.county)
    return SessionItemFactory(training_class=run, starts_at=BEGIN, ends_at=END)


@pytest.fixture
def learner(session, units):
    person = UserFactory(home=units.branch)
    EnrolmentFactory(training_class=session.training_class, user=person, organization=units.branch)
    return person


@pytest.fixture
def tick(session, keeper, learner):
    def act(*, present: bool) -> None:
        attendance_set(
            item=session,
            user=keeper,
            present={learner.pk} if present else set(),
            shown={learner.pk},
            now=timezone.now(),
        )

    return act


def hours(person):
    return sum(CreditEntry.objects.filter(user=person).values_list("hours", flat=True), Decimal(0))


def test_a_session_that_is_over_earns_its_span_as_class_hours(session, learner, tick) -> None:
    tick(present=True)
    attendance_settle(item_id=session.pk, user_ids=[learner.pk])
    attendance_settle(item_id=session.pk, user_ids=[learner.pk])
    (entry,) = CreditEntry.objects.filter(user=learner)
    assert (entry.hours, entry.kind, entry.at) == (Decimal(2), "class", END)


def test_a_tick_taken_back_takes_its_hours_back(session, learner, tick) -> None:
    tick(present=True)
    attendance_settle(item_id=session.pk, user_ids=[learner.pk])
    tick(present=False)
    attendance_settle(item_id=session.pk, user_ids=[learner.pk])
    assert hours(learner) == 0
    assert CreditEntry.objects.filter(user=learner).count() == 2


def test_a_session_that_was_longer_is_booked_anew(session, learner, keeper, tick) -> None:
    tick(present=True)
    attendance_settle(item_id=session.pk, user_ids=[learner.pk])
    item_change(item=session, user=keeper, ends_at=END + dt.timedelta(minutes=45))
    attendance_settle(item_id=session.pk, user_ids=[learner.pk])
    assert hours(learner) == 3


def test_the_sweep_finds_ticks_and_what_became_of_them(session, learner, keeper, tick) -> None:
    tick(present=True)
    entries_sweep()
    assert hours(learner) == 2
    item_change(item=session, user=keeper, ends_at=END + dt.timedelta(minutes=45))
    entries_sweep()
    assert hours(learner) == 3
    tick(present=False)
    entries_sweep()
    assert hours(learner) == 0
    assert entries_sweep() == 0


def test_the_sweep_finds_a_session_of_which_only_the_beginning_moved(
    session, learner, keeper, tick
) -> None:
    tick(present=True)
    entries_sweep()
    item_change(item=session, user=keeper, starts_at=BEGIN + dt.timedelta(minutes=45))
    entries_sweep()
    assert hours(learner) == 1
    assert ItemDone.objects.get().recorded_by == keeper


def test_a_session_to_come_earns_nothing_yet(session, learner) -> None:
    session.starts_at, session.ends_at = (timezone.now() + dt.timedelta(hours=n) for n in (1, 2))
    session.save()
    ItemDone.objects.create(item=session, user=learner, at=session.ends_at)
    entries_sweep()
    assert not CreditEntry.objects.filter(user=learner).exists()
