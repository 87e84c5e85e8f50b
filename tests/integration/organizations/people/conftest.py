"""The small tree with a line unit and a second branch in the township; its keepers."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.factories import OrganizationFactory, UserFactory


@pytest.fixture
def units(units: SimpleNamespace) -> SimpleNamespace:
    units.line = OrganizationFactory(line=True, parent=units.city)
    units.second_branch = OrganizationFactory(parent=units.township)
    return units


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
