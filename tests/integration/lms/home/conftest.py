"""A member and the ways in which they are signed in."""

import time

import pytest

from tests.factories import OrganizationFactory, UserFactory


def signed_in(client, user, *, ago: int = 0):
    """As after signing in with a password `ago` seconds before."""
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - ago}]
    session.save()
    return client


@pytest.fixture
def branch():
    return OrganizationFactory(parent=OrganizationFactory(township=True))


@pytest.fixture
def person(branch):
    return UserFactory(home=branch, name="李秀英", phone="13812340001", code="P-1")


@pytest.fixture
def inside(client, person):
    return signed_in(client, person)


@pytest.fixture
def no_messages(settings):
    settings.SMS_BACKEND = ""
