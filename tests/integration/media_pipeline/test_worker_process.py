"""A real Celery worker on the embedded Redis, ended in the middle of its work."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from media_pipeline.leftovers import attempts_sweep
from media_pipeline.models import Package, TranscodeJob, VideoAsset
from tests.processes import below
from tests.services import embedded_redis, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
State = TranscodeJob.State
Start = Callable[[], subprocess.Popen[bytes]]


def database_url() -> str:
    chosen = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{chosen['NAME']}"
    return (
        f"postgres://{chosen['USER']}:{chosen['PASSWORD']}@{chosen['HOST']}:{chosen['PORT']}"
        f"/{chosen['NAME']}"
    )


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Start]:
    """Starts workers as `make run` does, on this test's database and folders."""
    workers: list[subprocess.Popen[bytes]] = []
    log = tmp_path / "worker.log"
    with embedded_redis(tmp_path) as redis, log.open("ab") as output:
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "REDIS_URL": redis,
            "LECTERN_VAR": str(tmp_path),
            "LECTERN_MODE": "test",
        }
        argv = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "threads"]
        argv += ["--concurrency", "5", "-Q", "transcode,default", "--loglevel", "INFO"]
        argv += ["--without-gossip", "--without-mingle", "--without-heartbeat"]

        def start() -> subprocess.Popen[bytes]:
            worker = subprocess.Popen(
                argv,
                cwd=django_settings.BASE_DIR,
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            workers.append(worker)
            return worker

        try:
            yield start
        finally:
            for worker in workers:
                if worker.poll() is None:
                    os.killpg(worker.pid, signal.SIGKILL)
                worker.wait()
            print(log.read_text())


def media_processes(tmp_path: Path) -> list[psutil.Process]:
    """Every media process that works on a file of this test."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        arguments = process.info["cmdline"] or []
        if process.pid != os.getpid() and any(str(tmp_path) in text for text in arguments):
            found.append(process)
    return [process for process in found if "redis-server" not in process.info["cmdline"][0]]


def encoding(job: TranscodeJob, tmp_path: Path) -> bool:
    """Whether the ladder has begun to grow and is still at it."""
    job.refresh_from_db()
    grown = any((tmp_path / "media" / "packages").glob("**/seg_*.m4s"))
    return grown and (job.state, job.step) == (State.RUNNING, "encode")


@pytest.fixture
def job(slow_clip: Path, add_recording: Callable[..., VideoAsset]) -> TranscodeJob:
    return TranscodeJob.objects.get(asset=add_recording(slow_clip))


def test_a_worker_that_is_told_to_end_does_so_and_gives_its_job_back(
    start_worker: Start, job: TranscodeJob, tmp_path: Path
) -> None:
    worker = start_worker()
    wait_for(lambda: encoding(job, tmp_path), seconds=180, what="The transcode")
    worker.send_signal(signal.SIGTERM)
    worker.wait(60)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.lease_owner) == (State.QUEUED, 0, "")
    assert media_processes(tmp_path) == []
    # What it made stays, for whoever goes on.
    kept = set(Package.objects.filter(job=job).values_list("key", flat=True))
    assert kept
    assert {path.name for path in (tmp_path / "media" / "packages").iterdir()} >= kept


def test_a_preview_plays_beside_a_ladder_that_runs(
    start_worker: Start,
    job: TranscodeJob,
    clip: Path,
    add_recording: Callable[..., VideoAsset],
    tmp_path: Path,
) -> None:
    start_worker()
    wait_for(lambda: encoding(job, tmp_path), seconds=180, what="The transcode")
    second = add_recording(clip, preview=True)
    played = VideoAsset.objects.filter(pk=second.pk, first_play_at__isnull=False)
    wait_for(played.exists, seconds=60, what="The first look")
    assert encoding(job, tmp_path)
    assert not TranscodeJob.objects.filter(asset=second, lane="full", attempt__gt=0).exists()


def test_after_kill_9_in_mid_transcode_the_next_worker_makes_the_recording_ready(
    start_worker: Start, job: TranscodeJob, tmp_path: Path, settings: Any
) -> None:
    first = start_worker()
    wait_for(lambda: encoding(job, tmp_path), seconds=180, what="The transcode")
    # Behind its walls: what bubblewrap is still building them for outlives it when it is killed.
    wait_for(lambda: bool(below(first.pid, word="ffmpeg")), seconds=60, what="ffmpeg itself")
    first.kill()
    first.wait()
    wait_for(lambda: not media_processes(tmp_path), seconds=120, what="The end of ffmpeg")
    job.refresh_from_db()
    assert job.state == State.RUNNING
    start_worker()
    wait_for(lambda: VideoAsset.objects.ready().exists(), seconds=300, what="The second attempt")
    job.refresh_from_db()
    assert (job.state, job.fence) == (State.DONE, 2)
    [package] = Package.objects.all()
    assert package.pk == job.asset.package_id
    assert [path.name for path in (tmp_path / "media" / "packages").iterdir()] == [package.key]


@pytest.mark.long
def test_whenever_workers_are_killed_every_recording_ends_and_nothing_is_left_over(
    start_worker: Start, clip: Path, add_recording: Callable[..., VideoAsset], tmp_path: Path
) -> None:
    for _ in range(8):
        add_recording(clip)
    instants = random.Random(20261123)
    for _ in range(12):
        worker = start_worker()
        wait_for(
            lambda pid=worker.pid: holds_a_lease(pid) or not TranscodeJob.objects.active(),
            seconds=60,
            what="The worker",
        )
        time.sleep(instants.uniform(0.0, 3.0))
        worker.kill()
        worker.wait()
    start_worker()
    wait_for(lambda: not TranscodeJob.objects.active(), seconds=300, what="The end of the queue")
    wait_for(lambda: not media_processes(tmp_path), seconds=120, what="Quiet")
    attempts_sweep(now=timezone.now())
    ended = set(TranscodeJob.objects.values_list("state", "asset__state"))
    assert ended <= {(State.DONE, "ready"), (State.QUARANTINED, "failed")}
    kept = set(VideoAsset.objects.ready().values_list("package", flat=True))
    assert set(Package.objects.values_list("key", flat=True)) == kept
    assert {path.name for path in (tmp_path / "media" / "packages").iterdir()} == kept


def holds_a_lease(pid: int) -> bool:
    return TranscodeJob.objects.filter(lease_owner__contains=f":{pid}:").exists()
