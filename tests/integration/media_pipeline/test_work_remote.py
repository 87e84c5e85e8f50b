"""Working a job where recordings lie in a store elsewhere, with a stand-in for ffmpeg."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import Storage
from django.utils import timezone

from media_pipeline import store
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, MediaProcessStopped
from media_pipeline.models import Package, TranscodeJob
from media_pipeline.work import job_work, queue_work
from tests.integration.media_pipeline.conftest import FakeFilm
from tests.integration.media_pipeline.test_work import Add, State, job_of

pytestmark = pytest.mark.django_db


def test_with_a_remote_store_the_package_is_uploaded_and_the_scratch_is_empty(
    add_recording: Add, film: FakeFilm, settings: Any, remote_store: Storage
) -> None:
    asset = add_recording()
    assert job_work()
    asset.refresh_from_db()
    assert asset.is_ready
    assert asset.package is not None
    with remote_store.open(f"{asset.package.prefix}/360p/seg_00000.m4s") as segment:
        assert segment.read() == b"segment"
    assert remote_store.size(asset.original_key) == asset.size
    assert list(Path(settings.WORK_ROOT).rglob("*")) == []


def test_with_a_remote_store_the_same_host_goes_on_from_its_scratch_folder(
    add_recording: Add, film: FakeFilm, settings: Any, remote_store: Storage
) -> None:
    def fails(should_stop: Callable[[], bool]) -> None:
        raise MediaProcessFailed(FailureReason.STALLED)

    asset = add_recording()
    film.during = fails
    job_work()
    assert job_of(asset).state == State.QUEUED
    film.during = lambda should_stop: None
    TranscodeJob.objects.update(available_at=timezone.now())
    assert queue_work() == 1
    assert film.found == [0, 1]
    assert job_of(asset).asset.is_ready
    [package] = Package.objects.all()
    assert store.folders_in("packages") == [package.key]
    assert list(Path(settings.WORK_ROOT).rglob("*")) == []


@pytest.mark.parametrize("act", ["_open", "_save"])
def test_a_store_that_is_away_costs_no_attempt_and_no_work(
    add_recording: Add,
    film: FakeFilm,
    remote_store: Storage,
    monkeypatch: pytest.MonkeyPatch,
    act: str,
) -> None:
    def away(*_: object) -> None:
        raise RuntimeError("could not connect to the endpoint")

    asset = add_recording()
    film.during = lambda should_stop: (_ for _ in ()).throw(MediaProcessStopped())
    job_work()  # leaves a segment
    film.during = lambda should_stop: None
    with monkeypatch.context() as patch:
        patch.setattr(remote_store, act, away)
        for _ in range(5):
            TranscodeJob.objects.update(available_at=timezone.now())
            job_work()
        job = job_of(asset)
        assert (job.state, job.attempt, job.reason) == (State.QUEUED, 0, "store_away")
    TranscodeJob.objects.update(available_at=timezone.now())
    assert job_work()
    assert job_of(asset).asset.is_ready
    assert film.found[-1] == 1


def test_with_a_remote_store_another_host_begins_anew(
    add_recording: Add, film: FakeFilm, settings: Any, remote_store: Storage, tmp_path: Path
) -> None:
    asset = add_recording()
    film.during = lambda should_stop: (_ for _ in ()).throw(MediaProcessStopped())
    job_work()
    settings.WORK_ROOT = tmp_path / "another host"
    film.during = lambda should_stop: None
    assert queue_work() == 1
    assert film.found == [0, 0]
    assert job_of(asset).asset.is_ready
