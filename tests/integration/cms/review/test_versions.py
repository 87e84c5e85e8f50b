"""Handing in again: changed words, and new versions of the recording."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from cms.models import LecturePage
from cms.publishing import NotReadyError, lecture_release
from cms.review.acts import Verdict, review_decide
from cms.review.errors import ReviewError
from cms.review.form_pdf import form_data
from cms.review.models import Review, ReviewStep, ReviewVersion, TakeDown
from cms.review.rounds import draft_followed, reviews_sweep, version_announce
from cms.review.sheet import sheet_context, sheet_of
from cms.review.take_downs import take_down, take_down_lift
from cms.submission_states import submissions_of
from media_pipeline.captions.tracks import captions_put
from tests.factories import TranscodeJobFactory, UploadFactory, UserFactory, VideoAssetFactory
from tests.factories.reviews import open_step, pass_all, pass_step, submission
from tests.integration.cms.review.handing_in import SRT, change, hand_in, item_of, refuse, send_back

pytestmark = pytest.mark.django_db


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
    assert "不会自动沿用：字幕" in item.reason_text
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


def test_a_refused_version_of_a_published_lecture_leaves_it_as_it_was(
    phone, review, author, staff, units
):
    pass_all(review, staff)
    old, new = review.asset, VideoAssetFactory(owner=author, ready=True)
    change(phone, review, asset=new.pk, title="新题目")
    refuse(review, staff.clerk, note="画面太暗")
    review.refresh_from_db()
    assert (review.state, review.asset) == (Review.State.APPROVED, old)
    lecture = LecturePage.objects.get()
    draft = lecture.get_latest_revision_as_object()
    assert (lecture.live, lecture.asset) == (True, old)
    assert (draft.asset, draft.title) == (old, "乡村振兴")
    item = item_of(author)
    assert (item.asset_id, item.state_text) == (old.pk, "已发布；新版未通过审核")
    assert [remark.text for remark in item.remarks] == ["画面太暗"]
    assert review.script == ""
    form = form_data(sheet_of(review.pk), now=timezone.now())
    assert [step["opinion"] for step in form["steps"]] == ["通过"] * 3
    assert form["secrecy"].startswith(staff.reader.name)
    draft.summary = "改了一个字。"
    draft.save_revision()
    keeper = UserFactory(curator=True, unit=units.city)
    assert lecture_release(lecture=lecture, user=keeper).summary == "改了一个字。"
    third = VideoAssetFactory(owner=author, ready=True)
    assert change(phone, review, asset=third.pk).status_code == 302
    review.refresh_from_db()
    assert review.state == Review.State.REVIEWING
    pass_all(review, staff)
    assert LecturePage.objects.get().asset == review.asset
    assert item_of(author).state_text == "已发布"


def put_back(phone, review, author, *, keeper):
    """The author sends a new recording, a keeper takes the former one again in the editor."""
    former = review.asset
    change(phone, review, asset=VideoAssetFactory(owner=author, ready=True).pk)
    lecture = LecturePage.objects.get()
    draft = lecture.get_latest_revision_as_object()
    draft.asset = former
    draft.save_revision()
    draft_followed(lecture, user=keeper, now=timezone.now())
    return lecture


def test_what_passed_once_and_is_refused_now_is_taken_out_of_sight(phone, review, author, staff):
    pass_all(review, staff)
    old, lecture = review.asset, put_back(phone, review, author, keeper=staff.leader)
    review.refresh_from_db()
    assert (review.state, review.asset) == (Review.State.REVIEWING, old)
    refuse(review, staff.clerk, note="内容有误")
    review.refresh_from_db()
    assert review.state == Review.State.REFUSED
    assert not LecturePage.objects.get().live
    assert TakeDown.objects.get(lifted_at=None).reason == "内容有误"
    with pytest.raises(ReviewError, match="不能发布"):
        take_down_lift(lecture=lecture, user=staff.leader, now=timezone.now())


def test_a_recording_that_was_put_back_stays_the_one_that_passed(phone, review, author, staff):
    pass_all(review, staff)
    old = review.asset
    put_back(phone, review, author, keeper=staff.leader)
    change(phone, review, asset=VideoAssetFactory(owner=author, ready=True).pk)
    refuse(review, staff.clerk, note="画面太暗")
    review.refresh_from_db()
    assert (review.state, review.asset) == (Review.State.APPROVED, old)
    assert LecturePage.objects.get().live


def test_a_second_new_version_after_a_refused_one_has_a_round_of_its_own(
    phone, review, author, staff
):
    pass_all(review, staff)
    first = VideoAssetFactory(owner=author, ready=True)
    change(phone, review, asset=first.pk)
    refuse(review, staff.clerk, note="画面太暗")
    change(phone, review, asset=VideoAssetFactory(owner=author, ready=True).pk)
    review.refresh_from_db()
    assert (review.version, review.round) == (3, 3)
    assert item_of(author).remarks == []


def test_a_submission_that_never_was_published_is_refused_for_good(review, author, staff):
    refuse(review, staff.clerk, note="与党课无关")
    review.refresh_from_db()
    assert review.state == Review.State.REFUSED


def taken_down_with_a_new_version(phone, review, author, staff):
    pass_all(review, staff)
    take_down(lecture=review.lecture, user=staff.leader, reason="有误", now=timezone.now())
    change(phone, review, asset=VideoAssetFactory(owner=author, ready=True).pk)
    review.refresh_from_db()
    return review


def test_a_take_down_that_is_lifted_during_a_review_leaves_publishing_to_it(
    phone, review, author, staff, client
):
    review = taken_down_with_a_new_version(phone, review, author, staff)
    client.force_login(staff.leader)
    url = reverse("review:take_down_lift", args=[review.lecture_id])
    assert "终审通过后发布" in client.post(url, follow=True).content.decode()
    assert not LecturePage.objects.get().live
    assert not TakeDown.objects.filter(lifted_at=None).exists()
    pass_all(review, staff)
    lecture = LecturePage.objects.get()
    assert (lecture.live, lecture.asset) == (True, review.asset)


def test_a_final_review_says_that_the_take_down_comes_first(phone, review, author, staff):
    review = taken_down_with_a_new_version(phone, review, author, staff)
    with pytest.raises(ReviewError, match="请先在下架页面恢复"):
        pass_all(review, staff)
    assert sheet_context(sheet_of(review.pk), user=staff.leader, now=timezone.now())[
        "can_take_down"
    ]
    lecture = take_down_lift(lecture=review.lecture, user=staff.leader, now=timezone.now())
    assert not lecture.live
    step = open_step(review)
    review_decide(
        review_id=review.pk,
        step_id=step.pk,
        version=step.version,
        user=staff.leader,
        verdict=Verdict.APPROVE,
        secrecy=True,
        now=timezone.now(),
    )
    assert LecturePage.objects.get().asset == review.asset


def test_a_refused_version_of_a_lecture_that_is_down_lets_the_former_one_come_back(
    phone, review, author, staff
):
    old = review.asset
    review = taken_down_with_a_new_version(phone, review, author, staff)
    refuse(review, staff.clerk, note="画面太暗")
    lecture = take_down_lift(lecture=review.lecture, user=staff.leader, now=timezone.now())
    assert (lecture.live, lecture.asset) == (True, old)


def test_a_published_lecture_whose_new_version_is_on_its_way_is_called_published(
    review, author, staff
):
    pass_all(review, staff)
    version_announce(review_id=review.pk, user=author, now=timezone.now())
    assert item_of(author).state_text == "已发布"


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


def test_a_refused_new_version_holds_nobody_though_its_page_was_closed(review, author):
    now = timezone.now()
    version_announce(review_id=review.pk, user=author, now=now - dt.timedelta(hours=1))
    asset = VideoAssetFactory(owner=author, refused=True)
    TranscodeJobFactory(asset=asset, state="refused", finished_at=now)
    another = UploadFactory(owner=author)
    assert reviews_sweep(now=now) == 0
    another.delete()
    assert reviews_sweep(now=now) == 1
    review.refresh_from_db()
    assert review.held_since is None


def test_a_recording_refused_before_ends_no_hold(review, author):
    now = timezone.now()
    asset = VideoAssetFactory(owner=author, refused=True)
    TranscodeJobFactory(asset=asset, state="refused", finished_at=now - dt.timedelta(hours=2))
    version_announce(review_id=review.pk, user=author, now=now - dt.timedelta(hours=1))
    assert reviews_sweep(now=now) == 0


def test_a_refused_recording_ends_no_hold_while_another_waits_to_be_handed_in(review, author):
    now = timezone.now()
    version_announce(review_id=review.pk, user=author, now=now - dt.timedelta(hours=1))
    asset = VideoAssetFactory(owner=author, refused=True)
    TranscodeJobFactory(asset=asset, state="refused", finished_at=now)
    VideoAssetFactory(owner=author, ready=True)
    assert reviews_sweep(now=now) == 0


def test_the_old_version_handed_in_again_is_its_lecture_and_no_new_one(phone, review, author):
    old = review.asset
    change(phone, review, asset=VideoAssetFactory(owner=author, ready=True).pk)
    hand_in(phone, old)
    assert LecturePage.objects.count() == 1
