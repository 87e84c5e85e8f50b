"""The upload page and what its script asks for."""

import json
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from cms.models import LecturePage
from cms.submission_states import PER_PAGE
from media_pipeline.models import TranscodeJob, Upload, VideoAsset
from tests.factories import (
    LecturePageFactory,
    TranscodeJobFactory,
    UploadFactory,
    UserFactory,
    VideoAssetFactory,
    library,
)

pytestmark = pytest.mark.django_db
FIELDS = {
    "title": "乡村振兴",
    "speaker": "李四",
    "subject": "skills",
    "summary": "示例。",
    "recorded_on": "2026-05-20",
    "declaration": "on",
}


@pytest.fixture
def secretary(units):
    library()
    return UserFactory(secretary=True, unit=units.branch)


@pytest.fixture
def signed_in(client, secretary):
    client.force_login(secretary)
    return client


def text(response):
    return response.content.decode()


def status(client, asset, **query):
    return client.get(reverse("cms:upload_status", args=[asset.pk]), query)


# -- who -------------------------------------------------------------------------------------------


def test_whoever_is_signed_out_is_asked_to_sign_in(client):
    for url in (reverse("cms:upload"), reverse("cms:upload_status", args=[uuid.uuid4()])):
        assert client.get(url)["Location"].startswith("/accounts/login/")


def test_a_member_without_a_post_gets_no_page_and_hands_nothing_in(client, units):
    client.force_login(UserFactory(home=units.branch))
    assert client.get(reverse("cms:upload")).status_code == 403
    assert client.post(reverse("cms:submissions"), FIELDS).status_code == 403
    assert client.post(reverse("cms:upload_resume"), {"size": "5"}).status_code == 403


def test_somebody_elses_recording_is_answered_like_none(signed_in):
    asset = VideoAssetFactory(failed=True)
    job = TranscodeJobFactory(asset=asset, state="quarantined")
    assert status(signed_in, asset).status_code == 404
    assert signed_in.get(reverse("cms:upload_preview", args=[asset.pk])).status_code == 404
    assert signed_in.post(reverse("cms:upload_retry", args=[asset.pk])).status_code == 404
    job.refresh_from_db()
    assert job.state == "quarantined"


# -- the page --------------------------------------------------------------------------------------


def test_the_page_shows_form_and_script(signed_in):
    page = text(signed_in.get(reverse("cms:upload")))
    for part in ('id="upload-config"', "js/upload/main.js", "tus.min.js"):
        assert part in page
    assert "<noscript>" in page


def test_the_page_takes_sound_recordings_and_says_what_they_become(signed_in):
    page = text(signed_in.get(reverse("cms:upload")))
    assert 'accept="video/*,audio/*"' in page
    assert "音频党课" in page


def test_the_page_takes_as_many_queries_for_many_submissions_as_for_one(
    signed_in, secretary, django_assert_max_num_queries
):
    def fill(count):
        for _ in range(count):
            LecturePageFactory(submitted_by=secretary, asset__owner=secretary)
            TranscodeJobFactory(asset=VideoAssetFactory(owner=secretary))
            UploadFactory(owner=secretary)

    fill(8)
    with django_assert_max_num_queries(25):
        signed_in.get(reverse("cms:upload"))


def test_a_recording_that_was_not_handed_in_can_be_taken_up_again(signed_in, secretary):
    asset = VideoAssetFactory(owner=secretary, ready=True)
    page = text(signed_in.get(reverse("cms:upload")))
    assert f"?asset={asset.pk}" in page
    page = text(signed_in.get(reverse("cms:upload"), {"asset": asset.pk}))
    assert f'value="{asset.pk}"' in page


@pytest.mark.parametrize("asset", ["nonsense", "", "2cf84679-e02e-4632-8539-fb7af23ce1a5"])
def test_a_recording_that_is_not_there_is_not_taken_up(signed_in, asset):
    response = signed_in.get(reverse("cms:upload"), {"asset": asset})
    assert response.status_code == 200
    assert response.context["upload_config"]["asset"] == ""


