"""Working a job, with a stand-in for ffmpeg: what becomes of rows and files in every case."""

import datetime as dt
import hashlib
import io
import json
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from config.logs import formatter
from media_pipeline import attempt, store
from media_pipeline.assets import asset_discard
from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, MediaProcessStopped
from media_pipeline.jobs import job_claim, job_enqueue, job_finish, jobs_sweep
from media_pipeline.models import Package, TranscodeJob, VideoAsset
from media_pipeline.pulse import Pulse
from media_pipeline.work import job_work, queue_work
from tests.integration.media_pipeline.conftest import FakeFilm

pytestmark = pytest.mark.django_db
State = TranscodeJob.State
Add = Callable[..., VideoAsset]
Left = Callable[[], list[str]]


def job_of(asset: VideoAsset) -> TranscodeJob:
    return TranscodeJob.objects.full().select_related("asset").get(asset=asset)


def kept_files(files_left: Left) -> list[str]:
    """What is left below the package folders."""
    return [name for name in files_left() if name.startswith("packages/")]


def test_a_recording_becomes_a_published_package(add_recording: Add, film: FakeFilm) -> None:
    asset = add_recording()
    assert job_work()
    asset.refresh_from_db()
    assert asset.is_ready
    assert asset.package is not None
    assert (asset.duration, asset.width, asset.height) == (12.5, 640, 360)
    folder = store.local_path(asset.package.prefix)
    assert folder is not None
    assert (folder / "master.m3u8").is_file()
    assert asset.first_play_at is not None
    assert asset.ready_at is not None
    assert asset.first_play_at <= asset.ready_at
    assert not store.scratch(asset.package.key).exists()


def test_the_original_stays_as_it_came(add_recording: Add, film: FakeFilm) -> None:
    asset = add_recording()
    job_work()
    original = store.local_path(asset.original_key)
    assert original is not None
    assert original.read_bytes() == b"not really a film"
    assert film.seen == [original]


def test_the_hash_of_what_was_sent_is_found_by_the_job(add_recording: Add, film: FakeFilm) -> None:
    """Not at the end of the upload, where somebody waits."""
    asset = add_recording()
    VideoAsset.objects.update(sha256="")
    job_work()
    asset.refresh_from_db()
    assert asset.sha256 == hashlib.sha256(b"not really a film").hexdigest()


def test_every_line_of_a_job_names_it(add_recording: Add, film: FakeFilm) -> None:
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(formatter(as_json=True))
    logger = logging.getLogger("lectern.test")
    logger.addHandler(handler)
    film.during = lambda should_stop: logger.error("in the middle of it")
    asset = add_recording()
    try:
        assert job_work()
        logger.error("afterwards")
    finally:
        logger.removeHandler(handler)
    within, after = map(json.loads, said.getvalue().splitlines())
    job = job_of(asset)
    assert (within["job"], within["asset"]) == (job.pk, str(asset.pk))
    assert within["attempt"] == f"{job.pk}.{job.fence}"
    assert "job" not in after


def test_a_wake_up_that_comes_twice_finds_nothing_to_do(add_recording: Add, film: FakeFilm) -> None:
    asset = add_recording()
    assert queue_work() == 1
    assert not job_work(job_id=job_of(asset).pk)
    assert Package.objects.count() == 1


@pytest.mark.parametrize("code", list(Refusal))
def test_nothing_of_a_refused_file_stays(
    code: Refusal, add_recording: Add, film: FakeFilm, files_left: Left
) -> None:
    asset = add_recording()
    film.probe_raises = MediaRefused(code)
    assert job_work()
    asset.refresh_from_db()
    assert (asset.state, asset.reason) == (VideoAsset.State.REFUSED, str(code))
    assert asset.original_key == ""
    assert files_left() == []
    assert not Package.objects.exists()


def test_what_is_published_keeps_its_original_when_that_is_refused_later(
    add_recording: Add, film: FakeFilm
) -> None:
    asset = add_recording()
    assert job_work()
    job_enqueue(asset=asset, now=timezone.now())
    film.probe_raises = MediaRefused(Refusal.DAMAGED)
    assert job_work()
    asset.refresh_from_db()
    assert asset.is_ready
    assert store.recordings().exists(asset.original_key)


def test_a_film_that_turns_out_damaged_in_the_middle_leaves_nothing(
    add_recording: Add, film: FakeFilm, files_left: Left
) -> None:
    def damaged(should_stop: Callable[[], bool]) -> None:
        raise MediaRefused(Refusal.DAMAGED)

    asset = add_recording()
    film.during = damaged
    job_work()
    asset.refresh_from_db()
    assert asset.state == VideoAsset.State.REFUSED
    assert asset.first_play_at is None
    assert files_left() == []


def test_the_worker_goes_on_after_a_refused_file(add_recording: Add, film: FakeFilm) -> None:
    bad = add_recording()

    def probe(path: Path, **_: Any) -> FakeFilm:
        if str(bad.pk) in str(path):
            raise MediaRefused(Refusal.NOT_MEDIA)
        return film

    attempt.probe = probe  # type: ignore[assignment]  # the film fixture restores it
    good = add_recording()
    assert queue_work() == 2
    good.refresh_from_db()
    assert good.is_ready


