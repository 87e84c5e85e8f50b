"""Handing in from a phone: drafts, what comes back, new versions, and what nobody should type."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from cms.decisions import lecture_decide, lecture_undecide
from cms.models import LecturePage
from cms.publishing import NotReadyError, lecture_release
from cms.review.acts import Verdict, comment_add, review_decide
from cms.review.models import Review, ReviewStep, ReviewVersion, SubmissionDraft
from cms.review.rounds import reviews_sweep, version_announce
from cms.review.standing import Stage
from cms.submission_states import submissions_of
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.captions.tracks import captions_put
from tests.factories import AudienceFactory, UserFactory, VideoAssetFactory
from tests.factories.reviews import open_step, pass_all, pass_step, submission

pytestmark = pytest.mark.django_db
FIELDS = {
    "title": "乡村振兴",
    "speaker": "李四",
    "subject": "skills",
    "summary": "示例。",
    "script": "同志们好。",
    "recorded_on": "2026-05-20",
    "declaration": "on",
}
SRT = "1\n00:00:01,000 --> 00:00:02,000\n同志们好\n".encode()


@pytest.fixture
def phone(client, author):
    client.force_login(author)
    return client


@pytest.fixture
def asset(author):
    return VideoAssetFactory(owner=author, ready=True)


def hand_in(phone, asset, **fields):
    return phone.post(reverse("cms:submissions"), {**FIELDS, "asset": asset.pk, **fields})


def send_back(review, user, note="请补字幕"):
    step = open_step(review)
    review_decide(
        review_id=review.pk,
        step_id=step.pk,
        version=step.version,
        user=user,
        verdict=Verdict.SEND_BACK,
        note=note,
        now=timezone.now(),
    )


def item_of(author):
    (item,) = submissions_of(user=author)
    return item


def stages(item):
    return [(step.key, step.state) for step in item.steps if step.key.startswith("review")]


# -- one page --------------------------------------------------------------------------------------


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


# -- how far it is ---------------------------------------------------------------------------------


def test_the_timeline_says_at_whom_it_is(review, author, staff):
    assert stages(item_of(author)) == [
        ("review-0", "current"),
        ("review-1", "waiting"),
        ("review-2", "waiting"),
    ]
    first = next(step for step in item_of(author).steps if step.key == "review-0")
    assert "经办人甲" in first.note
    pass_step(review, reader=staff.reader, decider=staff.clerk)
    second = next(step for step in item_of(author).steps if step.key == "review-1")
    assert "科室乙" in second.note
    assert "经办人甲" not in second.note


def test_after_publication_other_rooms_add_what_comes_then(review, author, staff, monkeypatch):
    def in_library(lecture):
        return Stage("library", "入库", "done")

    monkeypatch.setattr("cms.review.standing.AFTER_PUBLICATION", [in_library])
    pass_all(review, staff)
    item = item_of(author)
    assert item.state == "published"
    assert [(step.key, step.state) for step in item.steps][-2:] == [
        ("publish", "done"),
        ("library", "done"),
    ]


def test_in_the_library_and_premium_follow_with_who_decided_it(review, author, staff, units):
    pass_all(review, staff)
    assert item_of(author).steps[-1].key == "publish"
    curator = UserFactory(curator=True, unit=units.city, name="馆员己")
    for kind in ("library", "premium"):
        lecture_decide(lecture=review.lecture, kind=kind, user=curator)
    library, premium = item_of(author).steps[-2:]
    assert (library.key, library.label, library.state) == ("library", "入库", "done")
    assert (premium.key, premium.label, premium.state) == ("premium", "精品", "done")
    assert "馆员己" in library.note
    lecture_undecide(lecture=review.lecture, kind="premium", user=curator)
    assert item_of(author).steps[-1].key == "library"


def test_what_came_back_shows_the_comments_with_their_moment(phone, review, author, staff):
    comment_add(
        review_id=review.pk, version=1, user=staff.clerk, text="错字", second=5, now=timezone.now()
    )
    assert item_of(author).remarks == []
    send_back(review, staff.clerk)
    item = item_of(author)
    assert [(one.text, one.second) for one in item.remarks] == [("请补字幕", None), ("错字", 5.0)]
    page = phone.get(item.change_url).content.decode()
    assert "请补字幕" in page
    assert "错字" in page


def test_the_list_takes_as_many_queries_for_many_submissions_as_for_one(
    author, staff, django_assert_max_num_queries
):
    for number in range(6):
        review = submission(author)
        if number % 2:
            send_back(review, staff.clerk)
    with django_assert_max_num_queries(20):
        assert len(submissions_of(user=author)) == 6


def test_the_checks_say_in_plain_words_what_they_found(author, staff):
    asset = VideoAssetFactory(
        owner=author,
        ready=True,
        duration=1000.0,
        width=720,
        height=1280,
        loudness=-45.0,
        brightness=20.0,
    )
    submission(author, asset=asset)
    codes = [finding.code for finding in item_of(author).findings]
    assert codes == ["too_long", "quiet", "sideways", "dark", "no_captions"]
    asset.has_audio, asset.duration, asset.brightness = False, 60.0, 120.0
    asset.width, asset.height = 1280, 720
    asset.save()
    assert [finding.code for finding in item_of(author).findings] == ["no_sound"]


# -- again, and new versions -----------------------------------------------------------------------


def change(phone, review, **fields):
    url = reverse("cms:submission_change", args=[review.lecture_id])
    return phone.post(url, {**FIELDS, "asset": review.asset_id, **fields})


def test_changed_words_come_back_to_who_sent_them_back_and_approvals_stay(phone, review, staff):
    pass_step(review, reader=staff.reader, decider=staff.clerk)
    send_back(review, staff.section)
    assert change(phone, review, title="改好的题目").status_code == 302
    review.refresh_from_db()
    assert (review.state, review.round, review.version) == (Review.State.REVIEWING, 2, 1)
    steps = review.steps.filter(round=2)
    assert [(step.kind, step.state, step.is_carried) for step in steps] == [
        ("self", "approved", True),
        ("first", "open", False),
        ("final", "waiting", False),
    ]
    assert LecturePage.objects.get().title == "改好的题目"
    assert AuditEntry.objects.filter(action="review.resubmit").count() == 1


def test_a_new_recording_resets_every_approval(phone, review, author, staff):
    pass_step(review, reader=staff.reader, decider=staff.clerk)
    new = VideoAssetFactory(owner=author, ready=True)
    assert change(phone, review, asset=new.pk).status_code == 302
    review.refresh_from_db()
    assert (review.asset, review.version, review.round) == (new, 2, 2)
    assert review.secrecy_by is None
    states = list(review.steps.filter(round=2).values_list("kind", "state"))
    assert states == [("self", "open"), ("first", "waiting"), ("final", "waiting")]
    assert LecturePage.objects.get().asset == new
    assert [item.asset_id for item in submissions_of(user=author)] == [new.pk]
    old_open = review.steps.filter(round=1, state=ReviewStep.State.OPEN)
    assert not old_open.exists()


def test_a_better_recording_of_a_published_lecture_is_shown_after_its_review_only(
    phone, review, author, staff
):
    pass_all(review, staff)
    old, new = review.asset_id, VideoAssetFactory(owner=author, ready=True)
    change(phone, review, asset=new.pk)
    lecture = LecturePage.objects.get()
    assert (lecture.live, lecture.asset_id) == (True, old)
    with pytest.raises(NotReadyError, match="还在审核"):
        lecture_release(lecture=lecture, user=staff.leader)
    review.refresh_from_db()
    pass_all(review, staff)
    lecture.refresh_from_db()
    assert (lecture.live, lecture.asset_id) == (True, new.pk)


def test_a_new_version_leaves_the_former_recording_behind_as_the_editor_does(
    phone, review, author, staff
):
    old, new = review.asset, VideoAssetFactory(owner=author, ready=True)
    captions_put(asset=old, data=SRT, actor=author, now=timezone.now())
    pass_all(review, staff)
    change(phone, review, asset=new.pk)
    assert LecturePage.objects.get().former_asset is None
    assert item_of(author).reason_text == ""
    review.refresh_from_db()
    pass_all(review, staff)
    assert LecturePage.objects.get().former_asset == old
    item = item_of(author)
    assert "请为新录像添加字幕" in item.reason_text
    assert "no_captions" not in [finding.code for finding in item.findings]


def test_a_new_version_before_publication_does_so_at_once(phone, review, author):
    old, new = review.asset, VideoAssetFactory(owner=author, ready=True)
    change(phone, review, asset=new.pk)
    lecture = LecturePage.objects.get()
    assert (lecture.asset, lecture.former_asset) == (new, old)


def test_what_is_changed_in_review_is_found_when_the_review_is_through(
    phone, review, author, staff
):
    def found(words):
        return LecturePage.objects.visible_to(staff.clerk).mentioning(words).exists()

    assert not found("乡村振兴")
    pass_all(review, staff)
    assert found("乡村振兴")
    change(phone, review, title="小米种植", asset=VideoAssetFactory(owner=author, ready=True).pk)
    assert (found("小米种植"), found("乡村振兴")) == (False, True)
    review.refresh_from_db()
    pass_all(review, staff)
    assert (found("小米种植"), found("乡村振兴")) == (True, False)


def test_the_same_answer_twice_is_one_round(phone, review, author, staff):
    send_back(review, staff.clerk)
    change(phone, review)
    again = change(phone, review)
    assert again.status_code == 422
    assert "已在审核" in again.content.decode()
    review.refresh_from_db()
    assert review.round == 2


def test_somebody_elses_recording_and_one_of_another_lecture_are_no_new_version(
    phone, review, author
):
    other = submission(author).asset
    for asset in (VideoAssetFactory(ready=True), other):
        assert change(phone, review, asset=asset.pk).status_code == 422
    assert ReviewVersion.objects.filter(review=review).count() == 1


def test_a_new_version_rests_the_review_until_it_comes_or_is_given_up(phone, review):
    url = reverse("cms:version_announce", args=[review.lecture_id])
    assert phone.post(url).status_code == phone.post(url).status_code == 200
    review.refresh_from_db()
    assert review.held_since is not None
    assert AuditEntry.objects.filter(action="review.hold").count() == 1
    phone.post(reverse("cms:version_withdraw", args=[review.lecture_id]))
    review.refresh_from_db()
    assert review.held_since is None


def test_a_version_that_never_came_holds_nobody_for_ever(review, author):
    now = timezone.now()
    version_announce(review_id=review.pk, user=author, now=now - dt.timedelta(hours=47))
    assert reviews_sweep(now=now) == 0
    assert reviews_sweep(now=now + dt.timedelta(hours=2)) == 1
    review.refresh_from_db()
    assert review.held_since is None


def test_the_old_version_handed_in_again_is_its_lecture_and_no_new_one(phone, review, author):
    old = review.asset
    change(phone, review, asset=VideoAssetFactory(owner=author, ready=True).pk)
    hand_in(phone, old)
    assert LecturePage.objects.count() == 1
