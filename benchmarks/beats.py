"""Beats over HTTP, through nginx and the server of beats as an installation runs them, into a
PostgreSQL that waits for its disk; against a bare loop of upserts of the same rows over as many
connections.

The two take turns, so that both meet the same machine. wrk sends one beat after the other on 64
keep-alive connections (beats.lua), for more people than connections, each claiming what the clock
allows: a beat brings news, passes the signature, the person's budget and a commit, and no answer
counts unless it acknowledges the beat. At the end the rows hold what was acknowledged.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.figures import Figure
from tests.services import (
    ServiceMissing,
    accepts_tcp,
    free_port,
    postgres_cluster,
    postgres_create,
    postgres_url,
    real_redis,
    running,
)

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS, PEOPLE = 64, 1600
ROUNDS, SECONDS = 3, float(os.environ.get("BEATS_SECONDS", "8"))
LENGTH = 2400  # seconds of the lecture: a bitmap of 300 bytes
LEAST_RATIO, LEAST_RATE, MOST_P99 = 0.3, 1000, 250
TABLES = ("watching_playsession", "watching_personclock")
WORKERS, THREADS = 2, 8  # of the bare loop; more connections bring it nothing


def measure() -> list[Figure]:
    with (
        tempfile.TemporaryDirectory(prefix="lectern-bench-") as folder,
        durable_postgres() as database,
        real_redis(Path(folder)) as redis,
    ):
        environment = {
            **os.environ,
            "LECTERN_VAR": folder,
            "LECTERN_MODE": "test",
            "DATABASE_URL": database,
            "REDIS_URL": redis,
            "LOG_LEVEL": "ERROR",
        }
        tokens = json.loads(_child("seed", environment))
        (Path(folder) / "tokens").write_text("\n".join(tokens))
        with site(Path(folder), environment) as port:
            return compared(database, port, Path(folder) / "tokens")


@contextlib.contextmanager
def durable_postgres() -> Iterator[str]:
    with postgres_cluster() as (argv, port):
        argv = [*argv, "-c", "fsync=on", "-c", "synchronous_commit=on"]
        with running(argv, ready=lambda: accepts_tcp(port), what="PostgreSQL"):
            yield postgres_url(port)


@contextlib.contextmanager
def site(folder: Path, environment: dict[str, str]) -> Iterator[int]:
    """nginx, gunicorn and the server of beats with the files in deploy/; yields nginx's port."""
    from tests.front import nginx

    port, beats = free_port(), free_port()
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.conf.py")]
    gunicorn += ["--bind", f"127.0.0.1:{port}", "config.wsgi"]
    granian = ["sh", str(ROOT / "deploy" / "beats.sh"), "127.0.0.1", str(beats)]
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    processes = [
        subprocess.Popen(argv, cwd=ROOT, env=environment, start_new_session=True)
        for argv in (gunicorn, granian)
    ]
    try:
        front = nginx(folder / "nginx", upstream=port, beats=beats, keys={}, packages=folder)
        with front as door:
            deadline = time.monotonic() + 60
            while not (_answers(port) and _answers(beats)):
                if time.monotonic() > deadline:
                    raise TimeoutError("The site does not answer.")
                time.sleep(0.2)
            yield door.port
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
        return line.recv(64).split()[1:2] == [b"200"]
    return False


def compared(database: str, port: int, tokens: Path) -> list[Figure]:
    bare, heard = [], []
    beats(port, tokens, 2)  # connections are made, code is warm
    # In a database of its own, so that its commits are not counted.
    beside = postgres_create(database, "bare")
    before = written(database)
    known = _taken_in(database)
    for _ in range(ROUNDS):
        bare.append(float(_child("bare", {**os.environ}, beside, str(SECONDS))))
        heard.append(beats(port, tokens, SECONDS))
    after = written(database)
    count = _taken_in(database) - known  # more than were answered when the clients left
    assert count >= sum(one["count"] for one in heard), "acknowledged beats are missing"
    took = {name: (after[name] - before[name]) / count for name in after if name != "bytes"}
    rate = statistics.median(one["count"] / one["seconds"] for one in heard)
    upserts = statistics.median(bare)
    p99 = statistics.median(one["p99"] for one in heard)
    print(
        f"  {rate:.0f} beats/s, bare {upserts:.0f} upserts/s "
        f"({', '.join(f'{one:.0f}' for one in bare)}); p50 {heard[-1]['p50']:.0f} ms; "
        f"in place {took['hot'] / took['updates']:.0%}",
        file=sys.stderr,
    )
    return [
        Figure("beats ÷ bare upserts", rate / upserts, LEAST_RATIO, at_least=True),
        Figure("beats accepted", rate, LEAST_RATE, "/s", at_least=True),
        Figure("99th percentile of a beat", p99, MOST_P99, "ms"),
        Figure("rows updated per beat", took["updates"], 2),
        Figure("rows inserted per beat", took["inserts"], 0),
        Figure("transactions per beat", took["commits"], 1.02),
        Figure("size of the tables, after ÷ before", after["bytes"] / before["bytes"], 1.5),
    ]


