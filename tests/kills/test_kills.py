"""kill -9 of web, worker, scheduler, ffmpeg, Redis and PostgreSQL at random instants.

Whatever is killed whenever: every recording ends ready, refused or given up with a reason; none is
stuck, doubled or half published; rows and disk agree. A failure prints the seed and what happened.
"""

import itertools
import json
import os
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from celery import Celery
from django.db import connection

from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.wakeups import TRANSCODE
from tests.kills.account import faults
from tests.kills.people import Secretary, signed_in
from tests.kills.site import Site, site
from tests.services import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

SAMPLE = ("ffmpeg", "ffmpeg", "worker", "redis", "postgres", "ffmpeg", "web", "scheduler", "worker")
# How often each is killed in the long run; what is quick to start again more often.
SHARES = {"ffmpeg": 9, "worker": 4, "redis": 3, "postgres": 3, "web": 2, "scheduler": 1}
LONG_KILLS = 500


@pytest.fixture
def template() -> str:
    chosen = connection.settings_dict
    if connection.vendor != "postgresql":
        pytest.fail("The kills need DATABASE_URL of a PostgreSQL; see tests/run.py.")
    return f"postgres://{chosen['USER']}@{chosen['HOST']}:{chosen['PORT']}/{chosen['NAME']}"


@pytest.fixture
def running(tmp_path: Path, template: str) -> Iterator[Site]:
    with site(tmp_path, template) as made:
        yield made


