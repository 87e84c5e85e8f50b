"""Classes go with the unit that holds them."""

import datetime as dt

import pytest
from django.utils import timezone

from lms.classes.holders import classes_follow
from organizations.models import Organization
from organizations.units.tree import organization_merge
from tests.factories import EnrolmentRuleFactory, OrganizationFactory, TrainingClassFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def townships() -> list[Organization]:
    county = OrganizationFactory(county=True, parent=OrganizationFactory(city=True))
    return [OrganizationFactory(township=True, parent=county) for _ in range(3)]


def test_a_class_that_is_not_over_goes_to_the_successor(townships: list[Organization]) -> None:
    first, second, third = townships
    held = TrainingClassFactory(organization=first)
    day = timezone.localdate() - dt.timedelta(days=1)
    over = TrainingClassFactory(organization=first, ends_on=day)
    organization_merge(actor=None, organization=first, into=second)
    held.refresh_from_db()
    over.refresh_from_db()
    assert (held.organization, over.organization) == (second, first)
    Organization.objects.filter(pk=second.pk).update(merged_into=third)
    assert classes_follow() == 1
    held.refresh_from_db()
    assert held.organization == third


def test_plans_and_rules_go_along(townships: list[Organization]) -> None:
    first, second, _third = townships
    held = TrainingClassFactory(organization=first)
    rule = EnrolmentRuleFactory(training_class=held)
    organization_merge(actor=None, organization=first, into=second)
    rule.refresh_from_db()
    held.plan.refresh_from_db()
    assert (rule.unit, held.plan.organization) == (second, second)
