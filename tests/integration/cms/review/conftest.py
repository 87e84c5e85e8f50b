"""An author in a branch, and the people of its township who review."""

import pytest

from tests.factories import UserFactory, VideoAssetFactory, library
from tests.factories.reviews import review_staff, submission


@pytest.fixture
def author(units):
    library()
    return UserFactory(secretary=True, unit=units.branch, name="支书戊")


@pytest.fixture
def staff(units):
    return review_staff(units.township)


@pytest.fixture
def review(author, staff):
    return submission(author)


@pytest.fixture
def phone(client, author):
    client.force_login(author)
    return client


@pytest.fixture
def asset(author):
    return VideoAssetFactory(owner=author, ready=True)
