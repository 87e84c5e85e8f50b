"""The demo's hours: a statement with lectures, and claims at both ends of their way."""

import pytest

from lms.demo.hours import hours_seed
from lms.demo.people import people_seed
from lms.ledger.models import CreditEntry, ExternalClaim
from tests.factories import LecturePageFactory

pytestmark = pytest.mark.django_db


def test_somebody_has_learnt_and_somebody_has_claimed_and_twice_is_once() -> None:
    people_seed()
    lectures = [LecturePageFactory(asset__duration=90.0) for _ in range(4)]
    for _ in range(2):
        hours_seed(lectures)
    entries = CreditEntry.objects.standing()
    assert entries.filter(user__username="leader").count() == 3
    assert entries.get(user__username="member").kind == "external"
    assert set(ExternalClaim.objects.values_list("state", flat=True)) == {"approved", "checking"}
    assert all("演示" in one.title for one in ExternalClaim.objects.all())
