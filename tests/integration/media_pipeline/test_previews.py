"""The uploader's first look: a lane of its own that never harms the full job."""

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import Storage
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from media_pipeline import attempt, preview_slot, store
from media_pipeline.assets import asset_discard
from media_pipeline.delivery import preview_for
from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, MediaProcessStopped
from media_pipeline.jobs import (
    MOST_KILLS,
    job_claim,
    job_enqueue,
    job_playable,
    job_retry,
    jobs_sweep,
)
from media_pipeline.leftovers import attempts_sweep
from media_pipeline.models import Package, TranscodeJob, VideoAsset
from media_pipeline.preview_slot import PreviewSlot
from media_pipeline.transitions import Claim
from media_pipeline.work import job_work, queue_work
from tests.factories import UserFactory
from tests.integration.media_pipeline.conftest import FakeFilm

pytestmark = pytest.mark.django_db
Lane, State = TranscodeJob.Lane, TranscodeJob.State
Add = Callable[..., VideoAsset]
Left = Callable[[], list[str]]


def job(asset: VideoAsset, lane: str) -> TranscodeJob:
    return TranscodeJob.objects.get(asset=asset, lane=lane)


def claim(lane: str = Lane.PREVIEW) -> Claim | None:
    return job_claim(owner="host:1:w:1", now=timezone.now(), lane=lane)


def plays(asset: VideoAsset) -> str:
    preview = preview_for(VideoAsset.objects.get(pk=asset.pk), now=timezone.now())
    return preview.url.split("/", 4)[-1] if preview else ""


def test_a_recording_has_one_active_job_in_each_lane(add_recording: Add) -> None:
    asset = add_recording(preview=True)
    for lane in Lane:
        with pytest.raises(IntegrityError), transaction.atomic():
            job_enqueue(asset=asset, now=timezone.now(), lane=lane)


def test_a_preview_plays_while_the_full_job_waits(add_recording: Add, film: FakeFilm) -> None:
    asset = add_recording(preview=True)
    assert job_work(lane=Lane.PREVIEW)
    assert plays(asset) == "preview/index.m3u8"
    assert job(asset, Lane.FULL).state == State.QUEUED
    asset.refresh_from_db()
    assert asset.first_play_at is not None
    assert (asset.state, asset.package) == (VideoAsset.State.PROCESSING, None)
    assert attempts_sweep(now=timezone.now() + dt.timedelta(days=9)) == 0
    assert plays(asset)


def test_what_the_probe_found_is_known_at_once(add_recording: Add, film: FakeFilm) -> None:
    asset = add_recording(preview=True)
    job_work(lane=Lane.PREVIEW)
    asset.refresh_from_db()
    assert (asset.duration, asset.width, asset.height) == (12.5, 640, 360)


def test_a_long_film_plays_before_all_of_it_is_probed(add_recording: Add, film: FakeFilm) -> None:
    film.whole = False
    asset = add_recording(preview=True)
    film.during = lambda should_stop: film.looks.append(bool(plays(asset)))
    assert job_work(lane=Lane.PREVIEW)
    beginning, played, beginning_again = film.looks
    assert (beginning, played, beginning_again) == (True, True, False)


def test_a_long_film_that_is_broken_further_on_is_refused_after_its_first_look(
    add_recording: Add, film: FakeFilm, files_left: Left
) -> None:
    film.whole, film.probe_raises = False, MediaRefused(Refusal.DAMAGED)
    asset = add_recording(preview=True)
    job_work(lane=Lane.PREVIEW)
    asset.refresh_from_db()
    assert (asset.state, asset.reason) == (VideoAsset.State.REFUSED, "damaged")
    assert job(asset, Lane.FULL).state == State.REFUSED
    assert files_left() == []


def test_a_preview_goes_when_the_package_is_published(
    add_recording: Add, film: FakeFilm, files_left: Left
) -> None:
    asset = add_recording(preview=True)
    job_work(lane=Lane.PREVIEW)
    job_work()
    asset.refresh_from_db()
    [package] = Package.objects.all()
    assert asset.package == package
    assert plays(asset) == ""
    assert not any("preview" in name for name in files_left())