# -- handing in ------------------------------------------------------------------------------------


def test_handing_in_makes_a_draft_and_leads_back_to_the_list(signed_in, secretary):
    asset = VideoAssetFactory(owner=secretary)
    response = signed_in.post(reverse("cms:submissions"), {**FIELDS, "asset": asset.pk})
    assert (response.status_code, response["Location"]) == (302, reverse("cms:upload"))
    lecture = LecturePage.objects.get()
    assert (lecture.title, lecture.asset, lecture.live) == ("乡村振兴", asset, False)
    assert str(lecture.recorded_on) == "2026-05-20"
    assert "乡村振兴" in text(signed_in.get(reverse("cms:upload")))


def test_a_second_press_makes_no_second_draft(signed_in, secretary):
    asset = VideoAssetFactory(owner=secretary)
    for _ in range(2):
        signed_in.post(reverse("cms:submissions"), {**FIELDS, "asset": asset.pk})
    assert LecturePage.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "长" * 81},
        {"speaker": ""},
        {"summary": "长" * 201},
        {"subject": "cooking"},
        {"recorded_on": "2999-01-01"},
        {"recorded_on": "yesterday"},
        {"declaration": ""},
        {"asset": ""},
        {"asset": "nonsense"},
        {"asset": str(uuid.uuid4())},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(signed_in, secretary, wrong):
    asset = VideoAssetFactory(owner=secretary)
    fields = {**FIELDS, "asset": asset.pk, **wrong}
    response = signed_in.post(reverse("cms:submissions"), fields)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == list(wrong)
    assert not LecturePage.objects.exists()


def test_somebody_elses_recording_cannot_be_handed_in(signed_in):
    asset = VideoAssetFactory()
    response = signed_in.post(reverse("cms:submissions"), {**FIELDS, "asset": asset.pk})
    assert response.status_code == 422
    assert not LecturePage.objects.exists()


def test_a_refused_recording_cannot_be_handed_in(signed_in, secretary):
    asset = VideoAssetFactory(owner=secretary, refused=True)
    response = signed_in.post(reverse("cms:submissions"), {**FIELDS, "asset": asset.pk})
    assert response.status_code == 422
    assert not LecturePage.objects.exists()


# -- going on --------------------------------------------------------------------------------------


def test_the_same_content_is_gone_on_with(signed_in, secretary):
    upload = UploadFactory(owner=secretary, length=1000, offset=400, fingerprint="1-abc-def")
    wanted = {"size": "1000", "fingerprint": "1-abc-def"}
    found = signed_in.post(reverse("cms:upload_resume"), wanted).json()
    assert found == {"url": f"/uploads/{upload.pk}", "offset": 400}
    other = {**wanted, "fingerprint": "1-abc-xyz"}
    assert signed_in.post(reverse("cms:upload_resume"), other).json() == {}


def test_what_is_complete_need_not_be_sent_again(signed_in, secretary):
    asset = VideoAssetFactory(owner=secretary)
    UploadFactory(
        owner=secretary, offset=1000, state="complete", asset=asset, fingerprint="1-abc-def"
    )
    wanted = {"size": "1000", "fingerprint": "1-abc-def"}
    found = signed_in.post(reverse("cms:upload_resume"), wanted).json()
    assert found["asset"] == str(asset.pk)


@pytest.mark.parametrize("size", ["", "-1", "x", "9" * 40, "١"])
def test_a_broken_size_is_answered_with_a_sentence(signed_in, size):
    response = signed_in.post(reverse("cms:upload_resume"), {"size": size, "fingerprint": "abc"})
    assert response.status_code == 400
    assert response.json()["message"]


# -- status ----------------------------------------------------------------------------------------


def test_status_of_a_recording_in_work(signed_in, secretary):
    asset = VideoAssetFactory(owner=secretary)
    TranscodeJobFactory(asset=asset, state="running", step="transcode", progress=0.456)
    found = status(signed_in, asset).json()
    assert (found["state"], found["message"], found["preview"]) == ("processing", "", "")
    assert found["steps"]["check"]["state"] == "done"
    assert (found["steps"]["transcode"]["state"], found["steps"]["transcode"]["percent"]) == (
        "current",
        45,
    )


