"""A lecture gets another recording: what does not come along is said to those who can mend it."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.models import LecturePage
from cms.submission_states import submissions_of
from media_pipeline.captions.tracks import captions_put
from media_pipeline.chapters.marks import chapters_put
from media_pipeline.models import VideoAsset
from tests.factories import LecturePageFactory, UserFactory, VideoAssetFactory
from tests.factories.reviews import reviewed
from tests.integration.cms.test_publishing import form_of

pytestmark = pytest.mark.django_db

SRT = "1\n00:00:01,000 --> 00:00:03,500\n同志们好\n".encode()
CAPTIONS, PICTURE = "不会自动沿用：字幕。", "不会自动沿用：选定的封面。"


@pytest.fixture
def owner(units: SimpleNamespace) -> Any:
    return UserFactory(secretary=True, unit=units.branch)


@pytest.fixture
def curator(units: SimpleNamespace) -> Any:
    return UserFactory(curator=True, unit=units.city)


@pytest.fixture
def lecture(owner: Any, units: SimpleNamespace) -> LecturePage:
    asset = VideoAssetFactory(ready=True, owner=owner)
    found: LecturePage = LecturePageFactory(asset=asset, organization=units.branch)
    return found


@pytest.fixture
def newer(owner: Any) -> VideoAsset:
    return VideoAssetFactory(ready=True, owner=owner)


def caption(asset: VideoAsset) -> None:
    captions_put(asset=asset, data=SRT, actor=None, now=timezone.now())


def choose_picture(asset: VideoAsset) -> None:
    VideoAsset.objects.filter(pk=asset.pk).update(poster=f"{asset.package_id}/poster_1.jpg")


def replace(client: Client, curator: Any, lecture: LecturePage, newer: VideoAsset) -> str:
    """What the editor's next page says when the new recording, through its reviews, goes live."""
    lecture.asset = newer
    reviewed(lecture).save_revision(user=curator)
    client.force_login(curator)
    address = reverse("wagtailadmin_pages:edit", args=[lecture.pk])
    data = form_of(lecture, asset=str(newer.pk), **{"action-publish": "1"})
    answer = client.post(address, data, follow=True)
    lecture.refresh_from_db()
    assert lecture.asset_id == newer.pk
    return str(answer.content.decode())


def notice_of(asset: VideoAsset) -> str:
    """What the uploader reads of it in the list of submissions."""
    items = {item.asset_id: item for item in submissions_of(user=asset.owner)}
    return items[asset.pk].reason_text


def test_who_replaces_a_recording_and_who_sent_the_new_one_learn_of_the_captions(
    client: Client, curator: Any, owner: Any, lecture: LecturePage, newer: VideoAsset
) -> None:
    caption(lecture.asset)
    assert CAPTIONS in replace(client, curator, lecture, newer)
    assert CAPTIONS in notice_of(newer)
    client.force_login(owner)
    assert CAPTIONS in client.get(reverse("cms:recording", args=[newer.pk])).content.decode()


def test_a_picture_that_was_chosen_is_missed_as_well(
    client: Client, curator: Any, lecture: LecturePage, newer: VideoAsset
) -> None:
    choose_picture(lecture.asset)
    assert PICTURE in replace(client, curator, lecture, newer)
    assert PICTURE in notice_of(newer)


def test_all_are_named_together(
    client: Client, curator: Any, lecture: LecturePage, newer: VideoAsset
) -> None:
    caption(lecture.asset)
    chapters_put(asset=lecture.asset, text="0:00 开场", actor=None)
    choose_picture(lecture.asset)
    replace(client, curator, lecture, newer)
    assert "：字幕、章节、选定的封面。" in notice_of(newer)


def test_the_notice_goes_once_the_new_recording_has_its_own(
    client: Client, curator: Any, lecture: LecturePage, newer: VideoAsset
) -> None:
    caption(lecture.asset)
    replace(client, curator, lecture, newer)
    caption(newer)
    assert notice_of(newer) == ""


def test_nothing_is_said_where_nothing_is_left_behind(
    client: Client, curator: Any, lecture: LecturePage, newer: VideoAsset
) -> None:
    assert "新录像" not in replace(client, curator, lecture, newer)
    assert notice_of(newer) == ""


def test_the_former_recording_is_called_replaced_and_is_not_to_be_handed_in(
    client: Client, curator: Any, lecture: LecturePage, newer: VideoAsset
) -> None:
    former = lecture.asset
    assert former is not None
    replace(client, curator, lecture, newer)
    items = {item.asset_id: item for item in submissions_of(user=former.owner)}
    assert items[former.pk].state_text == "已由新录像替换"
    assert items[former.pk].title == lecture.title
    assert items[former.pk].finish_url == ""


def test_the_draft_of_another_recording_changes_nothing_yet(
    client: Client, curator: Any, lecture: LecturePage, newer: VideoAsset
) -> None:
    caption(lecture.asset)
    client.force_login(curator)
    address = reverse("wagtailadmin_pages:edit", args=[lecture.pk])
    client.post(address, form_of(lecture, asset=str(newer.pk)))
    lecture.refresh_from_db()
    assert (lecture.asset_id == newer.pk, lecture.former_asset_id) == (False, None)
    assert notice_of(newer) == ""
