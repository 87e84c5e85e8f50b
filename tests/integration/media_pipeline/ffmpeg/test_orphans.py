"""Halves of bubblewraps that nobody waits for are ended, and nothing else is."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from media_pipeline.ffmpeg import orphans
from media_pipeline.ffmpeg.bubblewrap import Files, bubblewrap_path, walled
from media_pipeline.ffmpeg.orphans import orphans_end

Start = Callable[..., subprocess.Popen[bytes]]
WAITS = "import sys; sys.stdin.read()"
# A program that stands in for the media program, as a child of what is called bubblewrap.
WITH_A_CHILD = """
import os
if os.fork():
    os.wait()
else:
    os.execv("/bin/sh", ["sh", "-c", "echo; cat"])
"""


@pytest.fixture(autouse=True)
def name(monkeypatch: pytest.MonkeyPatch) -> str:
    """What bubblewrap is called here: other tests run real ones meanwhile."""
    name = f"bwrap-of-test-{os.getpid()}"
    monkeypatch.setattr(orphans, "PROGRAM", name)
    return name


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts Python under another program's name; ends when its standard input does."""
    started: list[subprocess.Popen[bytes]] = []

    def starting(name: str, code: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [name, "-c", code],
            executable=sys.executable,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield starting
    for process in started:
        process.communicate()


def test_a_half_that_waits_for_the_other_is_ended(start: Start, name: str) -> None:
    half = start(f"/usr/bin/{name}", WAITS)
    assert orphans_end(older_than=-1) == 1
    assert half.wait(10) == -9


def test_young_ones_working_ones_and_others_go_on(start: Start, name: str) -> None:
    working = start(f"/usr/bin/{name}", WITH_A_CHILD)
    assert working.stdout is not None
    working.stdout.readline()
    other = start("/usr/bin/cat", WAITS)
    assert orphans_end(older_than=-1) == 0
    young = start(f"/usr/bin/{name}", WAITS)
    assert orphans_end(older_than=3600) == 0
    assert [one.poll() for one in (working, other, young)] == [None, None, None]


def test_walls_with_a_media_program_inside_go_on(tmp_path: Path, name: str) -> None:
    real = bubblewrap_path()
    assert real is not None
    program = tmp_path / name
    shutil.copy(real, program)
    inside = ["/bin/sh", "-c", "echo; cat >/dev/null"]
    with subprocess.Popen(
        walled(inside, Files(), cwd=None, program=str(program)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"
        assert orphans_end(older_than=-1) == 0
        process.communicate()
        assert process.returncode == 0


def test_where_no_processes_are_listed_none_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_pipeline.ffmpeg.orphans.PROC", tmp_path / "none")
    assert orphans_end(older_than=-1) == 0
