"""A city with two counties; in the first a township with two branches; a line with a branch."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.factories import OrganizationFactory, UserFactory


@pytest.fixture
def units(db: None) -> SimpleNamespace:
    city = OrganizationFactory(city=True)
    county = OrganizationFactory(county=True, parent=city)
    other_county = OrganizationFactory(county=True, parent=city)
    township = OrganizationFactory(township=True, parent=county)
    sibling = OrganizationFactory(township=True, parent=county)
    line = OrganizationFactory(line=True, parent=city)
    return SimpleNamespace(
        city=city,
        county=county,
        other_county=other_county,
        township=township,
        sibling=sibling,
        line=line,
        branch=OrganizationFactory(parent=township),
        second_branch=OrganizationFactory(parent=township),
        other_branch=OrganizationFactory(parent=sibling),
        foreign_branch=OrganizationFactory(parent=other_county),
    )


@pytest.fixture
def officer(units):
    """Keeps the township."""
    return UserFactory(officer=True, unit=units.township, name="镇组织员")


@pytest.fixture
def secretary(units):
    return UserFactory(secretary=True, unit=units.branch, home=units.branch, name="本支部书记")


@pytest.fixture
def member(units):
    return UserFactory(
        home=units.branch, name="张建国", phone="13812345678", code="P000001", activated_at=None
    )
