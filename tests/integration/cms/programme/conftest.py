"""A secretary with a branch, and a menu of the county with three lectures."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tests.factories import MenuFactory, UserFactory


@pytest.fixture
def today() -> dt.date:
    return timezone.localdate()


@pytest.fixture
def secretary(units: SimpleNamespace):
    return UserFactory(secretary=True, unit=units.branch)


@pytest.fixture
def menu(units: SimpleNamespace):
    return MenuFactory(organization=units.county, titles=["一讲", "二讲", "三讲"])