def test_status_tells_how_long_it_takes_yet(signed_in, secretary):
    asset = VideoAssetFactory(owner=secretary)
    job = TranscodeJobFactory(asset=asset, state="running", step="encode", progress=0.4)
    before = status(signed_in, asset).json()["steps"]["transcode"]["note"]
    TranscodeJob.objects.filter(pk=job.pk).update(seconds_left=600)
    note = status(signed_in, asset).json()["steps"]["transcode"]["note"]
    assert note.startswith(f"{before} · ")
    assert "10" in note.removeprefix(before)


def test_status_of_a_recording_that_was_given_up_says_why_and_offers_to_try_again(
    signed_in, secretary
):
    asset = VideoAssetFactory(owner=secretary, failed=True)
    TranscodeJobFactory(asset=asset, state="quarantined", attempt=3)
    retry = reverse("cms:upload_retry", args=[asset.pk])
    found = status(signed_in, asset).json()
    assert (found["state"], found["retry"]) == ("failed", retry)
    assert found["message"]
    assert found["steps"]["transcode"]["state"] == "failed"
    assert f'action="{retry}"' in text(signed_in.get(reverse("cms:upload")))


def test_status_of_a_ready_recording_offers_a_look(signed_in, secretary):
    asset = VideoAssetFactory(owner=secretary, ready=True)
    found = status(signed_in, asset).json()
    assert found["state"] == "ready"
    page = text(signed_in.get(found["preview"]))
    assert f"/{asset.package_id}/progressive.mp4" in page


def test_status_of_a_refused_recording_says_why(signed_in, secretary):
    asset = VideoAssetFactory(owner=secretary, refused=True)
    found = status(signed_in, asset).json()
    assert (found["state"], found["retry"]) == ("refused", "")
    assert found["message"]
    assert found["steps"]["check"]["state"] == "failed"


def test_status_brings_the_entry_of_the_list_when_asked(signed_in, secretary):
    asset = VideoAssetFactory(owner=secretary, original_name="<b>课.mp4")
    found = status(signed_in, asset, item="1").json()
    assert f'data-asset="{asset.pk}"' in found["html"]
    assert "<b>课" not in found["html"]
    assert "html" not in status(signed_in, asset).json()


# -- the list --------------------------------------------------------------------------------------


def states(client):
    found = client.get(reverse("cms:upload")).context["submissions"]
    return [item.state for item in found]


def test_the_list_tells_where_each_submission_stands(signed_in, secretary):
    moments = iter(timezone.now() - timezone.timedelta(minutes=n) for n in range(9))
    UploadFactory(owner=secretary, offset=450, created_at=next(moments))
    VideoAssetFactory(owner=secretary, created_at=next(moments))
    VideoAssetFactory(owner=secretary, ready=True, created_at=next(moments))
    VideoAssetFactory(owner=secretary, refused=True, created_at=next(moments))
    VideoAssetFactory(owner=secretary, failed=True, created_at=next(moments))
    for draft in (True, False):
        LecturePageFactory(draft=draft, asset__owner=secretary, asset__created_at=next(moments))
    VideoAssetFactory()  # somebody else's
    assert states(signed_in) == [
        "uploading",
        "processing",
        "ready",
        "refused",
        "failed",
        "in_review",
        "published",
    ]


def test_the_oldest_of_many_submissions_stands_on_the_last_page(signed_in, secretary):
    UploadFactory(owner=secretary)
    recordings = [VideoAssetFactory(owner=secretary, ready=True) for _ in range(PER_PAGE + 1)]
    first = signed_in.get(reverse("cms:upload"))
    assert [item.asset_id for item in first.context["submissions"]] == [
        None,
        *(asset.pk for asset in reversed(recordings[1:])),
    ]
    link = f'href="{reverse("cms:upload")}?p=2#submissions-title"'
    assert link in text(first)
    # Also where the address is one that is only posted to.
    assert link in text(signed_in.post(reverse("cms:submissions"), {}))
    last = signed_in.get(reverse("cms:upload"), {"p": "2"})
    assert [item.asset_id for item in last.context["submissions"]] == [recordings[0].pk]


