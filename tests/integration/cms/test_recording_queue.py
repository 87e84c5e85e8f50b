"""What keepers of the library see of the queue, and their one act on it."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext

from audit.models import AuditEntry
from media_pipeline.messages import remaining_text, sentence, state_text
from media_pipeline.models import TranscodeJob, VideoAsset
from tests.factories import (
    LecturePageFactory,
    TranscodeJobFactory,
    UserFactory,
    VideoAssetFactory,
)

pytestmark = pytest.mark.django_db
INDEX = "/admin/recording-queue/"


@pytest.fixture
def keeper(client: Client, units: SimpleNamespace) -> Client:
    client.force_login(UserFactory(curator=True, unit=units.township, is_demo=True))
    return client


@pytest.fixture
def secretary(units: SimpleNamespace) -> Any:
    return UserFactory(secretary=True, unit=units.branch)


def page(client: Client, **query: str) -> str:
    response = client.get(INDEX, query)
    assert response.status_code == 200
    return response.content.decode()


def given_up(owner: Any, name: str = "失败的课.mp4") -> VideoAsset:
    asset = VideoAssetFactory(owner=owner, failed=True, reason="stalled", original_name=name)
    TranscodeJobFactory(asset=asset, state="quarantined", attempt=3, reason="stalled")
    return asset


def test_it_lists_what_waits_runs_or_was_given_up(keeper: Client, secretary: Any) -> None:
    running = VideoAssetFactory(
        owner=secretary,
        original_name="正在处理.mp4",
        created_at=timezone.now() - dt.timedelta(minutes=7),
    )
    TranscodeJobFactory(
        asset=running, state="running", step="encode", progress=0.42, seconds_left=400
    )
    TranscodeJobFactory(asset=VideoAssetFactory(owner=secretary, original_name="排队.mp4"))
    given_up(secretary)
    VideoAssetFactory(owner=secretary, original_name="好了.mp4", ready=True)
    text = page(keeper)
    job = TranscodeJob.objects.get(asset=running)
    for words in ("正在处理.mp4", state_text(running, job), remaining_text(job), 'value="42"'):
        assert words in text
    for words in ("排队.mp4", state_text(running), "失败的课.mp4", sentence("stalled")):
        assert words in text
    assert timesince(running.created_at, depth=1) in text
    assert "好了.mp4" not in text


def test_what_was_refused_lately_is_there_with_its_reason(keeper: Client, secretary: Any) -> None:
    for name, days in (("新.mp4", 1), ("旧.mp4", 9)):
        asset = VideoAssetFactory(
            owner=secretary,
            refused=True,
            original_name=name,
            created_at=timezone.now() - dt.timedelta(days=days),
        )
        TranscodeJobFactory(asset=asset, state="refused", reason="not_media")
    text = page(keeper, stage="refused")
    assert "新.mp4" in text
    assert "旧.mp4" not in text
    assert sentence("not_media") in text
    assert "/retry/" not in text


def test_a_recording_is_called_as_its_lecture_and_with_its_unit(
    keeper: Client, secretary: Any, units: SimpleNamespace
) -> None:
    lecture = LecturePageFactory(
        draft=True,
        title="清洁家园",
        organization=units.township,
        asset=VideoAssetFactory(owner=secretary, original_name="VID_1.mp4"),
    )
    TranscodeJobFactory(asset=lecture.asset)
    given_up(secretary)
    text = page(keeper)
    assert "清洁家园" in text
    assert "VID_1.mp4" not in text
    assert units.township.name in text
    assert units.branch.name in text


def test_it_shows_nothing_of_other_units(keeper: Client, units: SimpleNamespace) -> None:
    asset = given_up(UserFactory(secretary=True, unit=units.foreign), name="外镇.mp4")
    assert "外镇.mp4" not in page(keeper)
    url = reverse("recording-queue:retry", args=[asset.pk])
    assert keeper.post(url).status_code == 404
    assert TranscodeJob.objects.get().state == "quarantined"


def test_of_an_uploader_with_posts_elsewhere_it_names_the_unit_inside(
    keeper: Client, units: SimpleNamespace
) -> None:
    owner = UserFactory(secretary=True, unit=units.branch, home=units.foreign)
    given_up(owner)
    text = page(keeper)
    assert units.branch.name in text
    assert units.foreign.name not in text


def test_what_was_given_up_is_tried_again_and_the_log_says_who_wanted_it(
    keeper: Client, secretary: Any
) -> None:
    asset = given_up(secretary)
    url = reverse("recording-queue:retry", args=[asset.pk])
    assert url in page(keeper)
    for _ in range(2):  # a second press changes nothing
        response = keeper.post(url)
        assert (response.status_code, response["Location"]) == (302, INDEX)
    job = TranscodeJob.objects.full().get()
    assert (job.state, job.attempt) == ("queued", 0)
    assert AuditEntry.objects.get(action="job.retry").actor_id == int(
        keeper.session["_auth_user_id"]
    )
    assert url not in page(keeper)


@pytest.mark.parametrize(
    ("stage", "shown"), [("waiting", "排队"), ("running", "正在"), ("failed", "失败")]
)
def test_it_is_narrowed_to_a_state(keeper: Client, secretary: Any, stage: str, shown: str) -> None:
    running = VideoAssetFactory(owner=secretary, original_name="正在.mp4")
    TranscodeJobFactory(asset=running, state="running")
    TranscodeJobFactory(asset=VideoAssetFactory(owner=secretary, original_name="排队.mp4"))
    given_up(secretary, name="失败.mp4")
    text = page(keeper, stage=stage)
    assert [name for name in ("排队", "正在", "失败") if f"{name}.mp4" in text] == [shown]


def test_an_empty_queue_says_what_will_appear(keeper: Client) -> None:
    words = gettext(
        "Nothing is waiting. Recordings appear here from the moment they are sent until they can "
        "be watched."
    )
    assert words in page(keeper)


def test_a_long_list_takes_as_many_queries_as_a_short_one(
    keeper: Client, secretary: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        given_up(secretary, name=f"{number}.mp4")
        LecturePageFactory(draft=True, asset=VideoAssetFactory(owner=secretary))
    with django_assert_max_num_queries(32):
        page(keeper)
