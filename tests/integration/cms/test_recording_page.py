"""The page of one recording: whose it is, bringing captions, choosing the picture."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.captions.tracks import captions_put, captions_recognised
from media_pipeline.chore_models import Chore
from media_pipeline.models import VideoAsset
from tests.factories import LecturePageFactory, UserFactory, VideoAssetFactory

pytestmark = pytest.mark.django_db

SRT = "1\n00:00:01,000 --> 00:00:03,500\n<script>同志们好</script>\n"


@pytest.fixture
def owner(units: SimpleNamespace) -> Any:
    return UserFactory(secretary=True, unit=units.branch)


@pytest.fixture
def asset(owner: Any) -> VideoAsset:
    return VideoAssetFactory(ready=True, owner=owner)


@pytest.fixture
def lecture(asset: VideoAsset, units: SimpleNamespace) -> Any:
    return LecturePageFactory(asset=asset, organization=units.branch)


def send(client: Client, asset: VideoAsset, data: bytes | str = SRT) -> Any:
    raw = data.encode() if isinstance(data, str) else data
    file = SimpleUploadedFile("字幕.srt", raw)
    return client.post(reverse("cms:captions_upload", args=[asset.pk]), {"file": file})


def page_of(client: Client, asset: VideoAsset) -> Any:
    return client.get(reverse("cms:recording", args=[asset.pk]))


def captions_of(client: Client, lecture: Any) -> Any:
    return client.get(reverse("cms:captions", args=[lecture.pk]))


def test_the_owner_brings_captions_and_members_get_them_as_text(
    client: Client, owner: Any, asset: VideoAsset, units: SimpleNamespace
) -> None:
    client.force_login(owner)
    assert send(client, asset).status_code == 302
    lecture = LecturePageFactory(asset=asset, organization=units.branch)
    client.force_login(UserFactory(home=units.foreign))
    answer = captions_of(client, lecture)
    assert answer["Content-Type"] == "text/vtt; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer.content.decode() == ("WEBVTT\n\n00:00:01.000 --> 00:00:03.500\n同志们好\n")
    entry = AuditEntry.objects.get(action="captions.put")
    assert (entry.actor_id, entry.detail) == (owner.pk, {"cues": 1})


def test_a_browser_that_has_the_captions_gets_them_once(
    client: Client, owner: Any, asset: VideoAsset, lecture: Any
) -> None:
    captions_put(asset=asset, data=SRT.encode(), actor=owner, now=timezone.now())
    client.force_login(owner)
    tag = captions_of(client, lecture)["ETag"]
    url = reverse("cms:captions", args=[lecture.pk])
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304


def test_captions_go_with_their_lecture_when_it_is_taken_down(
    client: Client, owner: Any, asset: VideoAsset, lecture: Any, units: SimpleNamespace
) -> None:
    captions_put(asset=asset, data=SRT.encode(), actor=owner, now=timezone.now())
    lecture.unpublish()
    client.force_login(UserFactory(home=units.foreign))
    assert captions_of(client, lecture).status_code == 403


def test_the_curator_in_charge_may_and_another_may_not(
    client: Client, asset: VideoAsset, lecture: Any, units: SimpleNamespace
) -> None:
    client.force_login(UserFactory(curator=True, unit=units.county))
    assert send(client, asset).status_code == 302
    client.force_login(UserFactory(curator=True, unit=units.other_county))
    assert page_of(client, asset).status_code == 404
    assert send(client, asset).status_code == 404


def test_a_bad_file_is_refused_with_the_number_of_the_caption_and_leaves_the_old_ones(
    client: Client, owner: Any, asset: VideoAsset
) -> None:
    captions_put(asset=asset, data=SRT.encode(), actor=owner, now=timezone.now())
    client.force_login(owner)
    answer = send(client, asset, "00:00:05,000 --> 00:00:02,000\n倒了\n")
    assert answer.status_code == 422
    assert "第1条字幕" in answer.content.decode().replace(" ", "")
    assert CaptionTrack.objects.get(asset=asset).cues == 1


def test_a_file_of_the_wrong_kind_gets_a_sentence(
    client: Client, owner: Any, asset: VideoAsset
) -> None:
    client.force_login(owner)
    for data in (b"\x00\xff" * 50, b"GIF89a" + bytes(range(128, 255)), b"a" * 1_000_001):
        assert send(client, asset, data).status_code == 422
    assert client.post(reverse("cms:captions_upload", args=[asset.pk])).status_code == 422
    assert not CaptionTrack.objects.exists()


def test_captions_are_replaced_and_deleted(client: Client, owner: Any, asset: VideoAsset) -> None:
    client.force_login(owner)
    send(client, asset)
    send(client, asset, SRT + "\n2\n00:00:05,000 --> 00:00:06,000\n再见\n")
    assert CaptionTrack.objects.get(asset=asset).cues == 2
    client.post(reverse("cms:captions_delete", args=[asset.pk]))
    assert not CaptionTrack.objects.exists()
    assert AuditEntry.objects.filter(action="captions.delete").count() == 1


def test_what_a_machine_heard_is_labelled_until_a_person_has_read_it(
    client: Client, asset: VideoAsset, lecture: Any, units: SimpleNamespace
) -> None:
    captions_recognised(asset=asset, data=SRT.encode(), now=timezone.now())
    client.force_login(UserFactory(curator=True, unit=units.county))
    assert client.get(lecture.get_url()).context["captions_unchecked"]
    client.post(reverse("cms:captions_confirm", args=[asset.pk]))
    assert not client.get(lecture.get_url()).context["captions_unchecked"]


def test_a_machine_never_replaces_what_a_person_brought(owner: Any, asset: VideoAsset) -> None:
    captions_put(asset=asset, data=SRT.encode(), actor=owner, now=timezone.now())
    assert captions_recognised(asset=asset, data=SRT.encode(), now=timezone.now()) is None
    assert not CaptionTrack.objects.get(asset=asset).is_unchecked


def test_a_lecture_without_captions_has_none(client: Client, owner: Any, lecture: Any) -> None:
    client.force_login(owner)
    assert client.get(lecture.get_url()).context["captions_url"] == ""
    assert captions_of(client, lecture).status_code == 404


# -- picture ---------------------------------------------------------------------------------------


def choose(client: Client, asset: VideoAsset, second: str) -> Any:
    return client.post(reverse("cms:poster", args=[asset.pk]), {"second": second})


def test_a_moment_is_asked_for_and_logged(client: Client, owner: Any, asset: VideoAsset) -> None:
    client.force_login(owner)
    assert choose(client, asset, "12.5").status_code == 302
    chore = Chore.objects.get(asset=asset)
    assert chore.kind == Chore.Kind.POSTER_FRAME
    assert chore.wish == {"second": 12.5, "package": asset.package_id}
    assert AuditEntry.objects.filter(action="poster.choose").count() == 1


def test_pictures_that_would_do_are_offered(client: Client, owner: Any, asset: VideoAsset) -> None:
    asset.moments = [8.0, 31.967]
    asset.save()
    client.force_login(owner)
    page = client.get(reverse("cms:recording", args=[asset.pk]))
    assert [one["second"] for one in page.context["moments"]] == ["8.000", "31.967"]


@pytest.mark.parametrize("second", ["", "-1", "61", "nan", "inf", "x"])
def test_a_moment_outside_the_recording_is_refused(
    client: Client, owner: Any, asset: VideoAsset, second: str
) -> None:
    client.force_login(owner)
    choose(client, asset, second)
    assert not Chore.objects.exists()


def test_the_chosen_picture_shows_on_cards_and_player_for_its_package_only(
    client: Client, owner: Any, asset: VideoAsset, lecture: Any
) -> None:
    client.force_login(owner)
    asset.poster = f"{asset.package_id}/poster_000012500.jpg"
    asset.save()
    page = client.get(lecture.get_url())
    assert page.context["playback"].poster.endswith("/poster_000012500.jpg")
    assert page.context["lecture"]["poster_url"].endswith("/poster_000012500.jpg")
    asset.poster = "another/poster_000012500.jpg"
    asset.save()
    assert client.get(lecture.get_url()).context["playback"].poster.endswith("/poster.jpg")


def test_only_owner_and_keepers_are_led_to_the_page(
    client: Client, owner: Any, asset: VideoAsset, lecture: Any, units: SimpleNamespace
) -> None:
    client.force_login(owner)
    assert client.get(lecture.get_url()).context["recording_url"]
    client.force_login(UserFactory(home=units.branch))
    assert client.get(lecture.get_url()).context["recording_url"] == ""


def test_a_recording_in_work_has_no_page(client: Client, owner: Any) -> None:
    client.force_login(owner)
    assert page_of(client, VideoAssetFactory(owner=owner)).status_code == 404


# -- chapters --------------------------------------------------------------------------------------


def set_chapters(client: Client, asset: VideoAsset, lines: str) -> Any:
    return client.post(reverse("cms:chapters", args=[asset.pk]), {"lines": lines})


def chapters_in(asset: VideoAsset) -> list[tuple[int, str]]:
    return list(asset.chapters.values_list("second", "title"))


def acts() -> list[str]:
    return list(
        AuditEntry.objects.filter(action__startswith="chapters.")
        .order_by("position")
        .values_list("action", flat=True)
    )


def test_the_owner_sets_chapters_changes_them_and_takes_them_away(
    client: Client, owner: Any, asset: VideoAsset
) -> None:
    client.force_login(owner)
    assert set_chapters(client, asset, "0:00 开场\n0:30 正\u202e文").status_code == 302
    assert chapters_in(asset) == [(0, "开场"), (30, "正文")]
    assert "0:30 正文" in page_of(client, asset).content.decode()
    set_chapters(client, asset, "0:00 开场\n0:30 正文")  # once more: nothing new to log
    set_chapters(client, asset, "0:10 正文")
    assert chapters_in(asset) == [(10, "正文")]
    set_chapters(client, asset, "  \n")
    assert chapters_in(asset) == []
    assert acts() == ["chapters.put", "chapters.put", "chapters.delete"]


def test_lines_that_make_no_sense_are_answered_and_stay_in_the_field(
    client: Client, owner: Any, asset: VideoAsset
) -> None:
    client.force_login(owner)
    set_chapters(client, asset, "0:00 开场")
    answer = set_chapters(client, asset, "0:00 开场\n2:00 结尾")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "第 2 行“2:00 结尾”" in page
    assert "2:00 结尾</textarea>" in page
    assert chapters_in(asset) == [(0, "开场")]


def test_nobody_else_sets_chapters(
    client: Client, asset: VideoAsset, lecture: Any, units: SimpleNamespace
) -> None:
    client.force_login(UserFactory(reviewer=True, unit=units.foreign))
    assert set_chapters(client, asset, "0:00 开场").status_code == 404
    client.force_login(UserFactory(reviewer=True, unit=units.township))
    assert set_chapters(client, asset, "0:00 开场").status_code == 302
