"""Hostile films through the real probe, preview and transcode, with and without walls."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.probe import Limits
from media_pipeline.ffmpeg.refusals import Refusal
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, run
from tests.hostile.bait import MARK, Bait
from tests.hostile.corpus import SAMPLE, corpus
from tests.hostile.worker import LANES
from tests.hostile.workshop import Workshop

CORPUS = corpus()
REASONS = {*Refusal, *FailureReason}  # each has its sentence, see test_messages
MOST_MEMORY = 1_000_000_000
# The whole corpus is tried with a limit of ten minutes of film, and what lies about its clock once
# more with the shipped limit. Seconds of film: seconds that each lane may take for it.
SHORT, SHIPPED = 600, Limits().max_seconds
MOST_SECONDS = {SHORT: 120, SHIPPED: 1800}
MOST_FILES = 8  # open in the worker between two films
# Families that want to reach something; the others are the same with walls and without.
REACHING = ("playlist", "subtitles-in-AVI", "external-reference", "attachment")
SAMPLED = [("bubblewrap", name) for name in SAMPLE]
SAMPLED += [("limits", name) for name in SAMPLE if name.startswith(REACHING)]


@dataclass
class Worker:
    """The worker process, the folder that it works in, and what lies there as bait."""

    process: subprocess.Popen[str]
    folder: Path
    bait: Bait
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def send(self, name: str, *, max_seconds: float) -> dict[str, Any]:
        source, out = self.folder / "film.mp4", self.folder / "package"
        source.write_bytes(CORPUS[name].make(Workshop(self.folder, self.bait.port)))
        self.bait.opened()  # by those who made the film, if at all
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        task = {"source": str(source), "out": str(out), "max_seconds": max_seconds}
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the worker is dead"
        answer: dict[str, Any] = json.loads(line)
        self.answers[name] = dict(answer)
        answer["files"] = {
            str(path.relative_to(out)): path.read_bytes()
            for path in sorted(out.rglob("*"))
            if path.is_file()
        }
        shutil.rmtree(out, ignore_errors=True)
        return answer


@pytest.fixture(scope="module")
def worker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worker]:
    folder = tmp_path_factory.mktemp("hostile")
    bait = Bait(folder)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.hostile.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "MEDIA_SANDBOX": request.param},
    )
    try:
        yield Worker(process, folder, bait)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.stdout.close()
        process.wait(30)
        bait.close()


def check(worker: Worker, name: str, *, max_seconds: float = SHORT) -> None:
    answer = worker.send(name, max_seconds=max_seconds)
    print(name, worker.answers[name])
    assert worker.bait.opened() == 0, "a canary was opened"
    assert worker.bait.connections() == 0, "somebody called"
    for path, content in answer["files"].items():
        assert MARK not in content, path
        assert b"<script" not in content, path
    for lane, ended in answer["lanes"].items():
        assert MARK.decode() not in ended["said"], lane
        assert ended["state"] == "made" or ended["code"] in REASONS, lane
        assert ended["seconds"] <= MOST_SECONDS[max_seconds], lane
    assert answer["peak_rss"] <= MOST_MEMORY
    assert answer["files_open"] <= MOST_FILES
    assert psutil.Process(worker.process.pid).children(recursive=True) == []


@pytest.mark.parametrize(("worker", "name"), SAMPLED, indirect=["worker"])
def test_one_hostile_film_of_each_family_reaches_nothing(worker: Worker, name: str) -> None:
    check(worker, name)


def test_the_bait_is_taken_by_an_ffmpeg_that_nobody_guards(tmp_path: Path) -> None:
    """Otherwise the tests above would show nothing."""
    source = tmp_path / "film.m3u8"
    guard = "-protocol_whitelist file,http,tcp -allowed_extensions ALL -rw_timeout 300000"
    reading = ["-v", "error", *guard.split(), "-i", str(source), "-f", "null", "-"]
    with contextlib.closing(Bait(tmp_path)) as bait:
        for name in ("playlist/hls-to-path", "playlist/hls-to-web"):
            source.write_bytes(CORPUS[name].make(Workshop(tmp_path, bait.port)))
            with contextlib.suppress(MediaProcessFailed):
                run([ffmpeg_binary(), *reading], files=None, wall_seconds=20)
        assert bait.opened() > 0
        assert bait.connections() > 0


def test_the_sample_has_each_family() -> None:
    assert {name.split("/")[0] for name in SAMPLE} == {name.split("/")[0] for name in CORPUS}


def test_there_are_two_hundred_hostile_films_and_more() -> None:
    assert len(CORPUS) >= 200


def summary(worker: Worker) -> str:
    """How many films ended how in each lane, the longest time, the largest memory."""
    told = [f"{len(worker.answers)} films, no canary opened, no connection"]
    for lane in LANES:
        ends = {name: answer["lanes"][lane] for name, answer in worker.answers.items()}
        slowest = max(ends, key=lambda name: ends[name]["seconds"])
        states = dict(sorted(Counter(end["state"] for end in ends.values()).items()))
        told.append(f"{lane}: {states}, longest {ends[slowest]['seconds']:.1f} s ({slowest})")
    peak = max(answer["peak_rss"] for answer in worker.answers.values())
    return "\n".join([*told, f"largest memory {peak / 1e6:.0f} MB"])


@pytest.mark.long
@pytest.mark.parametrize("worker", ["bubblewrap", "limits"], indirect=True)
def test_no_hostile_film_reaches_anything(worker: Worker) -> None:
    for name in CORPUS:
        check(worker, name)
    print(summary(worker))


@pytest.mark.long
@pytest.mark.parametrize("worker", ["bubblewrap"], indirect=True)
def test_lies_about_time_are_bounded_at_the_shipped_limits_too(worker: Worker) -> None:
    for name in CORPUS:
        if name.startswith(("duration-bomb", "frame-rate-bomb", "time-stamps")):
            check(worker, name, max_seconds=SHIPPED)
    print(summary(worker))
