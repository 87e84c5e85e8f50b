"""Publishing at a time that was set, by the scheduler, as whoever set it."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from cms.models import LecturePage
from cms.publishing import lectures_due
from cms.review.models import Review
from cms.review.rounds import reviews_sweep
from cms.standing import Standing
from cms.submission_states import submissions_of
from config.schedule import SCHEDULE
from media_pipeline.models import VideoAsset
from tests.factories import LecturePageFactory, UserFactory, VideoAssetFactory, library
from tests.factories.reviews import pass_all, review_staff, reviewed, submission

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def curator(units):
    return UserFactory(curator=True, unit=units.county)


def scheduled(client: Client, curator, unit, **times: dt.datetime) -> LecturePage:
    """A draft, through its reviews, that the curator published in the editor with times set."""
    draft = reviewed(LecturePageFactory(organization=unit, draft=True))
    draft.save_revision(user=curator)
    client.force_login(curator)
    shown = {name: timezone.localtime(at).strftime("%Y-%m-%d %H:%M") for name, at in times.items()}
    data = {
        "title": draft.title, "asset": str(draft.asset_id), "subject": draft.subject,
        "speaker": draft.speaker, "go_live_at": "", "expire_at": "", "action-publish": "1", **shown,
    }  # fmt: skip
    response = client.post(f"/admin/pages/{draft.pk}/edit/", data)
    assert response.status_code == 302
    return LecturePage.objects.get(pk=draft.pk)


def make_due(lecture: LecturePage, *, now: dt.datetime) -> None:
    """As if the time that was set lay an hour back."""
    LecturePage.objects.filter(pk=lecture.pk).update(go_live_at=now - HOUR)
    revision = lecture.get_latest_revision()
    revision.content["go_live_at"] = (now - HOUR).isoformat()
    revision.save()


def test_it_is_published_when_its_time_has_come_and_not_before(client, units, curator) -> None:
    now = timezone.now()
    lecture = scheduled(client, curator, units.branch, go_live_at=now + HOUR)
    assert not lecture.live
    assert lectures_due(now=now) == 0
    later = now + 2 * HOUR
    make_due(lecture, now=now)
    assert lectures_due(now=later) == 1
    lecture.refresh_from_db()
    assert lecture.live
    assert Standing.objects.get(lecture=lecture).decided_by == curator
    acts = AuditEntry.objects.filter(target_id=str(lecture.pk)).order_by("position")
    assert [(one.action, one.actor_id) for one in acts] == [
        ("lecture.schedule", curator.pk),
        ("lecture.publish", curator.pk),
    ]


def test_one_whose_recording_is_gone_holds_up_no_other(client, units, curator) -> None:
    now = timezone.now()
    broken = scheduled(client, curator, units.branch, go_live_at=now + HOUR)
    whole = scheduled(client, curator, units.branch, go_live_at=now + HOUR)
    for lecture in (broken, whole):
        revision = lecture.get_latest_revision()
        revision.content["go_live_at"] = (now - HOUR).isoformat()
        revision.save()
    VideoAsset.objects.filter(pk=broken.asset_id).update(state=VideoAsset.State.FAILED)
    assert lectures_due(now=now + 2 * HOUR) == 1
    assert LecturePage.objects.get(pk=whole.pk).live
    assert not LecturePage.objects.get(pk=broken.pk).live


def in_review(units, curator, client, **times: dt.datetime) -> tuple[Review, SimpleNamespace]:
    """A submission for which the curator saved a time in the editor, and its reviewers."""
    library()
    staff = review_staff(units.township)
    review = submission(UserFactory(secretary=True, unit=units.branch))
    client.force_login(curator)
    shown = {name: timezone.localtime(at).strftime("%Y-%m-%d %H:%M") for name, at in times.items()}
    data = {
        "title": "乡村振兴", "asset": str(review.asset_id), "subject": "skills", "speaker": "李四",
        "go_live_at": "", "expire_at": "", **shown,
    }  # fmt: skip
    page = client.post(f"/admin/pages/{review.lecture_id}/edit/", data, follow=True)
    assert "还在审核" in page.content.decode()
    return review, staff


def test_a_time_that_is_set_in_review_is_kept_by_the_final_review(client, units, curator) -> None:
    now = timezone.now()
    review, staff = in_review(units, curator, client, go_live_at=now + HOUR)
    assert lectures_due(now=now + 2 * HOUR) == 0
    pass_all(review, staff)
    lecture = LecturePage.objects.get()
    assert (lecture.live, lecture.approved_schedule) == (False, True)
    (item,) = submissions_of(user=review.uploader)
    assert item.state_text == "已通过审核，尚未发布"
    assert item.steps[-1].note.startswith("定于")
    make_due(lecture, now=now)
    assert lectures_due(now=now + 2 * HOUR) == 1
    assert LecturePage.objects.get().live


def test_what_is_in_review_again_when_its_time_comes_does_not_go_live(
    client, units, curator
) -> None:
    now = timezone.now()
    review, staff = in_review(units, curator, client, go_live_at=now + HOUR)
    pass_all(review, staff)
    lecture = LecturePage.objects.get()
    make_due(lecture, now=now)
    Review.objects.update(state=Review.State.REVIEWING)
    assert lectures_due(now=now + 2 * HOUR) == 0
    assert not LecturePage.objects.get().live
    Review.objects.update(state=Review.State.APPROVED)
    assert lectures_due(now=now + 2 * HOUR) == 1


def test_what_was_scheduled_without_a_review_is_reviewed_first(client, units, curator) -> None:
    now = timezone.now()
    lecture = scheduled(client, curator, units.branch, go_live_at=now + HOUR)
    make_due(lecture, now=now)
    Review.objects.all().delete()
    assert lectures_due(now=now + 2 * HOUR) == 0
    assert reviews_sweep() == 1
    assert Review.objects.get().state == Review.State.REVIEWING


def test_it_is_taken_down_when_its_time_is_over(units, curator) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    now = timezone.now()
    LecturePage.objects.filter(pk=lecture.pk).update(expire_at=now - HOUR)
    assert lectures_due(now=now) == 1
    assert lectures_due(now=now) == 0
    assert not LecturePage.objects.get(pk=lecture.pk).live
    assert AuditEntry.objects.filter(action="lecture.expire").count() == 1


def test_whoever_asks_is_told_that_it_was_its_planned_end(client, units, curator) -> None:
    author, now = UserFactory(secretary=True, unit=units.branch), timezone.now()
    asset = VideoAssetFactory(owner=author, ready=True)
    lecture = LecturePageFactory(organization=units.branch, asset=asset, submitted_by=author)
    LecturePage.objects.filter(pk=lecture.pk).update(expire_at=now - HOUR)
    lectures_due(now=now)
    assert "按计划" in submissions_of(user=author)[0].state_text
    client.force_login(author)
    assert "计划的时间下架" in client.get("/inbox/").content.decode()
    client.force_login(curator)
    page = client.get(reverse("review:take_down", args=[lecture.pk])).content.decode()
    assert "计划的时间下架" in page


def test_the_scheduler_looks_every_minute() -> None:
    entry = SCHEDULE["publish-due"]
    assert (entry["task"], entry["schedule"]) == ("cms.tasks.publish_due", 60.0)


def test_keepers_read_it_in_chinese(client: Client, units, curator) -> None:
    lecture = LecturePageFactory(organization=units.branch, draft=True)
    client.force_login(curator)
    page = client.get(f"/admin/pages/{lecture.pk}/edit/").content.decode()
    assert "设置计划" in page
    assert "Set schedule" not in page
