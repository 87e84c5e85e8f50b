"""A whole site of processes of our own, each of which can be killed with -9 and comes back.

PostgreSQL, Redis, gunicorn, a Celery worker and the scheduler, on private ports and one folder.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg

from tests.services import accepts_tcp, free_port, postgres_cluster, postgres_programs, postgres_url

ROOT = Path(__file__).resolve().parents[2]
CELERY = [sys.executable, "-m", "celery", "-A", "config"]
WORKER = ["worker", "--pool", "threads", "--concurrency", "5", "-Q", "transcode,default"]
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
PARTS = ("postgres", "redis", "web", "worker", "scheduler")


class Site:
    def __init__(self, var: Path, postgres: list[str], port: int, parts: tuple[str, ...]) -> None:
        self.var = var
        self.database = postgres_url(port)
        self.redis, self.http, self.beats = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.http}"
        gunicorn = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind"]
        gunicorn += [f"127.0.0.1:{self.http}", "--worker-class", "gthread", "--threads", "8"]
        gunicorn += ["--no-control-socket"]
        beats = ["sh", str(ROOT / "deploy" / "beats.sh"), "127.0.0.1", str(self.beats)]
        redis = [shutil.which("redis-server") or "redis-server", "--port", str(self.redis)]
        self.argv = {
            # A killed server loses nothing that it has handed to the kernel.
            "postgres": [*postgres, "-c", "fsync=off"],
            "redis": [*redis, "--bind", "127.0.0.1", "--save", "", "--dir", str(var)],
            "web": gunicorn,
            "beats": beats,
            "worker": [*CELERY, *WORKER, *QUIET, "--loglevel", "INFO"],
            "scheduler": [*CELERY, "beat", "--loglevel", "WARNING", "--pidfile="],
        }
        self.parts = parts
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {
            **os.environ,
            "LECTERN_MODE": "test",
            "LECTERN_VAR": str(var),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DATABASE_URL": self.database,
            "REDIS_URL": f"redis://127.0.0.1:{self.redis}/0",
        }

    def start(self, part: str) -> None:
        with (self.var / f"{part}.log").open("ab") as log:
            self.processes[part] = subprocess.Popen(
                self.argv[part],
                cwd="/" if part == "postgres" else ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def revive(self) -> None:
        """Start again what has ended, as a supervisor does."""
        for part in self.parts:
            process = self.processes.get(part)
            if process is None or process.poll() is not None:
                self.start(part)

    def kill(self, part: str) -> bool:
        """kill -9 of the whole group, and nothing said to anybody. Whether it was alive."""
        process = self.processes[part]
        alive = process.poll() is None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        return process.wait() == -signal.SIGKILL and alive

    def stop(self, part: str) -> None:
        process = self.processes.pop(part, None)
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            # PostgreSQL waits for its clients after SIGTERM.
            os.killpg(process.pid, signal.SIGINT if part == "postgres" else signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def media_processes(self) -> list[psutil.Process]:
        """Everything that the worker runs on a film of this site: ffmpeg, the probe, the checks."""
        found = []
        for process in psutil.process_iter(["cmdline", "cwd"]):
            words = [*(process.info["cmdline"] or []), process.info["cwd"] or ""]
            if any(f"{self.var}/media/" in word for word in words):
                found.append(process)
        return found

    def rows(self, query: str) -> list[tuple[object, ...]] | None:
        """None while the database is away."""
        try:
            with psycopg.connect(self.database, connect_timeout=2) as connection:
                return connection.execute(query).fetchall()
        except psycopg.Error:
            return None

    def is_up(self) -> bool:
        return (
            accepts_tcp(self.http)
            and accepts_tcp(self.redis)
            and self.rows("select 1") is not None
            and all(process.poll() is None for process in self.processes.values())
        )

    def inside(self, *words: str) -> str:
        """What `tests.kills.inside` prints, run with this site's settings."""
        return subprocess.run(
            [sys.executable, "-m", "tests.kills.inside", *words],
            cwd=ROOT,
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def load(self, template: str) -> None:
        """Fill the database from an existing one, which is quicker than to migrate again."""
        programs = postgres_programs()
        dump = subprocess.run(
            [str(programs / "pg_dump"), "--no-owner", "-d", template],
            check=True,
            stdout=subprocess.PIPE,
        ).stdout
        psql = [str(programs / "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-d", self.database]
        subprocess.run(psql, input=dump, check=True, stdout=subprocess.DEVNULL)

    def said(self) -> str:
        logs = sorted(self.var.glob("*.log"))
        return "\n".join(f"== {log.name}\n{log.read_text()[-6000:]}" for log in logs)


@contextlib.contextmanager
def site(var: Path, template: str, parts: tuple[str, ...] = PARTS) -> Iterator[Site]:
    """A site that runs; `template` is the address of a migrated database."""
    with postgres_cluster() as (argv, port):
        made = Site(var, argv, port, parts)
        try:
            made.start("postgres")
            deadline = time.monotonic() + 30
            while made.rows("select 1") is None:
                if time.monotonic() > deadline:
                    raise TimeoutError("PostgreSQL does not answer.")
                time.sleep(0.1)
            made.load(template)
            yield made
        finally:
            for part in reversed(made.parts):
                made.stop(part)
            for process in made.media_processes():
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
