"""A lecture of a township that its branch's secretary handed in, and the people around it."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.factories import LecturePageFactory, UserFactory


@pytest.fixture
def people(units: SimpleNamespace) -> Any:
    return SimpleNamespace(
        asker=UserFactory(name="欧阳提问", home=units.branch),
        other=UserFactory(home=units.branch),
        uploader=UserFactory(secretary=True, unit=units.branch),
        reviewer=UserFactory(reviewer=True, unit=units.township),
        foreign=UserFactory(reviewer=True, unit=units.foreign),
    )


@pytest.fixture
def lecture(units: SimpleNamespace, people: Any) -> Any:
    return LecturePageFactory(
        organization=units.township, submitted_by=people.uploader, title="春耕一课"
    )
