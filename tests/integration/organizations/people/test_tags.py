"""Tags: many, dated, given by those who keep the person."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from organizations.models import Tag, today
from organizations.people import services
from organizations.people.services import PeopleError
from tests.factories import UserFactory
from tests.integration.organizations.people.acts import logged

pytestmark = pytest.mark.django_db


def test_tags_are_many_and_dated_but_a_stage_is_one(officer, member):
    long_ago = dt.date(2020, 5, 1)
    services.tag_open(actor=officer, person=member, value="probationary", on=long_ago)
    services.tag_open(actor=officer, person=member, value="rural")
    services.tag_open(actor=officer, person=member, value="community", dimension="field")
    services.tag_open(actor=officer, person=member, value="full", on=dt.date(2021, 5, 1))

    held = set(Tag.objects.current().filter(user=member).values_list("value", flat=True))
    assert held == {"rural", "community", "full"}
    before = Tag.objects.current(dt.date(2020, 8, 1)).get(user=member)
    assert (before.value, before.valid_to) == ("probationary", dt.date(2021, 5, 1))
    assert logged("tag.open").count() == 4


def test_tags_that_make_no_sense_are_refused(officer, secretary, member):
    tag = services.tag_open(actor=secretary, person=member, value="exempt")
    for given in (
        {"value": "exempt"},
        {"value": "king"},
        {"value": "rural", "dimension": "stage"},
        {"value": "rural", "on": today() + dt.timedelta(days=1)},
    ):
        with pytest.raises(PeopleError):
            services.tag_open(actor=officer, person=member, **given)
    with pytest.raises(PeopleError):
        services.tag_close(actor=officer, tag=tag, on=dt.date(2020, 1, 1))
    services.tag_close(actor=officer, tag=tag)
    assert not Tag.objects.current().filter(user=member).exists()


def test_nobody_changes_their_own_tags(officer, secretary):
    with pytest.raises(PermissionDenied):
        services.tag_open(actor=secretary, person=secretary, value="exempt")
    tag = services.tag_open(actor=officer, person=secretary, value="exempt")
    with pytest.raises(PermissionDenied):
        services.tag_close(actor=secretary, tag=tag)
    assert Tag.objects.current().get(user=secretary) == tag


def test_members_and_strangers_tag_nobody(units, member):
    for actor in (member, UserFactory(officer=True, unit=units.sibling)):
        with pytest.raises(PermissionDenied):
            services.tag_open(actor=actor, person=member, value="exempt")
