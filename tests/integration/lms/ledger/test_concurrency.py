"""Bookings of one person, and the closing of a year, that arrive at the same moment, on different
connections.
"""

import datetime as dt
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from lms.ledger import years
from lms.ledger.entries import person_settle
from lms.ledger.models import CreditEntry, DayOccupancy, YearClosing, YearStatement
from lms.ledger.occupancy import length, merged
from lms.ledger.rederiving import ledger_doubts
from lms.ledger.watched import Watched
from lms.ledger.years import closing_work, year_close, year_reopen
from tests.factories import LecturePageFactory, UserFactory
from tests.integration.lms.ledger.conftest import BEGIN, watch
from tests.services import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_settling_at_once_books_each_fact_once_and_no_second_twice(monkeypatch):
    monkeypatch.setattr("lms.watching.completions._announce", lambda *args: None)
    user = UserFactory(home=True)
    for number in range(3):
        at = BEGIN + dt.timedelta(minutes=15 * number)
        watch(user, LecturePageFactory(asset__duration=1200.0), at=at)

    def settle(_number):
        try:
            person_settle(user_id=user.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(settle, range(8)))

    entries = list(CreditEntry.objects.all())
    assert len(entries) == 3
    held = [tuple(span) for entry in entries for span in entry.spans]
    assert length(merged(held)) == length(held)
    (day,) = DayOccupancy.objects.all()
    assert length((start, end) for start, end, *_ in day.spans) == length(held)


# -- closing a year while somebody books to it -----------------------------------------------------

LAST = timezone.localdate().year - 1
# Longer than anything here takes; only ends what went wrong.
PATIENCE = 30


def apart(act):
    """Run on a connection of its own."""

    def run():
        try:
            return act()
        finally:
            connection.close()

    return run


def ended_or_waiting(act: Future) -> bool:
    """It came to its end, or stands before a lock that another transaction holds."""
    if act.done():
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


class Held:
    """A function that waits in the middle of a transaction until it is let go."""

    def __init__(self, plain):
        self.plain, self.reached, self.go = plain, threading.Event(), threading.Event()

    def __call__(self, *args, **kwargs):
        found = self.plain(*args, **kwargs)
        self.reached.set()
        assert self.go.wait(PATIENCE)
        return found


@pytest.fixture
def keeper(units):
    return UserFactory(home=units.branch, officer=True, unit=units.city)


@pytest.fixture
def learner(units, monkeypatch):
    """Has learnt a lecture last year that nobody has booked yet."""
    monkeypatch.setattr("lms.watching.completions._announce", lambda *args: None)
    user = UserFactory(home=units.branch)
    at = dt.datetime(LAST, 5, 20, 1, 0, tzinfo=dt.UTC)
    watch(user, LecturePageFactory(asset__duration=1200.0), at=at)
    return user


def one_after_the_other(monkeypatch, first, held, second) -> None:
    """`second` comes while `first` stands in the middle of its transaction, at what is `held`."""
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite has one writer at a time")
    place, name = held
    gate = Held(getattr(place, name))
    monkeypatch.setattr(place, name, lambda *args, **kwargs: gate(*args, **kwargs))
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(apart(first))
        try:
            assert gate.reached.wait(PATIENCE)
            monkeypatch.setattr(place, name, gate.plain)
            other = pool.submit(apart(second))
            wait_for(lambda: ended_or_waiting(other), seconds=PATIENCE, what="The second act")
        finally:
            gate.go.set()
        one.result(PATIENCE)
        other.result(PATIENCE)


def frozen_is_the_sum(learner) -> None:
    closing_work()
    statement = YearStatement.objects.get(user=learner, closing__reopened_at=None)
    booked = CreditEntry.objects.filter(user=learner, year=LAST)
    assert statement.counted == sum((one.hours for one in booked), Decimal(0))
    closed = YearClosing.objects.get(reopened_at=None).closed_at
    assert all(one.booked_at <= closed for one in booked)
    assert [one.text() for one in ledger_doubts()] == []


def test_a_booking_on_its_way_is_in_the_year_before_it_closes(learner, keeper, monkeypatch):
    one_after_the_other(
        monkeypatch,
        lambda: person_settle(user_id=learner.pk),
        (Watched, "facts"),
        lambda: (year_close(year=LAST, actor=keeper), closing_work()),
    )
    assert CreditEntry.objects.get().year == LAST
    frozen_is_the_sum(learner)
    assert YearStatement.objects.get(user=learner).counted == Decimal("0.50")


def test_a_booking_that_comes_while_a_year_closes_goes_to_the_running_one(
    learner, keeper, monkeypatch
):
    one_after_the_other(
        monkeypatch,
        lambda: year_close(year=LAST, actor=keeper),
        (years.log, "record"),
        lambda: person_settle(user_id=learner.pk),
    )
    assert CreditEntry.objects.get().year == LAST + 1
    frozen_is_the_sum(learner)


def test_a_booking_that_comes_while_a_year_opens_again_goes_to_it(learner, keeper, monkeypatch):
    year_close(year=LAST, actor=keeper)
    one_after_the_other(
        monkeypatch,
        lambda: year_reopen(year=LAST, reason="补录", actor=keeper),
        (years.log, "record"),
        lambda: person_settle(user_id=learner.pk),
    )
    assert CreditEntry.objects.get().year == LAST
    assert [one.text() for one in ledger_doubts()] == []
