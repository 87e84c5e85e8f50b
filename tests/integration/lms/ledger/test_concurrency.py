"""Bookings of one person that arrive at the same moment, on different connections."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from lms.ledger.entries import person_settle
from lms.ledger.models import CreditEntry, DayOccupancy
from lms.ledger.occupancy import length, merged
from tests.factories import LecturePageFactory, UserFactory
from tests.integration.lms.ledger.conftest import BEGIN, watch

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
