"""Publishing at a time that was set, by the scheduler, as whoever set it."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from cms.models import LecturePage
from cms.publishing import lectures_due
from cms.standing import Standing
from config.schedule import SCHEDULE
from media_pipeline.models import VideoAsset
from tests.factories import LecturePageFactory, UserFactory

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def curator(units):
    return UserFactory(curator=True, unit=units.county)


def scheduled(client: Client, curator, unit, **times: dt.datetime) -> LecturePage:
    """A draft that the curator published in the editor with times set."""
    draft = LecturePageFactory(organization=unit, draft=True)
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


def test_it_is_published_when_its_time_has_come_and_not_before(client, units, curator) -> None:
    now = timezone.now()
    lecture = scheduled(client, curator, units.branch, go_live_at=now + HOUR)
    assert not lecture.live
    assert lectures_due(now=now) == 0
    later = now + 2 * HOUR
    LecturePage.objects.filter(pk=lecture.pk).update(go_live_at=now - HOUR)
    revision = lecture.get_latest_revision()
    revision.content["go_live_at"] = (now - HOUR).isoformat()
    revision.save()
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


def test_it_is_taken_down_when_its_time_is_over(units, curator) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    now = timezone.now()
    LecturePage.objects.filter(pk=lecture.pk).update(expire_at=now - HOUR)
    assert lectures_due(now=now) == 1
    assert lectures_due(now=now) == 0
    assert not LecturePage.objects.get(pk=lecture.pk).live
    assert AuditEntry.objects.filter(action="lecture.unpublish").count() == 1


def test_the_scheduler_looks_every_minute() -> None:
    entry = SCHEDULE["publish-due"]
    assert (entry["task"], entry["schedule"]) == ("cms.tasks.publish_due", 60.0)


def test_keepers_read_it_in_chinese(client: Client, units, curator) -> None:
    lecture = LecturePageFactory(organization=units.branch, draft=True)
    client.force_login(curator)
    page = client.get(f"/admin/pages/{lecture.pk}/edit/").content.decode()
    assert "设置计划" in page
    assert "Set schedule" not in page