def test_a_preview_goes_when_the_recording_is_given_up(
    add_recording: Add, film: FakeFilm, files_left: Left
) -> None:
    asset = add_recording(preview=True)
    job_work(lane=Lane.PREVIEW)
    for _ in range(MOST_KILLS):
        claim(Lane.FULL)
        jobs_sweep(now=timezone.now(), is_dead=lambda owner: True)
    assert plays(asset) == ""
    attempts_sweep(now=timezone.now())
    assert files_left() == [f"originals/{asset.pk}", f"originals/{asset.pk}/source"]


def test_a_preview_in_the_making_stops_when_the_recording_is_ready(
    add_recording: Add, film: FakeFilm, files_left: Left
) -> None:
    asset = add_recording(preview=True)

    def meanwhile(should_stop: Callable[[], bool]) -> None:
        film.during = lambda should_stop: None
        assert job_work()
        should_stop()  # the answer may be one renewal behind
        assert should_stop()
        raise MediaProcessStopped

    film.during = meanwhile
    assert job_work(lane=Lane.PREVIEW)
    assert job(asset, Lane.PREVIEW).state == State.DONE
    asset.refresh_from_db()
    assert [asset.package] == list(Package.objects.all())
    assert not any("preview" in name for name in files_left())


def test_a_waiting_preview_is_dropped_when_the_recording_is_ready(
    add_recording: Add, film: FakeFilm
) -> None:
    asset = add_recording(preview=True)
    job_work()
    assert job(asset, Lane.PREVIEW).state == State.DONE
    assert not queue_work(lane=Lane.PREVIEW)


def test_no_preview_is_made_of_what_already_plays(add_recording: Add) -> None:
    asset = add_recording(preview=True)
    full = claim(Lane.FULL)
    assert full is not None
    job_playable(claim=full, preview="master.m3u8", now=timezone.now())
    assert claim() is None
    assert plays(asset) == "master.m3u8"


def test_a_refusal_by_the_previews_probe_is_the_recordings(
    add_recording: Add, film: FakeFilm, files_left: Left
) -> None:
    asset = add_recording(preview=True)
    film.probe_raises = MediaRefused(Refusal.DAMAGED)
    assert job_work(lane=Lane.PREVIEW)
    asset.refresh_from_db()
    assert (asset.state, asset.reason) == (VideoAsset.State.REFUSED, "damaged")
    assert {job(asset, lane).state for lane in Lane} == {State.REFUSED}
    assert not queue_work()
    assert files_left() == []


def test_a_full_job_that_runs_says_its_refusal_itself(add_recording: Add, film: FakeFilm) -> None:
    asset = add_recording(preview=True)
    assert claim(Lane.FULL)
    film.probe_raises = MediaRefused(Refusal.DAMAGED)
    job_work(lane=Lane.PREVIEW)
    asset.refresh_from_db()
    assert asset.state == VideoAsset.State.PROCESSING
    assert job(asset, Lane.FULL).state == State.RUNNING


@pytest.mark.parametrize(
    "problem",
    [MediaProcessFailed(FailureReason.EXIT), MediaRefused(Refusal.DAMAGED), ZeroDivisionError()],
    ids=["ended badly", "refused after the probe", "a bug"],
)
def test_a_preview_that_fails_harms_nothing(
    problem: Exception, add_recording: Add, film: FakeFilm
) -> None:
    def fails(should_stop: Callable[[], bool]) -> None:
        raise problem

    asset = add_recording(preview=True)
    film.during = fails
    for _ in range(3):
        TranscodeJob.objects.update(available_at=timezone.now())
        job_work(lane=Lane.PREVIEW)
    assert job(asset, Lane.PREVIEW).state == State.QUARANTINED
    asset.refresh_from_db()
    assert (asset.state, asset.reason) == (VideoAsset.State.PROCESSING, "")
    film.during = lambda should_stop: None
    assert queue_work() == 1
    asset.refresh_from_db()
    assert asset.is_ready
    assert Package.objects.count() == 1


