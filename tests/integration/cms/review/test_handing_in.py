"""Handing in from a phone: one page, its drafts, and what nobody should type."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from cms.models import LecturePage
from cms.review.models import Review, SubmissionDraft
from media_pipeline.captions.models import CaptionTrack
from tests.factories import AudienceFactory
from tests.integration.cms.review.handing_in import FIELDS, SRT, hand_in

pytestmark = pytest.mark.django_db


def form_of(phone):
    page = phone.get(reverse("cms:upload")).content.decode()
    return re.search(r'<form[^>]*id="submission-form".*?</form>', page, re.DOTALL)[0]


def test_what_was_said_about_the_lecture_is_in_its_file(phone, asset, staff):
    assert hand_in(phone, asset).status_code == 302
    review = Review.objects.get()
    assert review.script == "同志们好。"
    assert review.declared_at is not None


def test_for_whom_it_is_meant_is_chosen_from_the_list_of_the_library(phone, asset, staff, client):
    farmers, elders = AudienceFactory(name="农村党员"), AudienceFactory(name="老党员")
    AudienceFactory(name="流动党员")
    assert hand_in(phone, asset, audiences=[farmers.pk, elders.pk]).status_code == 302
    review = Review.objects.get()
    draft = review.lecture.get_latest_revision_as_object()
    for page in (review.lecture, draft):
        assert {one.name for one in page.audiences.all()} == {"农村党员", "老党员"}
    client.force_login(staff.clerk)
    sheet = client.get(reverse("review:sheet", args=[review.pk])).content.decode()
    assert "农村党员" in sheet
    assert "流动党员" not in sheet


def test_without_a_list_nothing_is_asked_and_it_is_for_everybody(phone, asset, staff, client):
    assert "适用对象" not in phone.get(reverse("cms:upload")).content.decode()
    hand_in(phone, asset)
    client.force_login(staff.clerk)
    sheet = client.get(reverse("review:sheet", args=[Review.objects.get().pk])).content.decode()
    assert "全体党员" in sheet


@pytest.mark.parametrize("key", ["0", "²", "x", "9" * 40])
def test_what_is_not_in_the_list_is_answered_with_a_sentence(phone, asset, key):
    AudienceFactory()
    response = hand_in(phone, asset, audiences=[key])
    assert response.status_code == 422
    assert "列表有变化" in response.content.decode()
    assert not Review.objects.exists()


def test_without_the_declaration_nothing_is_handed_in(phone, asset):
    response = hand_in(phone, asset, declaration="")
    assert response.status_code == 422
    assert "请先检查视频内容" in response.content.decode()
    assert not Review.objects.exists()


def test_captions_come_along_even_when_a_field_is_still_missing(phone, asset, staff):
    file = SimpleUploadedFile("字幕.srt", SRT)
    response = hand_in(phone, asset, title="", captions=file)
    assert response.status_code == 422
    assert CaptionTrack.objects.get(asset=asset).cues == 1


def test_captions_of_ten_megabytes_are_refused_with_a_sentence_and_nothing_is_lost(phone, asset):
    file = SimpleUploadedFile("字幕.srt", b"x" * 10_000_000)
    response = hand_in(phone, asset, captions=file)
    page = response.content.decode()
    assert response.status_code == 422
    assert "这个文件太大" in page
    assert 'value="乡村振兴"' in page
    assert "同志们好。" in page
    assert not CaptionTrack.objects.exists()
    assert not Review.objects.exists()


def test_scripts_in_texts_are_shown_as_text(phone, asset, staff, client):
    evil = "<script>alert(1)</script>"
    captions = SimpleUploadedFile("a.srt", f"1\n00:00:01,000 --> 00:00:02,000\n{evil}字\n".encode())
    hand_in(phone, asset, title=evil, summary=evil, script=evil, captions=captions)
    review = Review.objects.get()
    assert review.lecture.title == evil
    for user, url in (
        (review.uploader, reverse("cms:upload")),
        (staff.clerk, reverse("review:queue")),
        (staff.clerk, reverse("review:sheet", args=[review.pk])),
    ):
        client.force_login(user)
        page = client.get(url).content.decode()
        assert evil not in page
        assert "&lt;script&gt;" in page
    track = client.get(reverse("review:captions", args=[review.pk])).content.decode()
    assert "<script" not in track


def test_hidden_marks_are_taken_out_and_emoji_stay(phone, asset, staff):
    hand_in(phone, asset, title="\u202e乡\u200b村\u2066振兴🌾", summary="\ufeff一\u200f二")
    page = LecturePage.objects.get()
    assert (page.title, page.summary) == ("乡村振兴🌾", "一二")


def test_a_title_of_hidden_marks_alone_is_none(phone, asset):
    response = hand_in(phone, asset, title="\u200b\u202e\u2060")
    assert response.status_code == 422
    assert response.context["form"].errors["title"]
    assert not LecturePage.objects.exists()


def test_a_summary_of_two_hundred_signs_fits_whatever_was_hidden_in_it(phone, asset, staff):
    hand_in(phone, asset, summary="字\u200b" * 200)
    assert LecturePage.objects.get().summary == "字" * 200


# -- drafts ----------------------------------------------------------------------------------------


def test_what_is_typed_is_kept_on_the_server_and_comes_back_elsewhere(phone, author, client):
    elders = AudienceFactory(name="老党员")
    typed = {"title": "写到一半", "summary": "还没", "audiences": f"{elders.pk},77"}
    answer = phone.post(reverse("cms:submission_draft"), typed)
    assert answer.json()["saved"]
    client.force_login(author)
    page = client.get(reverse("cms:upload")).content.decode()
    assert 'value="写到一半"' in page
    assert re.search(rf'value="{elders.pk}"[^>]* checked', page)


def test_handing_in_ends_the_draft_and_a_late_save_brings_none_back(phone, asset, staff):
    late = {**FIELDS, "asset": str(asset.pk)}
    phone.post(reverse("cms:submission_draft"), late)
    hand_in(phone, asset)
    assert not SubmissionDraft.objects.exists()
    assert phone.post(reverse("cms:submission_draft"), late).status_code == 200
    assert not SubmissionDraft.objects.exists()


def test_what_was_typed_before_there_was_a_recording_is_over_too_however_late_it_comes(
    phone, asset, author, staff
):
    def opened():
        return re.search(r'"opened": "([^"]+)"', phone.get(reverse("cms:upload")).content.decode())[
            1
        ]

    late = {**FIELDS, "asset": "", "opened": opened()}
    hand_in(phone, asset)
    phone.post(reverse("cms:submission_draft"), late)
    assert not SubmissionDraft.objects.exists()
    # Both at the same moment: it was looked at before, and is written after.
    SubmissionDraft.objects.create(user=author, fields=late, saved_at=timezone.now())
    assert "乡村振兴" not in form_of(phone)
    phone.post(reverse("cms:submission_draft"), {**late, "title": "下一节", "opened": opened()})
    assert "下一节" in form_of(phone)


@pytest.mark.parametrize("opened", ["", "x", "2026-02-31T00:00:00+00:00", "2026-05-20T00:00:00"])
def test_an_odd_time_of_opening_keeps_the_draft(phone, asset, staff, opened):
    hand_in(phone, asset)
    phone.post(reverse("cms:submission_draft"), {"title": "下一节", "opened": opened})
    assert "下一节" in form_of(phone)


def test_a_draft_is_kept_longer_than_the_form_takes(phone):
    phone.post(reverse("cms:submission_draft"), {"summary": "字" * 900})
    assert len(SubmissionDraft.objects.get().fields["summary"]) == 900


def test_nobody_keeps_drafts_of_somebody_elses_lecture(client, review, staff):
    client.force_login(staff.clerk)
    lecture = review.lecture_id
    for name in ("submission_change", "version_announce", "version_withdraw"):
        assert client.post(reverse(f"cms:{name}", args=[lecture])).status_code == 404
    answer = client.post(reverse("cms:submission_draft"), {"lecture": lecture, "title": "x"})
    assert answer.status_code == 404
    assert not SubmissionDraft.objects.exists()
