"""Hostile films through the real probe and the real transcode, with and without walls."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.refusals import Refusal
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, run
from tests.hostile.bait import MARK, Bait
from tests.hostile.corpus import SAMPLE, corpus
from tests.hostile.workshop import Workshop

CORPUS = corpus()
REASONS = {*Refusal, *FailureReason}  # each has its sentence, see test_messages
MOST_MEMORY = 1_000_000_000
MOST_SECONDS = 120
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

    def send(self, name: str) -> dict[str, Any]:
        source, out = self.folder / "film.mp4", self.folder / "package"
        source.write_bytes(CORPUS[name].make(Workshop(self.folder, self.bait.port)))
        self.bait.opened()  # by those who made the film, if at all
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"source": str(source), "out": str(out)}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the worker is dead"
        answer: dict[str, Any] = json.loads(line)
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


def check(worker: Worker, name: str) -> None:
    answer = worker.send(name)
    print(name, {key: answer[key] for key in answer if key != "files"})
    assert worker.bait.opened() == 0, "a canary was opened"
    assert worker.bait.connections() == 0, "somebody called"
    assert MARK.decode() not in answer["said"]
    for path, content in answer["files"].items():
        assert MARK not in content, path
        assert b"<script" not in content, path
    assert answer["state"] == "made" or answer["code"] in REASONS
    assert answer["peak_rss"] <= MOST_MEMORY
    assert answer["seconds"] <= MOST_SECONDS
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


@pytest.mark.long
@pytest.mark.parametrize("worker", ["bubblewrap", "limits"], indirect=True)
def test_no_hostile_film_reaches_anything(worker: Worker) -> None:
    for name in CORPUS:
        check(worker, name)
