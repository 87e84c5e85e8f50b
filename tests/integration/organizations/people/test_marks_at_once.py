"""A tie and a tag that one person is given at the same moment, on different connections."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from organizations.models import Membership, Tag
from organizations.people.mark_bits import bits
from tests.factories import OrganizationFactory, UserFactory
from tests.locks import until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("tag_first", [True, False])
def test_neither_misses_the_other(tag_first):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    unit, person = OrganizationFactory(city=True), UserFactory()

    def tie():
        Membership.objects.create(user=person, organization=unit, kind="learner")

    def tag():
        Tag.objects.create(user=person, dimension="field", value="rural")

    first, second = (tag, tie) if tag_first else (tie, tag)

    def later():
        try:
            second()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            first()
            waiting = other.submit(later)
            until_somebody_waits()
        waiting.result()

    assert Membership.objects.get().marks & bits("tag.rural")
