"""A small prefecture: city, two counties with a township each, a village branch, a line unit."""

from types import SimpleNamespace

import pytest

from tests.factories import OrganizationFactory


@pytest.fixture
def units(db: None) -> SimpleNamespace:
    city = OrganizationFactory(city=True)
    county = OrganizationFactory(county=True, parent=city)
    other_county = OrganizationFactory(county=True, parent=city)
    township = OrganizationFactory(township=True, parent=county)
    sibling = OrganizationFactory(township=True, parent=county)
    foreign = OrganizationFactory(township=True, parent=other_county)
    branch = OrganizationFactory(parent=township)
    line = OrganizationFactory(line=True, parent=city)
    line_branch = OrganizationFactory(parent=line)
    found = {name: unit for name, unit in locals().items() if name != "db"}
    for unit in found.values():
        unit.refresh_from_db()
    return SimpleNamespace(**found)
