"""Real servers for the tests, on private ports or sockets, with their data in one folder.

PostgreSQL refuses to run as root, so as root it runs as the `postgres` user that its Debian
package makes.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from config.embedded import redis_server


class ServiceMissing(RuntimeError):
    """A part that the tests need is not installed; they must fail, not skip."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Poll until the condition holds; fail with a sentence when it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds:g} s.")
        time.sleep(0.05)


def accepts_tcp(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def accepts_socket(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def answers_queries(url: str) -> bool:
    """PostgreSQL takes connections a moment before it serves them."""
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


@contextlib.contextmanager
def running(argv: list[str], *, ready: Callable[[], bool], what: str) -> Iterator[None]:
    process = subprocess.Popen(
        argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_for(lambda: process.poll() is not None or ready(), seconds=30, what=what)
        if process.poll() is not None:
            raise ServiceMissing(f"{what}: {argv[0]} ended with {process.returncode}.")
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def embedded_redis(folder: Path) -> Iterator[str]:
    """The redis-server of `make run` on a socket; yields its address."""
    path = Path(tempfile.mkdtemp(prefix="lectern-redis-")) / "redis.sock"
    argv = [str(redis_server()), "--port", "0", "--unixsocket", str(path), "--save", ""]
    try:
        with running(argv, ready=lambda: accepts_socket(path), what="Embedded Redis"):
            yield f"unix://{path}"
    finally:
        shutil.rmtree(path.parent, ignore_errors=True)


@contextlib.contextmanager
def real_redis(folder: Path) -> Iterator[str]:
    """Debian's redis-server on a private port; yields its address."""
    program = shutil.which("redis-server")
    if program is None:
        raise ServiceMissing("redis-server is not installed.")
    port = free_port()
    argv = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with running(argv, ready=lambda: accepts_tcp(port), what="Redis"):
        yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """A fresh PostgreSQL cluster on a private port; yields the address of an empty database.

    Unless `durable`, it does not wait for the disk: nothing of a test run outlives it.
    """
    with postgres_cluster() as (argv, port):
        if not durable:
            argv = [*argv, "-c", "fsync=off", "-c", "synchronous_commit=off"]
            # Nor does it compile queries: estimates of tables that were never analysed ask for it.
            argv += ["-c", "full_page_writes=off", "-c", "jit=off"]
        url = postgres_url(port)
        with running(argv, ready=lambda: answers_queries(url), what="PostgreSQL"):
            yield url


@contextlib.contextmanager
def postgres_cluster() -> Iterator[tuple[list[str], int]]:
    """The files of a fresh cluster; yields the command that serves them, and its port."""
    programs = postgres_programs()
    as_root = os.geteuid() == 0
    become = ["runuser", "-u", "postgres", "--"] if as_root else []
    # Not below var/: the postgres user may have no way into the folder of the checkout.
    home = Path(tempfile.mkdtemp(prefix="lectern-postgres-"))
    try:
        if as_root:
            shutil.chown(home, "postgres", "postgres")
        data, port = home / "data", free_port()
        subprocess.run(
            [
                *(*become, str(programs / "initdb"), "-D", str(data), "-U", "lectern"),
                *("-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )
        argv = [*become, str(programs / "postgres"), "-D", str(data), "-p", str(port)]
        argv += ["-k", str(home), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=60"]
        yield argv, port
    finally:
        shutil.rmtree(home, ignore_errors=True)


def postgres_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        raise ServiceMissing("PostgreSQL is not installed.")
    return found[-1].parent


def postgres_url(port: int) -> str:
    return f"postgres://lectern@127.0.0.1:{port}/postgres"


def postgres_create(url: str, name: str) -> str:
    """An empty database beside the one of `url`; its address."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{url.rpartition('/')[0]}/{name}"
