"""Celery's side: wake-ups, sweeps, the end of a worker."""

import dataclasses
import datetime as dt
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings as django_settings
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django.fixtures import Settings

from media_pipeline import clock_watch, store, tasks
from media_pipeline.checks import check_clock
from media_pipeline.ffmpeg.runner import MediaProcessStopped
from media_pipeline.jobs import job_claim
from media_pipeline.models import Package, TranscodeJob, Upload, VideoAsset
from media_pipeline.owners import Owner, owner_of_this_process
from media_pipeline.wakeups import TRANSCODE, job_wake
from tests.factories import UploadFactory
from tests.integration.media_pipeline.conftest import FakeFilm

pytestmark = pytest.mark.django_db
Add = Callable[..., VideoAsset]


@pytest.fixture(autouse=True)
def not_stopping() -> Iterator[None]:
    yield
    tasks.stopping.clear()


def this_process() -> Owner:
    owner = Owner.parse(owner_of_this_process())
    assert owner is not None
    return owner


def test_one_wake_up_works_the_whole_queue(add_recording: Add, film: FakeFilm) -> None:
    first, second = add_recording(), add_recording()
    tasks.transcode(TranscodeJob.objects.get(asset=second).pk)
    assert VideoAsset.objects.ready().count() == 2
    assert first.pk != second.pk


def test_a_wake_up_that_comes_twice_changes_nothing(add_recording: Add, film: FakeFilm) -> None:
    job = TranscodeJob.objects.get(asset=add_recording())
    tasks.transcode(job.pk)
    before = TranscodeJob.objects.values().get()
    tasks.transcode(job.pk)
    assert TranscodeJob.objects.values().get() == before


def test_a_wake_up_for_nothing_works_the_queue_all_the_same(
    add_recording: Add, film: FakeFilm
) -> None:
    add_recording()
    tasks.transcode(12345)
    assert VideoAsset.objects.ready().count() == 1


def test_a_process_transcodes_one_recording_at_a_time(add_recording: Add, film: FakeFilm) -> None:
    add_recording()
    other = threading.Thread(target=tasks.transcode, args=(1,))

    def meanwhile(should_stop: Callable[[], bool]) -> None:
        # Returns at once, without a look at the database, because the slot is taken.
        other.start()
        other.join(10)
        assert not other.is_alive()

    film.during = meanwhile
    tasks.transcode(1)
    assert VideoAsset.objects.ready().count() == 1


def test_a_worker_that_is_told_to_end_gives_its_job_back(
    add_recording: Add, film: FakeFilm
) -> None:
    job = TranscodeJob.objects.get(asset=add_recording())

    def told(should_stop: Callable[[], bool]) -> None:
        worker_shutting_down.send(sender="worker@host", sig="SIGTERM", how="Warm", exitcode=0)
        assert should_stop()
        raise MediaProcessStopped

    film.during = told
    tasks.transcode(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (TranscodeJob.State.QUEUED, 0)
    tasks.transcode(job.pk)
    assert TranscodeJob.objects.active().exists()


def test_the_sweep_takes_back_and_clears_up(
    add_recording: Add, film: FakeFilm, wakeups: list[int]
) -> None:
    job = TranscodeJob.objects.get(asset=add_recording())
    claim = job_claim(owner="o", now=timezone.now())
    assert claim is not None
    TranscodeJob.objects.update(lease_owner=str(dataclasses.replace(this_process(), started="0")))
    Package.objects.create(asset=job.asset, key="nobodys")
    wakeups.clear()
    tasks.sweep()
    job.refresh_from_db()
    assert job.state == TranscodeJob.State.QUEUED
    assert wakeups == [job.pk]
    assert list(job.asset.packages.values_list("key", flat=True)) == [claim.package_key]


def test_a_worker_that_starts_sweeps_at_once_and_opens_its_slot_for_previews(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(tasks.sweep, "delay", lambda: sent.append("sweep"))
    monkeypatch.setattr(tasks.previews, "start", lambda: sent.append("previews"))
    worker_ready.send(sender=None)
    assert sent == ["previews", "sweep"]


def test_a_worker_starts_without_a_broker_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> None:
        raise OperationalError("no route")

    monkeypatch.setattr(tasks.sweep, "delay", away)
    monkeypatch.setattr(tasks.previews, "start", lambda: None)
    tasks.take_up()
    assert "First sweep not sent: no route" in caplog.messages


def test_the_hourly_sweep_removes_what_is_over(
    add_recording: Add, film: FakeFilm, settings: Settings
) -> None:
    settings.ORIGINAL_KEEP_DAYS = 30
    asset = add_recording(now=timezone.now() - dt.timedelta(days=31))
    tasks.transcode(1)
    VideoAsset.objects.update(ready_at=timezone.now() - dt.timedelta(days=31))
    UploadFactory(expires_at=timezone.now() - dt.timedelta(seconds=1))
    kept = UploadFactory()
    stray = store.local_path("packages/nobody/master.m3u8")
    assert stray is not None
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")

    tasks.sweep_uploads()
    asset.refresh_from_db()
    assert list(Upload.objects.all()) == [kept]
    assert store.folders_in("packages") == [asset.package.key]
    assert asset.original_key == ""


@pytest.mark.parametrize("days", [366, -366])
def test_after_a_jump_of_the_clock_nothing_is_deleted_by_age(
    days: int,
    add_recording: Add,
    film: FakeFilm,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.ORIGINAL_KEEP_DAYS = 365
    asset = add_recording()
    tasks.transcode(1)
    UploadFactory(expires_at=timezone.now() + dt.timedelta(hours=48))
    tasks.sweep_uploads()
    assert clock_watch.clock_doubt() == 0
    jumped = timezone.now() + dt.timedelta(days=days)
    monkeypatch.setattr("django.utils.timezone.now", lambda: jumped)
    monkeypatch.setattr(clock_watch.time, "time", jumped.timestamp)
    tasks.sweep_uploads()
    asset.refresh_from_db()
    assert Upload.objects.count() == 1
    assert store.recordings().exists(asset.original_key)
    assert "nothing is deleted by age" in caplog.text
    [warning] = check_clock(None)
    assert warning.id == "media_pipeline.W003"


def test_messages_go_to_tasks_that_exist() -> None:
    from config.celery import app

    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()}
    ours = {name for name in {*scheduled, TRANSCODE} if name.startswith("media_pipeline.")}
    assert {name.rpartition(".")[2] for name in ours} == {
        "move_originals",
        "sweep",
        "sweep_chores",
        "sweep_uploads",
        "transcode",
    }
    assert ours <= set(app.tasks)


def test_a_broker_that_is_away_does_not_fail_an_upload(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("Connection refused")

    monkeypatch.setattr("celery.app.base.Celery.send_task", away)
    job_wake(1)
    assert "Wake-up media_pipeline.tasks.transcode (1,) not sent" in caplog.text
