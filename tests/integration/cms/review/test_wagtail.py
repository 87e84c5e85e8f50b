"""What Wagtail's admin shows of reviews, and what it does not let through."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cms.models import LecturePage
from cms.review.form_pdf import form_data
from cms.review.gate import review_problem
from cms.review.models import Review
from cms.review.sheet import sheet_of
from cms.review.take_downs import take_down
from cms.submission_states import submissions_of
from tests.factories import LecturePageFactory, UserFactory, VideoAssetFactory
from tests.factories.reviews import pass_all, submission
from tests.integration.cms.review.handing_in import refuse

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator(client, units):
    person = UserFactory(curator=True, unit=units.city)
    client.force_login(person)
    return person


def edit(client, page, **fields):
    page = LecturePage.objects.get(pk=page.pk)
    draft = page.get_latest_revision_as_object()
    data = {
        "title": draft.title,
        "slug": page.slug,
        "subject": draft.subject,
        "summary": draft.summary,
        "speaker": draft.speaker,
        "asset": draft.asset_id or "",
        "comments-TOTAL_FORMS": 0,
        "comments-INITIAL_FORMS": 0,
    }
    return client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data | fields)


def test_the_home_page_counts_what_waits_and_the_menu_leads_there(client, review, staff):
    client.force_login(staff.clerk)
    page = client.get(reverse("wagtailadmin_home")).content.decode()
    waiting = f'<a href="{reverse("review:queue")}">等我审核</a></dt><dd>1节</dd>'
    assert waiting in page


def test_the_editor_leads_to_the_review_and_offers_no_publishing(client, review, curator):
    url = reverse("wagtailadmin_pages:edit", args=[review.lecture_id])
    page = client.get(url).content.decode()
    assert reverse("review:sheet", args=[review.pk]) in page
    assert "action-publish" not in page
    assert "action-submit" not in page


def test_the_editor_saves_nothing_by_itself(client, review, curator):
    url = reverse("wagtailadmin_pages:edit", args=[review.lecture_id])
    page = client.get(url).content.decode()
    assert "data-edit-form" in page
    assert "w-autosave#save" not in page
    assert "data-w-autosave-interval-value" not in page


@pytest.mark.parametrize("act", ["action-publish", "action-submit", "action-restart-workflow"])
def test_no_act_of_the_editor_gets_past_the_review(client, review, curator, act):
    edit(client, review.lecture, **{act: "1"})
    review.refresh_from_db()
    assert (review.state, review.round) == (Review.State.REVIEWING, 1)
    assert not LecturePage.objects.get().live


def test_bulk_publishing_says_what_is_in_review(client, review, curator):
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    client.post(f"{url}?id={review.lecture_id}", {"include_descendants": ""})
    assert not LecturePage.objects.get().live


def test_another_recording_chosen_in_the_editor_resets_the_approvals(
    client, review, curator, staff, author
):
    new = VideoAssetFactory(owner=author, ready=True)
    edit(client, review.lecture, asset=new.pk)
    review.refresh_from_db()
    assert (review.asset, review.version, review.round) == (new, 2, 2)


def test_whose_recording_a_keeper_exchanged_still_sees_how_far_the_submission_is(
    client, review, curator, staff, author
):
    own, new = (VideoAssetFactory(owner=owner, ready=True) for owner in (author, curator))
    for asset in (own, new):
        edit(client, review.lecture, asset=asset.pk)
    (item,) = submissions_of(user=author)
    assert item.asset_id == own.pk
    assert "新录像" in item.reason_text
    assert [step.key for step in item.steps if step.state == "current"] == ["review-0"]
    assert item.change_url
    (mine,) = submissions_of(user=curator)
    assert (mine.asset_id, mine.change_url) == (new.pk, "")


def test_a_recording_exchanged_while_publishing_is_not_published(
    client, review, curator, staff, author
):
    pass_all(review, staff)
    new = VideoAssetFactory(owner=author, ready=True)
    edit(client, review.lecture, asset=new.pk, **{"action-publish": "1"})
    assert LecturePage.objects.get().asset_id == review.asset_id


def test_an_earlier_version_of_another_lecture_is_no_recording_to_choose(
    client, review, curator, staff, author
):
    old = review.asset
    edit(client, review.lecture, asset=VideoAssetFactory(owner=author, ready=True).pk)
    other = submission(author)
    edit(client, other.lecture, asset=old.pk)
    other.refresh_from_db()
    assert (other.version, other.asset_id != old.pk) == (1, True)
    edit(client, review.lecture, asset=old.pk)
    review.refresh_from_db()
    assert (review.version, review.asset) == (3, old)


def test_words_changed_in_the_editor_reset_nothing(client, review, curator):
    edit(client, review.lecture, title="校正后的题目")
    review.refresh_from_db()
    assert review.round == 1


def test_a_draft_made_in_the_editor_is_reviewed_as_well(client, units, curator):
    page = LecturePageFactory(draft=True, organization=units.branch, submitted_by=curator)
    page.save_revision(user=curator)
    edit(client, page, summary="改")
    assert Review.objects.get(lecture=page).uploader == curator


@pytest.fixture
def without_file(client, units, curator, staff):
    """Published before there were reviews; a keeper saved a new recording for it."""
    page = LecturePageFactory(organization=units.branch)
    new = VideoAssetFactory(owner=curator, ready=True)
    edit(client, page, asset=new.pk)
    return page, new


def test_a_new_recording_of_a_lecture_from_before_is_shown_after_its_review_only(
    without_file, curator, staff
):
    page, new = without_file
    review = Review.objects.get(lecture=page)
    assert (review.asset, review.uploader, review.state) == (new, curator, "reviewing")
    assert LecturePage.objects.get(pk=page.pk).asset == page.asset
    pass_all(review, staff)
    assert LecturePage.objects.get(pk=page.pk).asset == new


def test_refused_it_leaves_the_lecture_as_it_was(client, without_file, staff, curator):
    page, _new = without_file
    review = Review.objects.get(lecture=page)
    refuse(review, staff.clerk, note="画面太暗")
    review.refresh_from_db()
    lecture = LecturePage.objects.get(pk=page.pk)
    assert (lecture.live, lecture.asset) == (True, page.asset)
    assert (review.state, review.asset) == (Review.State.APPROVED, page.asset)
    assert form_data(sheet_of(review.pk), now=timezone.now())["steps"] == []
    edit(client, page, asset=VideoAssetFactory(owner=curator, ready=True).pk)
    review.refresh_from_db()
    assert (review.state, review.version, review.round) == (Review.State.REVIEWING, 3, 2)


@pytest.fixture
def came_down(units, curator):
    """Published before there were reviews, and no longer to be seen."""
    page = LecturePageFactory(organization=units.branch)
    page.save_revision(user=curator).publish(user=curator)
    page = LecturePage.objects.get(pk=page.pk)
    page.unpublish(set_expired=True)
    return page


def test_what_came_down_has_its_words_corrected_without_a_review(client, came_down, curator):
    edit(client, came_down, summary="改")
    assert not Review.objects.exists()
    assert review_problem(came_down, asset_id=came_down.asset_id) == ""


def test_what_came_down_comes_back_with_no_other_recording_unreviewed(client, came_down, curator):
    new = VideoAssetFactory(owner=curator, ready=True)
    # As it was possible once: the row of what is not published holds its draft.
    LecturePage.objects.filter(pk=came_down.pk).update(asset=new)
    assert "还没有审核" in review_problem(came_down, asset_id=new.pk)
    edit(client, came_down, asset=new.pk)
    assert Review.objects.get(lecture=came_down).asset == new


def test_a_published_lecture_is_taken_down_on_its_own_page_only(client, review, curator, staff):
    pass_all(review, staff)
    client.post(reverse("wagtailadmin_pages:unpublish", args=[review.lecture_id]))
    assert LecturePage.objects.get().live
    page = client.get(reverse("wagtailadmin_pages:edit", args=[review.lecture_id])).content.decode()
    assert reverse("review:take_down", args=[review.lecture_id]) in page


def test_one_without_a_file_is_taken_down_with_a_reason_as_well_and_its_editor_leads_back(
    client, units, curator
):
    page = LecturePageFactory(organization=units.branch)
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "unpublish"])
    client.post(reverse("wagtailadmin_pages:unpublish", args=[page.pk]))
    said = client.post(f"{bulk}?id={page.pk}", {"include_descendants": ""}, follow=True)
    assert "请打开课程的编辑页逐节下架，并写明理由" in said.content.decode()
    assert LecturePage.objects.get().live
    take_down(lecture=page, user=curator, reason="有误", now=timezone.now())
    editor = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert reverse("review:take_down", args=[page.pk]) in editor


def test_the_full_history_of_the_editors_dialog_is_the_review(client, review, curator, units):
    history = reverse("wagtailadmin_pages:workflow_history", args=[review.lecture_id])
    editor = client.get(reverse("wagtailadmin_pages:edit", args=[review.lecture_id]))
    assert history in editor.content.decode()
    assert client.get(history).url == reverse("review:sheet", args=[review.pk])
    client.force_login(UserFactory(curator=True, unit=units.sibling))
    assert client.get(history).status_code == 404


def test_its_words_are_still_published_from_the_editor_once_it_was_approved(
    client, review, curator, staff
):
    pass_all(review, staff)
    edit(client, review.lecture, title="校正后的题目", **{"action-publish": "1"})
    assert LecturePage.objects.get().title == "校正后的题目"


def test_a_second_submission_of_the_author_has_a_workflow_of_its_own(author, staff):
    first, second = submission(author), submission(author)
    assert first.lecture.current_workflow_state.pk != second.lecture.current_workflow_state.pk
