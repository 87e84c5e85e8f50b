"""The demo's room: an approved evening, one that waits, one that is planned."""

import pytest

from lms.demo.gatherings import PRESENT, gatherings_seed
from lms.demo.people import people_seed
from lms.gatherings.models import Gathering
from lms.ledger.models import CreditEntry
from tests.factories import LecturePageFactory

pytestmark = pytest.mark.django_db


def test_a_branch_has_held_sessions_and_plans_another_and_twice_is_once() -> None:
    people_seed()
    lectures = [LecturePageFactory(asset__duration=90.0) for _ in range(2)]
    for _ in range(2):
        gatherings_seed(lectures)
    states = list(Gathering.objects.order_by("on").values_list("state", flat=True))
    assert states == ["approved", "handed_in", "planned"]
    entries = CreditEntry.objects.standing()
    assert [entry.kind for entry in entries] == ["collective"] * PRESENT
