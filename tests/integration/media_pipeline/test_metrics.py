"""The figures for operators: read from the rows, counted by the worker, read from nginx's log."""

import datetime as dt
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest

from media_pipeline import metrics
from media_pipeline.delivered import DeliveryCollector
from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.metrics import INSTALLATION, WORK
from media_pipeline.metrics_server import metrics_registry, metrics_serve
from media_pipeline.models import TranscodeJob, Upload, VideoAsset
from media_pipeline.work import job_work
from tests.factories import TranscodeJobFactory, UploadFactory, VideoAssetFactory
from tests.integration.media_pipeline.conftest import FakeFilm
from tests.services import free_port

pytestmark = pytest.mark.django_db
State = TranscodeJob.State
Add = Callable[..., VideoAsset]


def figure(name: str, registry: CollectorRegistry = INSTALLATION, **labels: str) -> float:
    return registry.get_sample_value(name, labels) or 0.0


def test_jobs_are_counted_by_state_and_by_reason() -> None:
    TranscodeJobFactory(state=State.RUNNING)
    for _ in range(2):
        TranscodeJobFactory(state=State.QUARANTINED, reason="stalled")
    assert figure("lectern_jobs", state="running") == 1
    assert figure("lectern_jobs", state="done") == 0
    assert figure("lectern_jobs_given_up", state="quarantined", reason="stalled") == 2


def test_the_queue_is_as_old_as_the_job_that_waits_longest() -> None:
    assert figure("lectern_queue_age_seconds") == 0
    now = timezone.now()
    TranscodeJobFactory(available_at=now - dt.timedelta(seconds=90))
    TranscodeJobFactory(available_at=now - dt.timedelta(seconds=10))
    TranscodeJobFactory(available_at=now + dt.timedelta(hours=1))  # resting after a failure
    assert figure("lectern_queue_age_seconds") == pytest.approx(90, abs=5)


def test_stored_bytes_and_packages_are_those_of_the_rows() -> None:
    VideoAssetFactory(ready=True, size=5000, original_key="originals/x/source")
    VideoAssetFactory(ready=True, size=7000)  # its original has expired
    assert figure("lectern_originals_bytes") == 5000
    assert figure("lectern_packages") == 2
    assert figure("lectern_packages_bytes") == 1_800_000
    assert figure("lectern_recordings", state="ready") == 2


def test_transfers_are_open_or_received() -> None:
    UploadFactory(length=1000, offset=400)
    UploadFactory(length=1000, offset=1, expires_at=timezone.now() - dt.timedelta(hours=1))
    UploadFactory(length=3000, offset=3000, state=Upload.State.COMPLETE)
    assert figure("lectern_uploads_open") == 1
    assert figure("lectern_uploads_open_bytes", kind="received") == 400
    assert figure("lectern_uploads_open_bytes", kind="announced") == 1000
    assert figure("lectern_uploads_completed_total") == 1
    assert figure("lectern_received_bytes_total") == 3000


def test_room_on_the_disks_is_a_figure(tmp_path: Path) -> None:
    for place in ("incoming", "work", "media"):
        assert figure("lectern_free_bytes", place=place) > 0


def test_a_database_that_is_away_is_a_figure_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert figure("lectern_database_up") == 1

    def away(now: dt.datetime) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(metrics, "_rows", away)
    assert figure("lectern_database_up") == 0
    assert figure("lectern_free_bytes", place="work") > 0


def attempts(outcome: str, reason: str = "") -> float:
    return figure("lectern_job_attempts_total", WORK, outcome=outcome, reason=reason)


def test_the_worker_counts_what_became_of_attempts(add_recording: Add, film: FakeFilm) -> None:
    before = attempts("done"), attempts("refused", "damaged"), attempts("queued again", "internal")
    add_recording()
    job_work()
    film.probe_raises = MediaRefused(Refusal.DAMAGED)
    add_recording()
    job_work()
    film.probe_raises = RuntimeError("broken")
    add_recording()
    job_work()
    after = attempts("done"), attempts("refused", "damaged"), attempts("queued again", "internal")
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1, 1]


def test_the_worker_measures_each_step(add_recording: Add, film: FakeFilm) -> None:
    def counted(step: str) -> float:
        return figure("lectern_job_step_seconds_count", WORK, step=step)

    before = [counted(step) for step in ("probe", "encode", "verify", "store")]
    add_recording()
    job_work()
    after = [counted(step) for step in ("probe", "encode", "verify", "store")]
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1, 1, 1]


def test_figures_are_served_on_a_port_of_their_own(settings: Any) -> None:
    port = free_port()
    metrics_serve(f"127.0.0.1:{port}")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as response:
        text = response.read().decode()
    assert "lectern_free_bytes" in text
    assert "lectern_job_step_seconds" in text


def test_a_port_that_is_taken_keeps_no_worker_from_its_work(
    caplog: pytest.LogCaptureFixture,
) -> None:
    port = free_port()
    metrics_serve(f"127.0.0.1:{port}")
    metrics_serve(f"127.0.0.1:{port}")
    assert "cannot be served" in caplog.text


def test_the_site_has_no_address_for_figures() -> None:
    assert Client().get("/metrics").status_code == 404


def test_the_command_prints_the_installation(capsys: pytest.CaptureFixture[str]) -> None:
    VideoAssetFactory(ready=True)
    call_command("media_metrics")
    assert 'lectern_recordings{state="ready"} 1.0' in capsys.readouterr().out


LINE = (
    '10.0.0.9 [2026-11-23T08:00:00+08:00] "GET /v/-/pkg_A/{file}" {status} {size} '
    '"http://x/" "Phone" 0.010 -\n'
)


def line(file: str, size: int, status: int = 206) -> str:
    return LINE.format(file=file, size=size, status=status)


def test_what_nginx_delivered_is_read_from_its_log(tmp_path: Path) -> None:
    log = tmp_path / "lectern.log"
    log.write_text(line("360p/seg_00000.m4s", 999))  # before this process began
    registry = CollectorRegistry()
    registry.register(DeliveryCollector(log))

    def sent(kind: str) -> float:
        return figure("lectern_delivered_bytes_total", registry, kind=kind)

    with log.open("a") as file:
        file.write(line("360p/seg_00001.m4s", 500) + line("master.m3u8", 40, 200))
        file.write('10.0.0.9 [x] "GET /library/" 200 7000 "" "Phone" 0.1 0\n')
        file.write(line("360p/seg_00002.m4s", 80)[:-20])  # still being written
    assert (sent("segment"), sent("playlist")) == (500, 40)
    with log.open("a") as file:
        file.write(line("360p/seg_00002.m4s", 80)[-20:])
    assert sent("segment") == 580
    # Rotated: moved away, and begun anew.
    log.rename(tmp_path / "lectern.log.1")
    assert sent("segment") == 580
    log.write_text(line("progressive.mp4", 70, 200))
    assert (sent("segment"), sent("film")) == (580, 70)
    assert figure("lectern_media_requests_total", registry, kind="film", status="200") == 1


def test_delivered_bytes_are_among_the_figures_where_the_log_is(
    settings: Any, tmp_path: Path
) -> None:
    assert b"lectern_delivered" not in generate_latest(metrics_registry())
    settings.DELIVERY_LOG = str(tmp_path / "lectern.log")
    assert b"lectern_delivered_bytes" in generate_latest(metrics_registry())
