"""A small tree with two counties, a line and people at one branch."""

import datetime as dt
from types import SimpleNamespace

import pytest

from tests.factories import OrganizationFactory, UserFactory

OPENED = dt.date(2020, 1, 1)


@pytest.fixture
def units(db: None) -> SimpleNamespace:
    city = OrganizationFactory(city=True, code="21", opened_on=OPENED)

    def below(parent: object, code: str, **kwargs: object) -> object:
        return OrganizationFactory(parent=parent, code=code, opened_on=OPENED, **kwargs)

    county = below(city, "2101", county=True)
    other = below(city, "2102", county=True)
    township = below(county, "210101", township=True)
    return SimpleNamespace(
        city=city,
        county=county,
        other=other,
        township=township,
        neighbour=below(county, "210102", township=True),
        abroad=below(other, "210201", township=True),
        branch=below(township, "210101-01"),
        sibling=below(township, "210101-02"),
        line=below(city, "21L", line=True),
    )


@pytest.fixture
def officer(units: SimpleNamespace) -> object:
    """Keeps the tree of the whole city."""
    return UserFactory(officer=True, unit=units.city)
