"""A class of the county with three lectures."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.factories import LecturePageFactory, TrainingClassFactory


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
