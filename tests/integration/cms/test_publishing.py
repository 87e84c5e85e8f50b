"""Publishing: by whom, with what, and with exactly one audit entry."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from cms.models import LecturePage
from cms.permissions import can_publish
from cms.publishing import NotReadyError, lecture_release, lecture_unpublish
from cms.review.models import Review
from tests.factories import LecturePageFactory, UserFactory, VideoAssetFactory
from tests.factories.reviews import reviewed

pytestmark = pytest.mark.django_db


def entries(action: str) -> list[tuple[int | None, str]]:
    found = AuditEntry.objects.filter(action=action)
    return [(entry.actor_id, entry.target_id) for entry in found]


def form_of(lecture: LecturePage, **changes: object) -> dict[str, object]:
    return {
        "title": lecture.title,
        "asset": str(lecture.asset_id or ""),
        "summary": lecture.summary,
        "speaker": lecture.speaker,
        "subject": lecture.subject,
        "recorded_on": "",
        **changes,
    }


@pytest.fixture
def curator(units: SimpleNamespace):
    return UserFactory(curator=True, unit=units.city)


def test_publishing_makes_the_lecture_visible_and_one_entry(
    units: SimpleNamespace, curator
) -> None:
    draft = reviewed(LecturePageFactory(organization=units.branch, draft=True))
    lecture = lecture_release(lecture=draft, user=curator)
    assert lecture.live
    assert lecture.first_published_at is not None
    assert entries("lecture.publish") == [(curator.pk, str(draft.pk))]


def test_publishing_twice_makes_no_second_entry(units: SimpleNamespace, curator) -> None:
    draft = reviewed(LecturePageFactory(organization=units.branch, draft=True))
    lecture_release(lecture=draft, user=curator)
    lecture_release(lecture=draft, user=curator)
    assert len(entries("lecture.publish")) == 1


def test_taking_back_makes_one_entry_and_keeps_the_page(units: SimpleNamespace, curator) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    assert not lecture_unpublish(lecture=lecture, user=curator).live
    lecture_unpublish(lecture=lecture, user=curator)
    assert entries("lecture.unpublish") == [(curator.pk, str(lecture.pk))]


def test_reviewers_publish_within_their_unit_only(units: SimpleNamespace) -> None:
    draft = LecturePageFactory(organization=units.branch, draft=True)
    for stranger in (
        UserFactory(reviewer=True, unit=units.foreign),
        UserFactory(secretary=True, unit=units.branch),
        UserFactory(home=units.branch),
    ):
        assert not can_publish(stranger, draft)
        assert not draft.permissions_for_user(stranger).can_publish()
    assert can_publish(UserFactory(reviewer=True, unit=units.county), draft)


@pytest.mark.parametrize("state", [{}, {"refused": True}, {"failed": True}])
def test_only_a_ready_recording_is_published(units: SimpleNamespace, curator, state) -> None:
    asset = VideoAssetFactory(**state)
    draft = reviewed(LecturePageFactory(organization=units.branch, draft=True, asset=asset))
    with pytest.raises(NotReadyError):
        lecture_release(lecture=draft, user=curator)
    draft.refresh_from_db()
    assert not draft.live
    assert entries("lecture.publish") == []


def test_no_way_of_saving_makes_an_unready_lecture_live(units: SimpleNamespace) -> None:
    draft = LecturePageFactory(organization=units.branch, unprepared=True)
    with pytest.raises(ValidationError):
        draft.save_revision().publish()
    draft.refresh_from_db()
    assert not draft.live


def test_the_editor_publishes_and_records_it_once(
    client: Client, units: SimpleNamespace, curator
) -> None:
    draft = reviewed(LecturePageFactory(organization=units.branch, draft=True))
    client.force_login(curator)
    address = reverse("wagtailadmin_pages:edit", args=[draft.pk])
    data = form_of(draft, title="改过的标题", **{"action-publish": "1"})
    assert client.post(address, data).status_code == 302
    draft.refresh_from_db()
    assert (draft.live, draft.title) == (True, "改过的标题")
    assert entries("lecture.publish") == [(curator.pk, str(draft.pk))]


@pytest.mark.parametrize("asset", ["none", "unready"])
def test_the_editor_says_what_is_missing(
    client: Client, units: SimpleNamespace, curator, asset: str
) -> None:
    draft = LecturePageFactory(organization=units.branch, draft=True)
    chosen = "" if asset == "none" else str(VideoAssetFactory(owner=curator).pk)
    client.force_login(curator)
    address = reverse("wagtailadmin_pages:edit", args=[draft.pk])
    response = client.post(address, form_of(draft, asset=chosen, **{"action-publish": "1"}))
    assert response.status_code == 200
    assert len(response.context["form"].errors["asset"]) == 1
    draft.refresh_from_db()
    assert not draft.live


def test_an_incomplete_draft_can_be_saved(client: Client, units: SimpleNamespace, curator) -> None:
    draft = LecturePageFactory(organization=units.branch, draft=True)
    client.force_login(curator)
    address = reverse("wagtailadmin_pages:edit", args=[draft.pk])
    assert client.post(address, form_of(draft, asset="", title="半成品")).status_code == 302
    assert LecturePage.objects.get(pk=draft.pk).get_latest_revision_as_object().asset is None


def test_a_recording_is_one_lecture(client: Client, units: SimpleNamespace, curator) -> None:
    taken = LecturePageFactory(organization=units.county)
    draft = LecturePageFactory(organization=units.branch, draft=True)
    client.force_login(curator)
    address = reverse("wagtailadmin_pages:edit", args=[draft.pk])
    response = client.post(address, form_of(draft, asset=str(taken.asset_id)))
    assert "asset" in response.context["form"].errors


def bulk(action: str, *pages: LecturePage) -> str:
    ids = "&".join(f"id={page.pk}" for page in pages)
    return f"/admin/bulk/wagtailcore/page/{action}/?{ids}&next=/admin/"


def test_bulk_publishing_refuses_what_is_not_ready(
    client: Client, units: SimpleNamespace, curator
) -> None:
    ready = reviewed(LecturePageFactory(organization=units.branch, draft=True))
    unready = reviewed(LecturePageFactory(organization=units.branch, unprepared=True))
    client.force_login(curator)
    client.post(bulk("publish", ready, unready))
    assert not LecturePage.objects.live().exists()
    client.post(bulk("publish", ready))
    assert list(LecturePage.objects.live()) == [ready]
    assert entries("lecture.publish") == [(curator.pk, str(ready.pk))]


def test_what_was_ever_published_is_never_deleted(
    client: Client, units: SimpleNamespace, curator
) -> None:
    lecture = lecture_unpublish(lecture=LecturePageFactory(organization=units.branch), user=curator)
    draft = LecturePageFactory(organization=units.branch, draft=True)
    client.force_login(curator)
    for page in (lecture, draft):
        client.post(reverse("wagtailadmin_pages:delete", args=[page.pk]))
        client.post(bulk("delete", lecture))
    assert list(LecturePage.objects.all()) == [lecture]


def test_the_shelves_are_not_edited_by_hand(
    client: Client, units: SimpleNamespace, curator
) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    shelf = lecture.get_parent()
    client.force_login(curator)
    for view in ("edit", "delete", "unpublish", "copy", "move"):
        response = client.get(reverse(f"wagtailadmin_pages:{view}", args=[shelf.pk]))
        assert response.status_code in (302, 404), view


def test_a_lecture_moved_by_hand_belongs_to_the_new_unit(
    client: Client, units: SimpleNamespace, curator
) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    target = LecturePageFactory(organization=units.foreign).get_parent()
    client.force_login(curator)
    client.post(reverse("wagtailadmin_pages:move_confirm", args=[lecture.pk, target.pk]))
    lecture.refresh_from_db()
    assert lecture.organization == units.foreign


def test_an_old_draft_brings_no_old_unit_back(units: SimpleNamespace, curator) -> None:
    draft = reviewed(LecturePageFactory(organization=units.branch, draft=True))
    draft.save_revision()
    LecturePage.objects.filter(pk=draft.pk).update(organization=units.foreign)
    assert lecture_release(lecture=draft, user=curator).organization == units.foreign


def test_a_lecture_added_by_hand_belongs_to_the_shelfs_unit_and_is_reviewed(
    client: Client, units: SimpleNamespace, curator
) -> None:
    shelf = LecturePageFactory(organization=units.township).get_parent()
    asset = VideoAssetFactory(ready=True, owner=curator)
    client.force_login(curator)
    address = reverse("wagtailadmin_pages:add", args=["cms", "lecturepage", shelf.pk])
    assert "action-publish" not in client.get(address).content.decode()
    data = {"title": "新课", "asset": str(asset.pk), "subject": "skills", "action-publish": "1"}
    page = client.post(address, data, follow=True).content.decode()
    assert "已进入审核" in page
    lecture = LecturePage.objects.get(title="新课")
    assert (lecture.live, lecture.organization) == (False, units.township)
    assert (lecture.submitted_by, lecture.slug.isascii()) == (curator, True)
    assert Review.objects.get(lecture=lecture).state == Review.State.REVIEWING
    assert entries("lecture.publish") == []


def publish_in_the_editor(client: Client, lecture: LecturePage, **changes: object) -> str:
    address = reverse("wagtailadmin_pages:edit", args=[lecture.pk])
    data = form_of(lecture, **changes, **{"action-publish": "1"})
    return str(client.post(address, data).content.decode())


@pytest.mark.parametrize("when", ["", "2099-01-01 08:00"])
def test_a_recording_that_nobody_reviewed_is_not_published_and_what_was_typed_stays(
    client: Client, units: SimpleNamespace, curator, when: str
) -> None:
    asset = VideoAssetFactory(ready=True, owner=curator)
    draft = LecturePageFactory(organization=units.branch, draft=True, asset=None)
    live = LecturePageFactory(organization=units.branch)
    client.force_login(curator)
    for lecture in (draft, live):
        changes = {"asset": str(asset.pk), "title": "改过的标题", "go_live_at": when}
        page = publish_in_the_editor(client, lecture, **changes)
        assert "请保存草稿" in page
        assert "改过的标题" in page
    assert entries("lecture.publish") == entries("lecture.schedule") == []
    assert LecturePage.objects.get(pk=live.pk).asset == live.asset


def test_words_of_what_was_published_before_there_were_reviews_are_still_corrected(
    client: Client, units: SimpleNamespace, curator
) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    client.force_login(curator)
    address = reverse("wagtailadmin_pages:edit", args=[lecture.pk])
    client.post(address, form_of(lecture, title="草稿的标题"))
    publish_in_the_editor(client, lecture, title="改过的标题")
    lecture.refresh_from_db()
    assert (lecture.live, lecture.title) == (True, "改过的标题")
    assert not Review.objects.exists()


def test_a_draft_without_a_review_is_published_by_no_bulk_act_either(
    client: Client, units: SimpleNamespace, curator
) -> None:
    draft = LecturePageFactory(organization=units.branch, draft=True)
    client.force_login(curator)
    assert "还没有审核" in client.post(bulk("publish", draft), follow=True).content.decode()
    assert not LecturePage.objects.live().exists()


def test_the_preview_of_a_draft_plays(client: Client, units: SimpleNamespace) -> None:
    draft = LecturePageFactory(organization=units.branch, draft=True)
    draft.save_revision()
    client.force_login(UserFactory(reviewer=True, unit=units.township))
    response = client.get(reverse("wagtailadmin_pages:view_draft", args=[draft.pk]))
    page = response.content.decode()
    assert f"/{draft.asset.package_id}/progressive.mp4" in page
    # No play session: a preview counts nothing.
    assert 'data-open-url=""' in page
