"""`make run` itself: ports, restarts, and an end that leaves nothing behind."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import imageio_ffmpeg
import psutil
import pytest

from tests.e2e.conftest import ROOT, answers
from tests.services import free_port, wait_for

pytestmark = pytest.mark.e2e

Start = Callable[..., AbstractContextManager[subprocess.Popen[bytes]]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for the module, so that only the first start migrates."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture
def start(folder: Path) -> Start:
    @contextmanager
    def start(port: int | str, *, ready: bool = True) -> Iterator[subprocess.Popen[bytes]]:
        environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
        environment |= {"PORT": str(port), "LECTERN_VAR": str(folder), "LECTERN_DEMO": "0"}
        environment["LECTERN_MODE"] = "demo"
        process = subprocess.Popen(
            [sys.executable, "-m", "config.supervisor"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            if ready:
                wait_for(
                    lambda: answers(f"http://127.0.0.1:{port}/healthz"),
                    seconds=90,
                    what="The site's start",
                )
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.communicate(timeout=15)

    return start


def descendants(process: subprocess.Popen[bytes]) -> dict[str, psutil.Process]:
    """The parts by a word of their command line."""
    found = {}
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            line = " ".join(child.cmdline())
        except psutil.Error:
            continue  # just ended, not reaped yet
        for word in ("redis-server", "gunicorn", "worker", "beat"):
            if word in line and word not in found:
                found[word] = child
    return found


def test_a_taken_port_is_said_plainly_and_ends_the_start(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with start(port, ready=False) as process:
            output, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"端口 {port} 已被别的程序占用" in output.decode()
    assert "Traceback" not in output.decode()


def test_ctrl_c_ends_every_process_within_eight_seconds(start: Start) -> None:
    with start(free_port()) as process:
        everything = psutil.Process(process.pid).children(recursive=True)
        assert set(descendants(process)) == {"redis-server", "gunicorn", "worker", "beat"}
        asked = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(8)
        assert time.monotonic() - asked < 8
        assert process.returncode == 0
        assert [one for one in everything if one.is_running()] == []


@pytest.mark.parametrize("port", ["abc", "0", "70000"])
def test_a_port_that_is_none_is_said_plainly(start: Start, port: str) -> None:
    with start(port, ready=False) as process:
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "不是有效的端口号" in output.decode()


@pytest.mark.parametrize("part", ["redis-server", "gunicorn", "worker", "beat"])
def test_a_part_that_is_killed_is_started_again(start: Start, part: str) -> None:
    port = free_port()
    with start(port) as process:
        wait_for(lambda: part in descendants(process), seconds=10, what=f"{part} running")
        victim = descendants(process)[part]
        victim.kill()
        wait_for(
            lambda: part in descendants(process) and descendants(process)[part] != victim,
            seconds=20,
            what=f"{part} running again",
        )
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/healthz"), seconds=20, what="An answer")


def test_a_second_start_on_the_same_folder_is_refused_plainly(start: Start) -> None:
    with start(free_port()), start(free_port(), ready=False) as second:
        output, _ = second.communicate(timeout=20)
        assert second.returncode == 1
        assert "已经有一个 Lectern 在运行" in output.decode()


def test_ctrl_c_in_mid_transcode_leaves_no_process_and_gives_the_job_back(
    start: Start, folder: Path, tmp_path: Path
) -> None:
    film = tmp_path / "long.mp4"
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi"]
    argv += ["-i", "testsrc2=s=1280x720:r=30:d=90", "-preset", "ultrafast", str(film)]
    subprocess.run(argv, check=True)
    with start(free_port()) as process:
        environment = {**os.environ, "LECTERN_VAR": str(folder), "LECTERN_MODE": "demo"}
        environment.pop("REDIS_URL", None)
        ingest = subprocess.Popen(
            [sys.executable, "manage.py", "media_ingest", str(film), "--json", "--wait"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_for(
                lambda: jobs(folder) == [("running", 1, "encode")], seconds=60, what="Encoding"
            )
            # The step is written down before its process starts.
            wait_for(lambda: encoding(process), seconds=30, what="The start of ffmpeg")
            everything = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGINT)
            process.wait(8)
        finally:
            ingest.kill()
            ingest.wait()
        assert [one for one in everything if one.is_running()] == []
    assert [(state, attempt) for state, attempt, _ in jobs(folder)] == [("queued", 0)]


def encoding(process: subprocess.Popen[bytes]) -> bool:
    children = psutil.Process(process.pid).children(recursive=True)
    return any("ffmpeg" in one.name() for one in children)


def jobs(folder: Path) -> list[tuple[str, int, str]]:
    with contextlib.closing(sqlite3.connect(folder / "db.sqlite3")) as database:
        return database.execute(
            "SELECT state, attempt, step FROM media_pipeline_transcodejob WHERE lane = 'full'"
        ).fetchall()
