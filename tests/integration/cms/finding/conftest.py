"""A member, and lectures with captions."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cms.models import LecturePage
from media_pipeline.captions.cues import Cue, write_vtt
from media_pipeline.captions.tracks import captions_put
from tests.factories import LecturePageFactory, UserFactory


@pytest.fixture
def member(client: Client, units: SimpleNamespace) -> Client:
    client.force_login(UserFactory(home=units.branch))
    return client


@pytest.fixture
def lecture_of(units: SimpleNamespace) -> Callable[..., LecturePage]:
    """A lecture with nothing in it but what is given; `said` are lines of captions, 3 s each."""

    def make(title: str = "题", *, said: tuple[str, ...] = (), **fields: Any) -> LecturePage:
        blank = {"summary": "", "speaker": "", "organization": units.township}
        lecture = LecturePageFactory(title=title, **(blank | fields))
        if said:
            caption(lecture, *said)
        return lecture

    return make


def caption(lecture: LecturePage, *lines: str) -> None:
    cues = [Cue(3000 * n, 3000 * n + 2500, line) for n, line in enumerate(lines)]
    captions_put(
        asset=lecture.asset,
        data=write_vtt(cues).encode(),
        actor=lecture.asset.owner,
        now=timezone.now(),
    )
