"""A class of the county with three lectures, its keeper, and a rule for the rural."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lms.classes.models import Enrolment
from tests.factories import (
    EnrolmentRuleFactory,
    LecturePageFactory,
    TagFactory,
    TrainingClassFactory,
    UserFactory,
)


@pytest.fixture
def lectures(units: SimpleNamespace) -> list:
    return LecturePageFactory.create_batch(3, organization=units.county)


@pytest.fixture
def training_class(units: SimpleNamespace, lectures: list):
    """Two required lectures and one of one elective."""
    return TrainingClassFactory(
        organization=units.county,
        required=lectures[:2],
        electives=lectures[2:],
        electives_needed=1,
    )


@pytest.fixture
def keeper(units):
    return UserFactory(officer=True, unit=units.county)


@pytest.fixture
def rural(units):
    people = UserFactory.create_batch(3, home=units.branch)
    for one in people:
        TagFactory(user=one, value="rural")
    UserFactory(home=units.branch)
    elsewhere = UserFactory(home=units.foreign_branch)
    TagFactory(user=elsewhere, value="rural")
    return people


@pytest.fixture
def rule(training_class, units):
    return EnrolmentRuleFactory(
        training_class=training_class, unit=units.county, tags={"field": "rural"}
    )


def learners(training_class):
    rows = Enrolment.objects.open().filter(training_class=training_class)
    return set(rows.values_list("user_id", flat=True))


def ids(people):
    return {one.pk for one in people}