def beats(port: int, tokens: Path, seconds: float) -> dict[str, float]:
    """What wrk counted: `count`, `seconds`, and `p50` and `p99` in milliseconds. A beat that is
    not acknowledged ends the run.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise ServiceMissing("wrk is not installed: sh tests/services.sh wrk")
    bitmaps = tokens.with_name("bitmaps")
    if not bitmaps.exists():
        bitmaps.write_text("\n".join(map(bitmap, range(LENGTH + 1))))
    # Higher than in any run before: nobody is heard more often than once in a millisecond.
    first = int((time.time() - tokens.stat().st_mtime) * 1000)
    said = subprocess.run(
        [
            *(wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--timeout", "10s"),
            *("-s", str(ROOT / "benchmarks" / "beats.lua"), f"http://localhost:{port}", "--"),
            *(str(tokens), str(bitmaps), str(int(tokens.stat().st_mtime)), str(first)),
        ],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    if found["refused"]:
        raise SystemExit(f"not acknowledged: {said}")
    return found


def bitmap(seconds: int) -> str:
    """The first `seconds` of a recording, all watched."""
    return base64.b64encode(((1 << seconds) - 1).to_bytes((seconds + 7) // 8, "little")).decode()


def written(database: str) -> dict[str, float]:
    """What the database has counted, once it has counted everything."""
    time.sleep(20)  # its processes report when they have been idle for ten seconds
    with psycopg.connect(database, autocommit=True) as connection:
        row = connection.execute(
            "SELECT sum(n_tup_upd), sum(n_tup_hot_upd), sum(n_tup_ins),"
            " sum(pg_relation_size(relid)) FROM pg_stat_user_tables WHERE relname = ANY(%s)",
            [list(TABLES)],
        ).fetchone()
        commits = connection.execute(
            "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    assert row is not None
    assert commits is not None
    names = ("updates", "hot", "inserts", "bytes")
    return {**dict(zip(names, map(float, row), strict=True)), "commits": float(commits[0])}


def _taken_in(database: str) -> int:
    """How many were taken in, over all sessions."""
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT sum(beats) FROM watching_playsession").fetchone()
    assert row is not None
    return int(row[0])


def _child(what: str, environment: dict[str, str], *words: str) -> str:
    run = [sys.executable, "-m", "benchmarks.beats", what, *words]
    return subprocess.run(
        run, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


# -- what it is compared with ----------------------------------------------------------------------

TABLE = """CREATE TABLE IF NOT EXISTS bare (
    id uuid PRIMARY KEY, user_id bigint, lecture_id bigint, asset_id uuid, seconds int,
    seen bytea, last_seq int, position float8, started_at timestamptz, last_beat_at timestamptz,
    accepted int, cut int) WITH (fillfactor = 70)"""
UPSERT = """INSERT INTO bare VALUES
    (%s, %s, 7, '0b7f0b0e-7e0c-4f0e-9d0c-2f7f0a2f2d11', 2400, %s, %s, 7.5, now(), now(), %s, 0)
    ON CONFLICT (id) DO UPDATE SET seen = EXCLUDED.seen, last_seq = EXCLUDED.last_seq,
    position = EXCLUDED.position, last_beat_at = EXCLUDED.last_beat_at,
    accepted = EXCLUDED.accepted"""


def bare(database: str, seconds: float) -> None:
    """Upserts per second of plain loops in as many processes and connections as the server has."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLE)
    argv = [sys.executable, "-m", "benchmarks.beats", "upserts", database, str(seconds)]
    loops = [
        subprocess.Popen([*argv, str(n)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for n in range(WORKERS)
    ]
    print(sum(float(one.communicate()[0]) for one in loops))


def upserts(database: str, seconds: float, process: int) -> None:
    done = [0] * THREADS
    go = threading.Barrier(THREADS + 1)
    ids = [uuid.uuid5(uuid.NAMESPACE_OID, f"{process} {n}") for n in range(PEOPLE // WORKERS)]

    def loop(thread: int) -> None:
        own = ids[thread::THREADS]
        with psycopg.connect(database, autocommit=True) as connection:
            go.wait()
            end, n = time.perf_counter() + seconds, 0
            while time.perf_counter() < end:
                key = n % len(own)
                seen = os.urandom(1) * (LENGTH // 8)
                connection.execute(UPSERT, [own[key], process * 1000 + thread, seen, n, n])
                n += 1
            done[thread] = n

    threads = [threading.Thread(target=loop, args=[n]) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    go.wait()
    for thread in threads:
        thread.join()
    print(sum(done) / seconds)


# -- what is there before --------------------------------------------------------------------------


def seed() -> None:
    """Migrate, open a play session for each of many people, print the tokens."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from lms.watching.play import play_session_open
    from organizations.models import User
    from tests.factories import LecturePageFactory

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    lecture = LecturePageFactory(asset__duration=float(LENGTH))
    User.objects.bulk_create(
        User(username=f"bench-{n}", name="示例", password="!") for n in range(PEOPLE)
    )
    people = User.objects.filter(username__startswith="bench-").order_by("pk")
    tokens: list[Any] = [play_session_open(user=one, lecture=lecture).token for one in people]
    print(json.dumps(tokens))


if __name__ == "__main__":
    name, *words = sys.argv[1:]
    if name == "seed":
        seed()
    elif name == "bare":
        bare(words[0], float(words[1]))
    else:
        upserts(words[0], float(words[1]), int(words[2]))
