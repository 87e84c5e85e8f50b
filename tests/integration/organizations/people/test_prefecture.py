"""The made-up prefecture of the benchmarks obeys the rules of the model."""

import pytest

from benchmarks.prefecture import prefecture_fill
from organizations.models import Membership, Organization, Placement, Post, Tag, User

pytestmark = pytest.mark.django_db


def test_a_small_prefecture_is_whole():
    city = prefecture_fill(people=400, branches=170)

    units = Organization.objects.within(city)
    assert User.objects.count() == 400
    assert units.filter(kind="branch").count() == 170
    assert Placement.objects.current().count() == units.count() == 1 + 7 + 163 + 170
    assert Organization.find_problems() == ([], [], [], [], [])
    assert Membership.objects.current().exclude(kind="floating_host").count() == 400
    assert Membership.objects.current().filter(kind="floating_host").exists()
    assert Post.objects.current().filter(role="secretary").count() == 170
    assert set(Tag.objects.values_list("dimension", flat=True)) == {"field", "stage", "state"} | (
        {"position"}
    )
    assert User.objects.filter(activated_at=None).count() == 160
