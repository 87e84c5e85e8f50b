"""What a real worker takes while it encodes, with its media processes: proportional set size at
its highest. Two films wait at once, with two slots and memory for one: how many are encoded at the
same time is counted.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.media.films import Film
from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.runner import run
from tests.e2e.conftest import answers
from tests.services import free_port, wait_for

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 16  # memory does not grow with length
FOR_ONE = 2_000_000_000


@dataclass(frozen=True)
class Memory:
    megabytes: float
    ladders: int  # at the same time


def memory(film: Film) -> Memory:
    with tempfile.TemporaryDirectory(prefix="lectern-bench-") as name:
        folder, port = Path(name), free_port()
        clips = [_clip(film, folder / f"{n}{film.path.suffix}", start=n) for n in (0, 1)]
        environment = {
            **{k: v for k, v in os.environ.items() if k not in {"REDIS_URL", "DATABASE_URL"}},
            "LECTERN_VAR": str(folder / "var"),
            "LECTERN_MODE": "demo",
            "LECTERN_DEMO": "0",
            "PORT": str(port),
            "TRANSCODE_SLOTS": "2",
            "TRANSCODE_MEMORY": str(FOR_ONE),
        }
        (folder / "var").mkdir()
        site = subprocess.Popen(
            [sys.executable, "-m", "config.supervisor"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            up = f"http://127.0.0.1:{port}/healthz"
            wait_for(lambda: answers(up), seconds=300, what="The site's start")
            return _watched(site.pid, clips, environment)
        finally:
            site.send_signal(signal.SIGINT)
            site.wait(20)


def _clip(film: Film, path: Path, *, start: int) -> Path:
    cut = ["-ss", str(start), "-i", str(film.path), "-t", str(SECONDS), "-c", "copy", str(path)]
    run([ffmpeg_binary(), "-nostdin", "-v", "error", *cut], files=None)
    return path


def _watched(site: int, clips: list[Path], environment: dict[str, str]) -> Memory:
    redis = next((Path(environment["LECTERN_VAR"])).rglob("redis.sock"), None)
    if redis is not None:
        environment = {**environment, "REDIS_URL": f"unix://{redis}"}
    ingest = subprocess.Popen(
        [sys.executable, "manage.py", "media_ingest", *map(str, clips), "--wait", "--json"],
        cwd=ROOT,
        env=environment,
        stdout=sys.stderr,
    )
    most, ladders = 0.0, 0
    while ingest.poll() is None:
        used, running = _look(site)
        most, ladders = max(most, used), max(ladders, running)
        time.sleep(0.2)
    assert ingest.returncode == 0, "the films were not made"
    return Memory(most / 1e6, ladders)


def _look(site: int) -> tuple[float, int]:
    """Bytes of the worker and everything below it, and how many ladders are encoded."""
    used, ladders = 0.0, 0
    for process in psutil.Process(site).children(recursive=True):
        try:
            name, line = process.name(), process.cmdline()
            if name == "bwrap" or "ffmpeg" in name or "worker" in line:
                used += process.memory_full_info().pss
                ladders += "ffmpeg" in name and "-var_stream_map" in line
        except psutil.Error:  # it has just ended
            continue
    return used, ladders
