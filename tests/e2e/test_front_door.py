"""`make run` itself: ports, restarts, and an end that leaves nothing behind."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import psutil
import pytest

from tests.e2e.conftest import ROOT, answers
from tests.processes import below
from tests.services import free_port, wait_for

pytestmark = pytest.mark.e2e


def start(folder: Path, port: int | str, said: Path) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    environment |= {"PORT": str(port), "LECTERN_VAR": str(folder), "LECTERN_DEMO": "0"}
    environment["LECTERN_MODE"] = "demo"
    with said.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "config.supervisor"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    process.wait(60)


def refused(folder: Path, port: int | str) -> tuple[int, str]:
    """A start that ends by itself: its exit status and what it said."""
    said = folder / "refused.log"
    process = start(folder, port, said)
    try:
        return process.wait(60), said.read_text()
    finally:
        end(process)


class Door:
    """`make run` on one data folder for the module, so that only the first start migrates."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def running(self) -> subprocess.Popen[bytes]:
        """As an earlier test has left it, or started."""
        if self.process is None or self.process.poll() is not None:
            self.port = free_port()
            self.process = start(self.folder, self.port, self.folder / "said.log")
            wait_for(self.answers, seconds=600, what="The site's start")
        return self.process

    def answers(self) -> bool:
        return answers(f"http://127.0.0.1:{self.port}/healthz")


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    door = Door(tmp_path_factory.mktemp("var"))
    yield door
    if door.process is not None:
        end(door.process)


def descendants(process: subprocess.Popen[bytes]) -> dict[str, psutil.Process]:
    """The parts by a whole word of their command line, or by their program."""
    found = {}
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            words = {*child.cmdline(), Path(child.exe()).name}
        except psutil.Error:
            continue  # just ended, not reaped yet
        for part in {"redis-server", "gunicorn", "worker", "beat"} & words:
            found.setdefault(part, child)
    return found


def test_a_taken_port_is_said_plainly_and_ends_the_start(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, said = refused(tmp_path, port)
    assert status == 1
    assert f"端口 {port} 已被别的程序占用" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("port", ["abc", "0", "70000"])
def test_a_port_that_is_none_is_said_plainly(tmp_path: Path, port: str) -> None:
    status, said = refused(tmp_path, port)
    assert status == 2
    assert "不是有效的端口号" in said


@pytest.mark.parametrize("part", ["redis-server", "gunicorn", "worker", "beat"])
def test_a_part_that_is_killed_is_started_again(door: Door, part: str) -> None:
    process = door.running()
    found: list[psutil.Process] = []

    def runs_anew() -> bool:
        one = descendants(process).get(part)
        if one is not None and one not in found:
            found.append(one)
            return True
        return False

    wait_for(runs_anew, seconds=60, what=f"{part} running")
    found[0].kill()
    wait_for(runs_anew, seconds=60, what=f"{part} running again")
    wait_for(door.answers, seconds=60, what="An answer")


def test_a_second_start_on_the_same_folder_is_refused_plainly(door: Door) -> None:
    door.running()
    status, said = refused(door.folder, free_port())
    assert status == 1
    assert "已经有一个 Lectern 在运行" in said


def test_ctrl_c_in_mid_transcode_leaves_no_process_and_gives_the_job_back(
    door: Door, tmp_path: Path
) -> None:
    film = tmp_path / "long.mp4"
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi"]
    argv += ["-i", "testsrc2=s=640x360:r=25:d=90", "-preset", "ultrafast", str(film)]
    subprocess.run(argv, check=True)
    process = door.running()
    environment = {**os.environ, "LECTERN_VAR": str(door.folder), "LECTERN_MODE": "demo"}
    environment.pop("REDIS_URL", None)
    ingest = subprocess.Popen(
        [sys.executable, "manage.py", "media_ingest", str(film), "--json", "--wait"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(
            lambda: jobs(door.folder) == [("running", 1, "encode")], seconds=180, what="Encoding"
        )
        # The step is written down before its process starts.
        wait_for(lambda: below(process.pid, word="ffmpeg"), seconds=30, what="The start of ffmpeg")
        everything = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        process.wait(8)
    finally:
        ingest.kill()
        ingest.wait()
    assert [one for one in everything if one.is_running()] == []
    assert [(state, attempt) for state, attempt, _ in jobs(door.folder)] == [("queued", 0)]


def test_ctrl_c_ends_every_process_within_eight_seconds(door: Door) -> None:
    process = door.running()
    parts = {"redis-server", "gunicorn", "worker", "beat"}
    wait_for(lambda: set(descendants(process)) == parts, seconds=60, what="All of them")
    everything = psutil.Process(process.pid).children(recursive=True)
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.wait(8)
    assert time.monotonic() - asked < 8
    assert process.returncode == 0
    assert [one for one in everything if one.is_running()] == []


def jobs(folder: Path) -> list[tuple[str, int, str]]:
    with contextlib.closing(sqlite3.connect(folder / "db.sqlite3")) as database:
        return database.execute(
            "SELECT state, attempt, step FROM media_pipeline_transcodejob WHERE lane = 'full'"
        ).fetchall()
