"""`make test`: every check in one go. A missing part is a failure, never a skip.

Steps go on after a failure so that one run names everything; the exit status tells.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.services import embedded_redis, postgres, postgres_create, real_redis

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [
    "audit",
    "cms",
    "config",
    "lms",
    "media_pipeline",
    "notices",
    "organizations",
    "manage.py",
]
# An environment as docs/operations.md asks for; no server of it needs to run for the checks.
PRODUCTION = {
    "LECTERN_MODE": "production",
    "SECRET_KEY": "k7Qw9-not-used-anywhere-but-in-this-check-2hX4vN8mZb1LrTgY5",
    "DELIVERY_KEY_A": "d3Lm8-another-one-of-sufficient-length-Rt6YpWq0",
    "AUDIT_KEY": "b5Vn2-and-one-more-of-sufficient-length-Jf7KsXe9",
    "ALLOWED_HOSTS": "dangke.example.cn",
    "BASE_URL": "https://dangke.example.cn",
    "DATABASE_URL": "postgres://lectern:lectern@127.0.0.1:5432/lectern",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "SMS_GATEWAY_URL": "https://sms.example.cn/send",
}
MANAGE = [sys.executable, "manage.py"]
MIGRATE = [*MANAGE, "migrate", "-v0"]
PYTEST = [sys.executable, "-m", "pytest", "-q", "--durations=8"]


def ended(process: subprocess.Popen[bytes]) -> tuple[bool, float]:
    """Whether it succeeded, and the CPU seconds of it and of all that it waited for."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode == 0, used.ru_utime + used.ru_stime


class Run:
    def __init__(self, scratch: str) -> None:
        self.scratch = Path(scratch)
        self.results: list[tuple[str, bool, float, float]] = []
        self.environment = {
            **os.environ,
            "LECTERN_MODE": "test",
            "LECTERN_VAR": str(ROOT / "var" / "test"),
            # Of its own: pytest clears the shared one of other runs on the same machine.
            "PYTEST_DEBUG_TEMPROOT": scratch,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }

    def step(self, name: str, argv: list[str], **environment: str) -> None:
        print(f"\n== {name}", flush=True)
        started = time.monotonic()
        with subprocess.Popen(
            ["nice", "-n", "10", *argv], cwd=ROOT, env={**self.environment, **environment}
        ) as process:
            passed, used = ended(process)
        self.results.append((name, passed, time.monotonic() - started, used))

    @contextmanager
    def beside(self, name: str, argv: list[str]) -> Iterator[None]:
        """A step that runs while others do, ahead of them; what it prints comes at its end."""
        started = time.monotonic()
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                argv, cwd=ROOT, env=self.environment, stdout=said, stderr=subprocess.STDOUT
            )
            try:
                yield
            finally:
                passed, used = ended(process)
                said.seek(0)
                print(f"\n== {name}\n{said.read().decode(errors='replace')}", flush=True)
                self.results.append((name, passed, time.monotonic() - started, used))

    @contextmanager
    def part(self, name: str) -> Iterator[ExitStack]:
        """A group of steps with services of its own; their failure to start is a failed step."""
        with ExitStack() as services:
            try:
                yield services
            except Exception as problem:  # noqa: BLE001  (reported and counted, not hidden)
                print(f"{name}: {problem}", file=sys.stderr, flush=True)
                self.results.append((name, False, 0.0, 0.0))

    def summary(self) -> int:
        print()
        for name, passed, seconds, used in self.results:
            print(f"{'ok    ' if passed else 'FAILED'} {seconds:6.1f} s {used:6.1f} s CPU  {name}")
        failed = sum(not passed for _, passed, _, _ in self.results)
        print(f"steps: {len(self.results) - failed} passed, {failed} failed", flush=True)
        return 1 if failed else 0


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--long", action="store_true", help="also the tests marked long")
    long = options.parse_args().long
    with tempfile.TemporaryDirectory(prefix="lectern-tests-") as scratch:
        return check(Run(scratch), long=long)


def check(run: Run, *, long: bool) -> int:
    marks = ["-m", "not e2e"] if long else ["-m", "not e2e and not long"]
    browser = ["-m", "e2e"] if long else ["-m", "e2e and not long"]
    run.environment["LECTERN_EXAMPLES"] = "long" if long else "short"
    (ROOT / "var" / "test").mkdir(parents=True, exist_ok=True)

    # A browser mostly waits. Everything else runs behind it, so that it never waits for them.
    with run.beside("browser tests", [*PYTEST, *browser, "tests/e2e"]):
        sources(run)
        databases(run, [*PYTEST, "-n", "2", *marks], long=long)
    return run.summary()


def sources(run: Run) -> None:
    """What is checked without running the site."""
    run.step("ruff", ["ruff", "check", "."])
    run.step("ruff format", ["ruff", "format", "--check", "."])
    run.step("types", ["mypy", *SOURCES])
    run.step("import contracts", ["lint-imports"])
    run.step("browser code", ["npx", "--no-install", "eslint", "static/js", "tests/js"])
    run.step("browser units", ["node", "--test", "tests/js/"])
    run.step("zh-Hans catalogue", [sys.executable, "-m", "tests.catalogue"])
    run.step(
        "check --deploy, as in production",
        [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
        **PRODUCTION,
    )
    run.step("migrations", [*MANAGE, "makemigrations", "--check"])


# Rooms of tests/integration that the embedded default walks in `make test`; it walks all of them
# in the long run, and the browser's tests use it, too. PostgreSQL always walks all.
ON_SQLITE = ("config", "media_pipeline", "lms")
# What knows no Django knows no database, and bytes on their way out ask it little.
WITHOUT_DATABASE = ("ffmpeg", "delivery")


def databases(run: Run, pytest: list[str], *, long: bool) -> None:
    rooms = [f"tests/integration/{room}" for room in ON_SQLITE]
    everywhere = ["tests/integration", "tests/scope"]
    with run.part("embedded default") as services:
        redis = services.enter_context(embedded_redis(ROOT / "var" / "test"))
        file = run.scratch / "migrated.sqlite3"
        run.step("SQLite from nothing", MIGRATE, REDIS_URL=redis, DATABASE_URL=f"sqlite:///{file}")
        run.step(
            "unit and integration tests, SQLite and embedded Redis",
            [*pytest, "tests/unit", *(everywhere if long else rooms)],
            REDIS_URL=redis,
            LECTERN_MIGRATED=str(file),
        )
    with run.part("PostgreSQL and Redis") as services:
        database = services.enter_context(postgres())
        redis = services.enter_context(real_redis(ROOT / "var" / "test"))
        migrated = postgres_create(database, "migrated")
        run.step("PostgreSQL from nothing", MIGRATE, REDIS_URL=redis, DATABASE_URL=migrated)
        left_out = [f"--ignore=tests/integration/media_pipeline/{one}" for one in WITHOUT_DATABASE]
        run.step(
            "integration tests, PostgreSQL and Redis",
            [*pytest, *left_out, *everywhere, "tests/kills"],
            REDIS_URL=redis,
            DATABASE_URL=database,
            LECTERN_MIGRATED="migrated",
        )


if __name__ == "__main__":
    sys.exit(main())
