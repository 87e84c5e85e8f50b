"""A county with two townships, a branch in each, and a class of the county."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.factories import (
    LecturePageFactory,
    OrganizationFactory,
    TrainingClassFactory,
)


@pytest.fixture
def units(db: None) -> SimpleNamespace:
    city = OrganizationFactory(city=True)
    county = OrganizationFactory(county=True, parent=city)
    other_county = OrganizationFactory(county=True, parent=city)
    township = OrganizationFactory(township=True, parent=county)
    sibling = OrganizationFactory(township=True, parent=county)
    return SimpleNamespace(
        city=city,
        county=county,
        other_county=other_county,
        township=township,
        sibling=sibling,
        branch=OrganizationFactory(parent=township),
        other_branch=OrganizationFactory(parent=sibling),
        foreign_branch=OrganizationFactory(parent=other_county),
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
