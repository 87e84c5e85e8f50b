"""Members hear what became of their claims."""

import pytest

from lms.ledger.claims import claim_approve, claim_check, claim_send_back, claim_withdraw
from notices.models import Message
from tests.factories import ClaimFactory, UserFactory

pytestmark = pytest.mark.django_db


def texts(person) -> list[str]:
    return list(Message.objects.visible_to(person).values_list("text", flat=True))


@pytest.fixture
def claim(member, units):
    return ClaimFactory(user=member, organization=units.branch)


@pytest.fixture
def secretary(units):
    return UserFactory(home=units.branch, secretary=True, unit=units.branch)


@pytest.fixture
def county(units):
    return UserFactory(home=units.other_branch, officer=True, unit=units.county)


def test_each_step_replaces_the_one_before(claim, member, secretary, county):
    claim_check(claim=claim, actor=secretary)
    assert texts(member) == ["check"]
    claim.refresh_from_db()
    claim_approve(claim=claim, actor=county)
    assert texts(member) == ["approve"]


def test_what_was_sent_back_is_told_until_the_member_acts(claim, member, secretary):
    claim_send_back(claim=claim, actor=secretary, reason="看不清")
    assert texts(member) == ["send_back"]
    claim.refresh_from_db()
    claim_withdraw(claim=claim, user=member)
    assert texts(member) == []