def test_work_that_is_bad_itself_is_thrown_away(
    add_recording: Add, film: FakeFilm, files_left: Left
) -> None:
    def fails(should_stop: Callable[[], bool]) -> None:
        raise MediaProcessFailed(FailureReason.BAD_OUTPUT, "Conversion failed!")

    asset = add_recording()
    film.during = fails
    job_work()
    job = job_of(asset)
    assert (job.state, job.reason) == (State.QUEUED, "bad_output")
    assert (job.diagnostics, job.progress) == ("Conversion failed!", 0)
    assert not Package.objects.exists()
    assert files_left() == [f"originals/{asset.pk}", f"originals/{asset.pk}/source"]


def test_an_error_of_our_own_is_kept_for_the_operator_and_ends_no_worker(
    add_recording: Add, film: FakeFilm
) -> None:
    def fails(should_stop: Callable[[], bool]) -> None:
        raise ZeroDivisionError("a bug")

    asset = add_recording()
    film.during = fails
    assert job_work()
    job = job_of(asset)
    assert (job.state, job.reason) == (State.QUEUED, "internal")
    assert "ZeroDivisionError: a bug" in job.diagnostics


def test_a_lost_original_is_said_plainly(add_recording: Add, film: FakeFilm) -> None:
    asset = add_recording()
    original = store.local_path(asset.original_key)
    assert original is not None
    original.unlink()
    job_work()
    assert job_of(asset).reason == "original_missing"


def test_stopping_gives_the_job_back_and_keeps_what_is_finished(
    add_recording: Add, film: FakeFilm, files_left: Left
) -> None:
    stop = threading.Event()

    def stops(should_stop: Callable[[], bool]) -> None:
        assert not should_stop()
        stop.set()
        assert should_stop()
        raise MediaProcessStopped

    asset = add_recording()
    film.during = stops
    assert queue_work(should_stop=stop.is_set) == 1
    job = job_of(asset)
    assert (job.state, job.attempt, job.reason) == (State.QUEUED, 0, "")
    film.during = lambda should_stop: None
    film.segments = 3
    assert queue_work() == 1
    assert job_of(asset).asset.is_ready
    assert film.found == [0, 1]
    [package] = Package.objects.all()
    assert all(name.startswith(f"packages/{package.key}") for name in kept_files(files_left))


def test_ctrl_c_gives_the_job_back_too(add_recording: Add, film: FakeFilm) -> None:
    def interrupted(should_stop: Callable[[], bool]) -> None:
        raise KeyboardInterrupt

    asset = add_recording()
    film.during = interrupted
    with pytest.raises(KeyboardInterrupt):
        job_work()
    assert (job_of(asset).state, job_of(asset).attempt) == (State.QUEUED, 0)


def test_who_loses_the_lease_in_the_middle_stops_and_publishes_nothing(
    add_recording: Add, film: FakeFilm, files_left: Left
) -> None:
    """The stalled worker comes back after another one has taken the job and finished it."""
    asset = add_recording()
    others: list[str] = []

    def taken_over(should_stop: Callable[[], bool]) -> None:
        job = job_of(asset)
        later = timezone.now() + dt.timedelta(minutes=2)
        jobs_sweep(now=later, is_dead=lambda owner: True)
        other = job_claim(owner="other:1:w:1", now=later, job_id=job.pk)
        assert other is not None
        folder = store.local_path(store.package_folder(other.package_key))
        assert folder is not None
        folder.mkdir()
        facts = FakeFilm().transcode(
            out_dir=folder,
            on_step=lambda step, done: None,
            on_first_play=lambda path: None,
            should_stop=lambda: False,
        )
        assert job_finish(claim=other, facts=facts, width=640, height=360, now=timezone.now())
        others.append(other.package_key)
        should_stop()  # the runner asks often; the answer may be one renewal behind
        assert should_stop()
        raise MediaProcessStopped

    film.during = taken_over
    assert job_work()
    asset.refresh_from_db()
    assert asset.is_ready
    assert [asset.package_id] == others == list(Package.objects.values_list("key", flat=True))
    left = kept_files(files_left)
    assert left
    assert all(name.startswith(f"packages/{others[0]}") for name in left)


def test_a_recording_deleted_in_the_middle_leaves_nothing(
    add_recording: Add,
    film: FakeFilm,
    files_left: Left,
    django_capture_on_commit_callbacks: Any,
) -> None:
    asset = add_recording()
    film.during = lambda should_stop: asset_discard(asset=VideoAsset.objects.get(pk=asset.pk))
    with django_capture_on_commit_callbacks(execute=True):
        assert job_work()
    assert not VideoAsset.objects.exists()
    assert not TranscodeJob.objects.exists()
    assert files_left() == []


@pytest.mark.django_db(transaction=True)
def test_a_hanging_work_does_not_keep_its_lease(add_recording: Add) -> None:
    asset = add_recording()
    claim = job_claim(owner="o", now=timezone.now())
    assert claim is not None
    before = job_of(asset).renewed_at
    with Pulse(claim, renew_seconds=0.01, silence_seconds=0.0):
        threading.Event().wait(0.2)
    assert job_of(asset).renewed_at == before


@pytest.mark.django_db(transaction=True)
def test_progress_and_lease_follow_the_work(add_recording: Add) -> None:
    asset = add_recording()
    claim = job_claim(owner="o", now=timezone.now())
    assert claim is not None
    before = job_of(asset).renewed_at
    with Pulse(claim, renew_seconds=0.01) as pulse:
        pulse.touch("encode", 0.4)
        for _ in range(300):
            if job_of(asset).progress == 0.4:
                break
            threading.Event().wait(0.01)
    job = job_of(asset)
    assert (job.step, job.progress) == ("encode", 0.4)
    assert before is not None
    assert job.renewed_at is not None
    assert job.renewed_at > before
    assert not pulse.lost
