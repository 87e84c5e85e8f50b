"""The small tree that most tests of people and classes stand in."""

from types import SimpleNamespace

import pytest

from tests.factories import OrganizationFactory


@pytest.fixture
def units(db: None) -> SimpleNamespace:
    """A city with two counties; in the first two townships with a branch each."""
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
