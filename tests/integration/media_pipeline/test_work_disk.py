"""Working a job whose disk is full or fails, with a stand-in for ffmpeg."""

import errno
import shutil
from collections.abc import Callable

import pytest
from django.utils import timezone

from media_pipeline import attempt, store
from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed
from media_pipeline.models import TranscodeJob
from media_pipeline.work import job_work
from tests.integration.media_pipeline.conftest import FakeFilm
from tests.integration.media_pipeline.test_work import Add, Left, State, job_of, kept_files

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "problem",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        MediaProcessFailed(FailureReason.DISK_FULL, "No space left on device"),
    ],
    ids=["python", "ffmpeg"],
)
def test_a_full_disk_costs_no_attempt_and_is_tried_again_later(
    problem: Exception, add_recording: Add, film: FakeFilm, files_left: Left
) -> None:
    def fails(should_stop: Callable[[], bool]) -> None:
        raise problem

    asset = add_recording()
    film.during = fails
    job_work()
    job = job_of(asset)
    assert (job.state, job.attempt, job.reason) == (State.QUEUED, 0, "disk_full")
    assert job.available_at > timezone.now()
    assert any(name.endswith("seg_00000.m4s") for name in kept_files(files_left))


def test_without_room_nothing_is_begun(
    add_recording: Add, film: FakeFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = add_recording()
    usage = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    job_work()
    assert job_of(asset).reason == "disk_full"
    assert film.seen == []


def test_a_job_stops_before_the_disk_is_full_and_goes_on_when_there_is_room(
    add_recording: Add, film: FakeFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ffmpeg itself would leave segments that are cut off, and say nothing."""
    asset = add_recording()
    whole = shutil.disk_usage("/")

    def others_fill_it(should_stop: Callable[[], bool]) -> None:
        assert not should_stop()
        monkeypatch.setattr(
            shutil, "disk_usage", lambda path: whole._replace(free=attempt.LEAST_FREE - 1)
        )
        should_stop()

    film.during = others_fill_it
    job_work()
    job = job_of(asset)
    assert (job.state, job.attempt, job.reason) == (State.QUEUED, 0, "disk_full")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: whole._replace(free=10**12))
    film.during = lambda should_stop: None
    TranscodeJob.objects.update(available_at=timezone.now())
    assert job_work()
    assert film.found == [0, 1]
    assert job_of(asset).asset.is_ready


def test_a_film_that_cannot_be_read_is_not_taken_for_a_damaged_one(
    add_recording: Add, film: FakeFilm
) -> None:
    asset = add_recording()
    original = store.local_path(asset.original_key)
    assert original is not None
    away = original.with_name("away")

    def disk_in_trouble(should_stop: Callable[[], bool]) -> None:
        original.rename(away)
        raise MediaRefused(Refusal.DAMAGED)

    film.during = disk_in_trouble
    job_work()
    job = job_of(asset)
    assert (job.state, job.attempt, job.reason) == (State.QUEUED, 0, "unread")
    away.rename(original)
    film.during = lambda should_stop: None
    TranscodeJob.objects.update(available_at=timezone.now())
    assert job_work()
    assert film.found == [0, 1]  # what it had is not made again
    assert job_of(asset).asset.is_ready