def film(path: Path, *, seconds: int, mark: int, pictures: str = "size=192x108:rate=10") -> Path:
    """No two are the same; short in pictures, so that many segments are made in little time."""
    argv = [ffmpeg_binary(), "-v", "error", "-y", "-f", "lavfi", "-i"]
    argv += [f"testsrc2={pictures}:duration={seconds}", "-f", "lavfi", "-i"]
    argv += [f"sine=frequency={300 + mark}:duration={seconds}", "-c:v", "libx264", "-preset"]
    argv += ["ultrafast", "-g", "40", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest"]
    subprocess.run([*argv, "-movflags", "+faststart", str(path)], check=True, timeout=120)
    return path


def films(folder: Path, kinds: list[str], *, seconds: int) -> list[tuple[str, Path]]:
    made = []
    for number, kind in enumerate(kinds):
        path = folder / f"{number}-{kind}.mp4"
        if kind == "poison":
            # No segment of it is made before its crash: with one, an attempt has brought something.
            film(path, seconds=20, mark=number, pictures="size=1280x720:rate=30")
        else:
            film(path, seconds=seconds, mark=number)
        if kind == "broken":
            path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
        made.append((kind, path))
    return made


def crash(pid: int) -> bool:
    """Leave a process nothing but invalid instructions; whether it was alive for it.

    A signal would not do: within its wall it is the first process, for which those from outside do
    not count.
    """
    with (
        Path(f"/proc/{pid}/maps").open() as maps,
        Path(f"/proc/{pid}/mem").open("r+b", buffering=0) as memory,
    ):
        written = 0
        for line in maps:
            span, flags, *rest = line.split()
            if "x" in flags and rest[-1].startswith("/"):
                begin, end = (int(one, 16) for one in span.split("-"))
                memory.seek(begin)
                written += memory.write(b"\x06" * (end - begin)) or 0
        return written > 0


class Chaos:
    """Kills, and remembers what and when; `history` is for whoever reads a failure."""

    def __init__(self, running: Site, secretary: Secretary, chance: random.Random) -> None:
        self.site, self.secretary, self.chance = running, secretary, chance
        self.history: list[str] = []
        self.killed: Counter[str] = Counter()  # processes that were alive, by part
        self.began = time.monotonic()
        self.poisoned = 0
        self.over = threading.Event()
        self.poisoner = threading.Thread(target=self.poison, daemon=True)

    def note(self, words: str) -> None:
        self.history.append(f"{time.monotonic() - self.began:7.2f} {words}")

    def poison(self) -> None:
        """Crash every ffmpeg that opens a poison film, as a bug in a decoder would."""
        while not self.over.wait(0.05):
            bad = [asset for asset, kind in list(self.secretary.sent.items()) if kind == "poison"]
            for process in self.site.media_processes() if bad else []:
                try:
                    program, *words = process.cmdline() or [""]
                    on_it = any(asset in word for asset in bad for word in words)
                    # The probe, in Python, is spared: a film that crashes that is damaged.
                    if on_it and Path(program).name.startswith("ffmpeg"):
                        self.poisoned += crash(process.pid)
                except (psutil.Error, OSError):  # dead already
                    continue

    def kill(self, part: str) -> None:
        """Kill that part, or another one when nothing of it runs: each call is one kill."""
        time.sleep(self.chance.uniform(0.0, 1.5))
        while not (self.kill_ffmpeg() if part == "ffmpeg" else self.kill_server(part)):
            self.note(f"no {part} to kill")
            self.site.revive()
            part = self.chance.choice([other for other in SHARES if other != part])
        self.killed[part] += 1
        self.doubled_message()
        time.sleep(self.chance.uniform(0.0, 0.5))
        self.site.revive()

    def kill_server(self, part: str) -> bool:
        if not self.site.kill(part):
            return False
        self.note(f"kill -9 {part}")
        return True

    def kill_ffmpeg(self) -> bool:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            # A wall or what runs within it, by chance.
            found = self.site.media_processes()
            for process in self.chance.sample(found, len(found)):
                try:
                    words = process.cmdline()
                    if not words:  # dead already, and not yet reaped
                        continue
                    process.kill()
                except psutil.NoSuchProcess:
                    continue
                self.note(f"kill -9 {' '.join(words)[:90]}")
                return True
            time.sleep(0.02)
        return False

    def doubled_message(self) -> None:
        """Wake-ups that nobody asked for, for the same job twice."""
        jobs = self.site.rows("select id from media_pipeline_transcodejob order by id desc limit 3")
        app = Celery(broker=self.site.environment["REDIS_URL"], set_as_current=False)
        app.conf.broker_transport_options = {"socket_connect_timeout": 1, "max_retries": 0}
        app.conf.task_default_queue = "transcode"
        for (job,) in (jobs or []) * 2:
            try:
                app.send_task(TRANSCODE, args=[job], retry=False, ignore_result=True)
            except Exception as problem:  # noqa: BLE001  (Redis has just been killed)
                self.note(f"no message: {type(problem).__name__}")
                break
        app.close()

    def settle(self, seconds: float) -> None:
        """Nothing is killed any more; everything must come to its end by itself."""
        wait_for(lambda: not self.secretary.is_alive(), seconds=seconds, what="The last upload")
        wait_for(lambda: self.active() == 0, seconds=seconds, what="The end of the queue")
        self.site.inside("finish")
        wait_for(lambda: self.active() == 0, seconds=seconds, what="The end of the queue")
        wait_for(lambda: not self.site.media_processes(), seconds=120, what="Quiet")

    def active(self) -> int:
        self.site.revive()
        found = self.site.rows(
            "select count(*) from media_pipeline_transcodejob where state in ('queued', 'running')"
        )
        return int(str(found[0][0])) if found else -1


def survive(
    running: Site, kills: list[str], kinds: list[str], *, seed: int, seconds: int
) -> Counter[str]:
    """Returns how often each part was killed."""
    chance = random.Random(seed)
    session = running.inside("begin").strip()
    running.revive()
    wait_for(running.is_up, seconds=90, what="The start of the site")
    made = films(running.var, kinds, seconds=seconds)
    secretary = Secretary(signed_in(running.url, session), made, random.Random(seed + 1))
    chaos = Chaos(running, secretary, chance)
    try:
        secretary.start()
        chaos.poisoner.start()
        for part in kills:
            chaos.kill(part)
        chaos.settle(120 + 20 * len(kinds))
        for part in ("worker", "web", "scheduler"):
            running.stop(part)
        found = json.loads(running.inside("end"))
        wrong = faults(found, secretary.sent, running.var)
        ends = sorted((asset["state"], asset["reason"]) for asset in found["assets"])
        told = f"{chaos.killed.total()} kills {dict(chaos.killed)}"
        print(f"seed {seed}: {told}, {len(ends)} recordings: {ends}")
        assert chaos.killed.total() == len(kills)
        assert chaos.poisoned or "poison" not in kinds
        assert not wrong, "\n".join(wrong)
        return chaos.killed
    except BaseException:
        print(running.said())
        print(f"seed {seed}\n" + "\n".join(chaos.history))
        print(running.rows("select * from media_pipeline_transcodejob order by id"))
        raise
    finally:
        secretary.stopped.set()
        chaos.over.set()


def test_a_sample_of_kills_leaves_every_recording_ended_and_nothing_over(running: Site) -> None:
    seed = int(os.environ.get("KILLS_SEED", "20261125"))
    kills = list(SAMPLE)
    random.Random(seed).shuffle(kills)
    kinds = ["plain", "deleted", "broken", "plain", "plain"]
    survive(running, kills, kinds, seed=seed, seconds=40)


@pytest.mark.long
def test_five_hundred_kills_leave_every_recording_ended_and_nothing_over(running: Site) -> None:
    seed = int(os.environ.get("KILLS_SEED", "500"))
    count = int(os.environ.get("KILLS", str(LONG_KILLS)))
    chance = random.Random(seed)
    kills = chance.choices(list(SHARES), weights=list(SHARES.values()), k=count)
    kinds = ["plain", "plain", "deleted", "plain", "broken", "plain", "plain", "poison"]
    killed = survive(
        running,
        kills,
        list(itertools.islice(itertools.cycle(kinds), max(8, count // 4))),
        seed=seed,
        seconds=60,
    )
    assert count < LONG_KILLS or set(killed) == set(SHARES)
