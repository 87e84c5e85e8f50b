"""Two keepers who open the same session at the same moment, on different connections."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from lms.gatherings.errors import AlreadyOpen
from lms.gatherings.models import Gathering
from tests.factories import UserFactory
from tests.integration.lms.gatherings.test_evening import plan
from tests.locks import until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_second_is_told_of_the_first_and_loses_nothing(units, secretary, lecture):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    second = UserFactory(secretary=True, unit=units.branch)

    def later():
        try:
            return plan(units, second, lecture=lecture, place="村小学")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            made = plan(units, secretary, lecture=lecture)
            # The second has looked, sees nothing, and waits for the row that is being written.
            waiting = other.submit(later)
            until_somebody_waits()
        with pytest.raises(AlreadyOpen) as told:
            waiting.result()

    assert told.value.gathering == made
    assert (told.value.gathering.place, told.value.gathering.made_by) == (made.place, secretary)
    assert Gathering.objects.get() == made


def test_one_form_sent_twice_at_once_opens_one_session(units, secretary, lecture):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")

    wish = uuid.uuid4()

    def later():
        try:
            return plan(units, secretary, lecture=lecture, wish=wish)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            made = plan(units, secretary, lecture=lecture, wish=wish)
            waiting = other.submit(later)
            until_somebody_waits()
        assert waiting.result() == made
    assert Gathering.objects.count() == 1
