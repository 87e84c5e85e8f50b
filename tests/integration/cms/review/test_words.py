"""Captions and chapters that are changed after somebody has read them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from cms.review.errors import ReviewError
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.captions.tracks import captions_recognised
from tests.factories import UserFactory, VideoAssetFactory
from tests.factories.reviews import open_step, pass_all, pass_step
from tests.integration.cms.review.acting import decide, read
from tests.integration.cms.review.handing_in import change

pytestmark = pytest.mark.django_db

SRT = "1\n00:00:01,000 --> 00:00:03,500\n{}\n"


def captions_send(client, asset, words="同志们好"):
    file = SimpleUploadedFile("字幕.srt", SRT.format(words).encode())
    return client.post(reverse("cms:captions_upload", args=[asset.pk]), {"file": file})


def chapters_send(client, asset, lines):
    return client.post(reverse("cms:chapters", args=[asset.pk]), {"lines": lines})


def captions_of(asset):
    return CaptionTrack.objects.filter(asset=asset).values_list("text", flat=True).first()


def unread():
    return AuditEntry.objects.filter(action="review.unread")


@pytest.mark.parametrize(
    "change",
    [
        lambda client, asset: captions_send(client, asset, "改过"),
        lambda client, asset: chapters_send(client, asset, "0:00 改过"),
        lambda client, asset: client.post(reverse("cms:captions_delete", args=[asset.pk])),
    ],
)
def test_what_is_changed_after_the_proofreading_is_read_again(phone, review, staff, change):
    captions_send(phone, review.asset)
    read(review, staff.reader, secrets=True)
    change(phone, review.asset)
    review.refresh_from_db()
    step = open_step(review)
    assert (step.proofread_by, step.proofread_at, review.secrecy_by) == (None, None, None)
    entry = unread().get()
    assert (entry.actor_id, entry.detail["step"]) == (review.uploader_id, step.pk)
    with pytest.raises(ReviewError, match="校对"):
        decide(review, staff.clerk)
    phone.force_login(staff.clerk)
    page = phone.get(reverse("review:sheet", args=[review.pk])).content.decode()
    assert "请重新校对" in page
    read(review, staff.reader)
    page = phone.get(reverse("review:sheet", args=[review.pk])).content.decode()
    assert "请重新校对" not in page
    decide(review, staff.clerk)


def test_the_same_once_more_or_with_a_fault_leaves_the_proofreading(phone, review, staff):
    captions_send(phone, review.asset)
    chapters_send(phone, review.asset, "0:00 开场")
    read(review, staff.reader)
    captions_send(phone, review.asset)
    chapters_send(phone, review.asset, "0:00 开场")
    file = SimpleUploadedFile("字幕.srt", b"GIF89a")
    phone.post(reverse("cms:captions_upload", args=[review.asset_id]), {"file": file})
    assert open_step(review).proofread_by == staff.reader
    assert not unread().exists()


def test_what_nobody_has_read_yet_is_changed_without_further_ado(phone, review):
    captions_send(phone, review.asset)
    assert captions_of(review.asset)
    assert not unread().exists()


def test_steps_that_have_passed_stay(phone, review, staff):
    pass_step(review, reader=staff.reader, decider=staff.clerk)
    read(review, staff.reader)
    captions_send(phone, review.asset)
    first = review.steps.order_by("position").first()
    assert (first.state, first.proofread_by) == ("approved", staff.reader)
    assert open_step(review).proofread_by is None


def test_after_publication_the_author_is_told_whom_to_ask_and_nothing_changes(
    phone, review, staff, units
):
    captions_send(phone, review.asset)
    before = captions_of(review.asset)
    pass_all(review, staff)
    url = reverse("cms:recording", args=[review.asset_id])
    page = phone.get(url).content.decode()
    assert units.township.name in page
    assert "上传新版" in page
    assert reverse("cms:captions_upload", args=[review.asset_id]) not in page
    answer = captions_send(phone, review.asset, "改过")
    assert (answer.status_code, units.township.name in answer.content.decode()) == (422, True)
    # What was typed in a page that was open before is not lost.
    answer = chapters_send(phone, review.asset, "0:00 打了很久")
    assert answer.status_code == 422
    assert "打了很久" in answer.content.decode()
    phone.post(reverse("cms:captions_delete", args=[review.asset_id]))
    assert captions_of(review.asset) == before
    assert not review.asset.chapters.exists()


def test_what_changed_while_the_sheet_was_open_is_not_approved_unread(phone, review, staff, client):
    client.force_login(staff.clerk)
    sheet = reverse("review:sheet", args=[review.pk])
    words = client.get(sheet).context["words"]
    captions_send(phone, review.asset)  # nobody had read any yet, so nothing is void
    step = open_step(review)
    data = {"step": step.pk, "version": 1, "words": words}
    client.force_login(staff.reader)
    for name in ("proofread", "secrecy"):
        answer = client.post(reverse(f"review:{name}", args=[review.pk]), data)
        assert (answer.status_code, "请重新打开" in answer.content.decode()) == (409, True)
    read(review, staff.reader)
    client.force_login(staff.clerk)
    decide = reverse("review:decide", args=[review.pk])
    assert client.post(decide, {**data, "verdict": "approve"}).status_code == 409
    assert open_step(review) == step
    data["words"] = client.get(sheet).context["words"]
    assert client.post(decide, {**data, "verdict": "approve"}).status_code == 302
    assert open_step(review) != step


def test_reviewers_see_the_chapters_and_who_made_the_captions(phone, review, staff):
    chapters_send(phone, review.asset, "0:03 <b>开场</b>")
    heard(review.asset)
    phone.force_login(staff.clerk)
    page = phone.get(reverse("review:sheet", args=[review.pk])).content.decode()
    assert 'data-second="3"' in page
    assert "&lt;b&gt;开场" in page
    assert "自动生成，未经校对" in page


def heard(asset, words="机器听到的"):
    captions_recognised(asset=asset, data=SRT.format(words).encode(), now=timezone.now())


def test_what_a_machine_hears_after_the_proofreading_is_read_as_well(
    review, staff, django_capture_on_commit_callbacks
):
    read(review, staff.reader, secrets=True)
    with django_capture_on_commit_callbacks(execute=True):
        heard(review.asset)
    review.refresh_from_db()
    assert (open_step(review).proofread_by, review.secrecy_by) == (None, None)
    assert unread().get().actor_id is None


def test_an_author_does_not_vouch_for_a_machine_once_it_has_passed(phone, review, staff):
    heard(review.asset)
    pass_all(review, staff)
    url = reverse("cms:captions_confirm", args=[review.asset_id])
    assert url not in phone.get(reverse("cms:recording", args=[review.asset_id])).content.decode()
    phone.post(url)
    assert CaptionTrack.objects.get().is_unchecked


def test_handing_in_again_what_is_in_review_leaves_its_captions(phone, review, staff):
    captions_send(phone, review.asset)
    before = captions_of(review.asset)
    read(review, staff.reader)
    answer = change(phone, review, captions=SimpleUploadedFile("a.srt", SRT.encode()))
    assert answer.status_code == 422
    assert captions_of(review.asset) == before
    assert open_step(review).proofread_by == staff.reader


def test_who_may_not_change_the_chapters_reads_them(phone, review, staff):
    chapters_send(phone, review.asset, "0:00 开场")
    pass_all(review, staff)
    page = phone.get(reverse("cms:recording", args=[review.asset_id])).content.decode()
    assert "0:00 开场</p>" in page
    assert "<textarea" not in page


def test_nor_by_handing_in_again(phone, review, staff):
    captions_send(phone, review.asset)
    before = captions_of(review.asset)
    pass_all(review, staff)
    answer = change(phone, review, captions=SimpleUploadedFile("a.srt", SRT.encode()))
    assert "请联系" in answer.content.decode()
    assert captions_of(review.asset) == before


def test_a_lecture_that_was_taken_down_is_still_what_passed(phone, review, staff):
    pass_all(review, staff)
    review.lecture.refresh_from_db()
    review.lecture.unpublish()
    assert captions_send(phone, review.asset).status_code == 422


def test_who_keeps_a_published_lecture_changes_them(client, review, staff, units):
    pass_all(review, staff)
    client.force_login(UserFactory(curator=True, unit=units.county))
    assert captions_send(client, review.asset).status_code == 302
    assert captions_of(review.asset)


def test_a_recording_that_is_not_handed_in_is_its_owners_alone(phone, author):
    asset = VideoAssetFactory(owner=author, ready=True)
    assert captions_send(phone, asset).status_code == 302
    assert captions_of(asset)