def test_a_long_preview_ends_with_what_it_has_when_others_wait(
    add_recording: Add, film: FakeFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = add_recording(preview=True), add_recording(preview=True)
    monkeypatch.setattr("media_pipeline.fairness.FIRST_LOOK_SECONDS", 0.0)

    def long(should_stop: Callable[[], bool]) -> None:
        film.during = lambda should_stop: None
        preview = Package.objects.get(asset=first)
        folder = store.local_path(preview.prefix)
        assert folder is not None
        should_stop()
        (folder / "preview/seg_00000.m4s").write_bytes(b"segment")
        should_stop()
        assert should_stop()
        raise MediaProcessStopped

    film.during = long
    assert queue_work(lane=Lane.PREVIEW) == 2
    assert plays(first)
    assert plays(second)
    assert job(first, Lane.PREVIEW).state == State.DONE


def test_a_preview_makes_way_while_the_rest_of_a_long_film_is_probed(
    add_recording: Add, film: FakeFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = add_recording(preview=True), add_recording(preview=True)
    monkeypatch.setattr("media_pipeline.fairness.FIRST_LOOK_SECONDS", 0.0)
    film.whole = False

    def long(should_stop: Callable[[], bool]) -> None:
        film.reads = lambda should_stop: None
        assert plays(first)
        assert should_stop()
        raise MediaProcessStopped

    film.reads = long
    assert queue_work(lane=Lane.PREVIEW) == 2
    assert plays(first)
    assert plays(second)
    assert {one.state for one in TranscodeJob.objects.filter(lane=Lane.PREVIEW)} == {State.DONE}


def test_a_retry_has_a_preview_again(add_recording: Add) -> None:
    asset = add_recording(preview=True)
    for _ in range(MOST_KILLS):
        claim(Lane.FULL)
        jobs_sweep(now=timezone.now(), is_dead=lambda owner: True)
    job_retry(job=job(asset, Lane.FULL), actor=UserFactory(), now=timezone.now())
    assert TranscodeJob.objects.active().count() == 2
    assert claim() is not None


def test_a_recording_deleted_while_its_preview_is_made_leaves_nothing(
    add_recording: Add,
    film: FakeFilm,
    files_left: Left,
    django_capture_on_commit_callbacks: Any,
) -> None:
    asset = add_recording(preview=True)
    film.during = lambda should_stop: asset_discard(asset=VideoAsset.objects.get(pk=asset.pk))
    with django_capture_on_commit_callbacks(execute=True):
        assert job_work(lane=Lane.PREVIEW)
    assert files_left() == []
    assert not TranscodeJob.objects.exists()


def test_a_remote_store_has_the_beginning_when_that_is_complete(
    add_recording: Add, film: FakeFilm, remote_store: Storage, settings: Any
) -> None:
    asset = add_recording(preview=True)
    film.during = lambda should_stop: _nothing_plays(asset)
    assert job_work(lane=Lane.PREVIEW)
    assert plays(asset) == "preview/index.m3u8"
    assert film.most_seconds == [attempt.REMOTE_SECONDS]
    package = Package.objects.get(asset=asset)
    assert remote_store.exists(f"{package.prefix}/preview/index.m3u8")
    film.during = lambda should_stop: None
    job_work()
    assert not remote_store.exists(f"{package.prefix}/preview/index.m3u8")
    assert list(Path(settings.WORK_ROOT).rglob("*")) == []


def _nothing_plays(asset: VideoAsset) -> None:
    assert plays(asset) == ""


def test_the_slot_for_previews_works_what_waits_and_nothing_else(
    add_recording: Add, film: FakeFilm
) -> None:
    asset = add_recording(preview=True)
    assert PreviewSlot(threading.Event()).look()
    assert plays(asset)
    assert job(asset, Lane.FULL).state == State.QUEUED


@pytest.mark.parametrize("problem", [OperationalError("away"), ZeroDivisionError()])
def test_the_slot_for_previews_outlives_every_trouble(
    problem: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping, looks = threading.Event(), []

    def trouble(**_: Any) -> int:
        looks.append(1)
        if len(looks) == 2:
            stopping.set()
        raise problem

    monkeypatch.setattr(preview_slot, "queue_work", trouble)
    monkeypatch.setattr(preview_slot, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(preview_slot, "PAUSE_SECONDS", 0.0)
    PreviewSlot(stopping).run()
    assert len(looks) == 2