def test_an_unfinished_upload_can_be_discarded_twice(signed_in, secretary):
    upload = UploadFactory(owner=secretary)
    url = reverse("cms:upload_discard", args=[upload.pk])
    for _ in range(2):
        assert signed_in.post(url).status_code == 302
    assert not Upload.objects.exists()


def test_somebody_elses_unfinished_upload_stays(signed_in):
    upload = UploadFactory()
    signed_in.post(reverse("cms:upload_discard", args=[upload.pk]))
    assert Upload.objects.filter(pk=upload.pk).exists()


def test_a_failed_recording_is_tried_again_once(signed_in, secretary):
    asset = VideoAssetFactory(owner=secretary, failed=True)
    TranscodeJobFactory(asset=asset, state="quarantined", attempt=3)
    url = reverse("cms:upload_retry", args=[asset.pk])
    for _ in range(2):
        assert signed_in.post(url).status_code == 302
    job = TranscodeJob.objects.full().get()
    assert (job.state, job.attempt) == ("queued", 0)
    assert VideoAsset.objects.get().state == "processing"


def test_the_scripts_words_are_all_filled_in(signed_in):
    config = signed_in.get(reverse("cms:upload")).context["upload_config"]
    assert json.loads(json.dumps(config)) == config
    assert all(config["texts"].values())


def test_a_recording_that_was_not_handed_in_can_be_deleted(
    signed_in, secretary, settings, django_capture_on_commit_callbacks
):
    asset = VideoAssetFactory(owner=secretary, refused=True, original_key="originals/x/source")
    url = reverse("cms:recording_discard", args=[asset.pk])
    assert url in text(signed_in.get(reverse("cms:upload")))
    with django_capture_on_commit_callbacks(execute=True):
        assert signed_in.post(url).status_code == 302
    assert not VideoAsset.objects.exists()
    assert signed_in.post(url).status_code == 404


def test_the_recording_of_a_lecture_and_somebody_elses_stay(signed_in, secretary):
    handed_in = LecturePageFactory(draft=True, asset__owner=secretary).asset
    foreign = VideoAssetFactory()
    for asset in (handed_in, foreign):
        signed_in.post(reverse("cms:recording_discard", args=[asset.pk]))
    assert VideoAsset.objects.count() == 2


# -- what the checks found -------------------------------------------------------------------------


def test_what_the_checks_found_is_said_as_soon_as_it_is_known(signed_in, secretary):
    asset = VideoAssetFactory(owner=secretary)
    TranscodeJobFactory(asset=asset)
    assert status(signed_in, asset).json()["findings"] == []
    asset.duration, asset.width, asset.height, asset.has_audio = 2000.0, 720, 1280, False
    asset.save()
    said = status(signed_in, asset).json()["findings"]
    assert [word in one for word, one in zip(("分钟", "没有声音", "竖"), said, strict=True)] == [
        True,
        True,
        True,
    ]


def test_a_finished_recording_that_is_dark_and_quiet_is_said_to_be(signed_in, secretary):
    asset = VideoAssetFactory(owner=secretary, ready=True, loudness=-45.0, brightness=20.0)
    assert len(status(signed_in, asset).json()["findings"]) == 2


def test_of_a_good_recording_nothing_is_said(signed_in, secretary):
    asset = VideoAssetFactory(owner=secretary, ready=True)
    assert status(signed_in, asset).json()["findings"] == []


def test_of_a_recording_that_was_refused_only_the_reason_is_said(signed_in, secretary):
    asset = VideoAssetFactory(owner=secretary, refused=True, duration=9000.0)
    assert status(signed_in, asset).json()["findings"] == []
