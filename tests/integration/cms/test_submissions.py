"""Handing a recording in."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from audit.models import AuditEntry
from cms.models import LecturePage
from cms.submissions import SubmissionError, lecture_submit
from tests.factories import PostFactory, UserFactory, VideoAssetFactory, library

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(units):
    library()
    return UserFactory(secretary=True, unit=units.branch)


@pytest.fixture
def asset(secretary):
    return VideoAssetFactory(owner=secretary)


def submit(secretary, asset, **fields):
    return lecture_submit(user=secretary, asset=asset, **{"title": "乡村振兴", **fields})


def test_it_becomes_a_draft_on_the_shelf_of_the_township(secretary, asset, units):
    page = submit(secretary, asset, speaker="李四", summary="示例。", subject="theory")
    page.refresh_from_db()
    assert not page.live
    assert (page.title, page.speaker, page.summary) == ("乡村振兴", "李四", "示例。")
    assert (page.organization, page.submitted_by, page.asset) == (units.branch, secretary, asset)
    assert page.get_parent().specific.organization == units.township
    assert page.latest_revision is not None


def test_the_same_recording_is_the_same_draft(secretary, asset):
    first = submit(secretary, asset)
    again = submit(secretary, asset, title="另一个题目")
    assert again.pk == first.pk
    assert again.title == "乡村振兴"
    assert AuditEntry.objects.filter(action="lecture.submit").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_make_one_draft(secretary, asset):
    together = threading.Barrier(2)
    pages = []

    def press():
        together.wait(10)
        pages.append(submit(secretary, asset).pk)
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(set(pages)) == 1
    assert LecturePage.objects.count() == 1


def test_a_recording_in_work_can_be_handed_in_and_a_refused_one_cannot(secretary, asset):
    assert asset.state == "processing"
    refused = VideoAssetFactory(owner=secretary, refused=True)
    with pytest.raises(SubmissionError):
        submit(secretary, refused)
    submit(secretary, asset)
    assert LecturePage.objects.count() == 1


def test_only_the_owner_hands_in_and_only_with_a_post(secretary, asset, units):
    with pytest.raises(PermissionDenied):
        submit(UserFactory(secretary=True, unit=units.sibling), asset)
    member = UserFactory(home=units.branch)
    with pytest.raises(PermissionDenied):
        submit(member, VideoAssetFactory(owner=member))
    assert not LecturePage.objects.exists()
    assert not AuditEntry.objects.filter(action="lecture.submit").exists()


def test_of_several_posts_the_one_closest_to_the_ground_hands_in(secretary, asset, units):
    PostFactory(user=secretary, organization=units.city, role="curator")
    assert submit(secretary, asset).organization == units.branch
