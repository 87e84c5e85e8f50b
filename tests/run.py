"""`make test`: every check in one go. A missing part is a failure, never a skip.

Steps go on after a failure so that one run names everything; the exit status tells.
"""

import argparse
import os
import resource
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
# Neighbours stay together: what a module's tests share is made by one of the two.
TWO = ["-n", "2", "--dist", "worksteal"]


def ended(process: subprocess.Popen[bytes]) -> tuple[bool, float]:
    """Whether it succeeded, and the CPU seconds of it and of all that it waited for."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode == 0, used.ru_utime + used.ru_stime


class Run:
    def __init__(self, scratch: str) -> None:
        self.scratch = Path(scratch)
        self.began = time.monotonic()
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
    def beside(self, name: str, argv: list[str], **environment: str) -> Iterator[None]:
        """A step that runs while others do, ahead of them; what it prints comes at its end."""
        started = time.monotonic()
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                argv,
                cwd=ROOT,
                env={**self.environment, **environment},
                stdout=said,
                stderr=subprocess.STDOUT,
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
        used, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - self.began
        print(
            f"       {seconds:6.1f} s {used.ru_utime + used.ru_stime:6.1f} s CPU  all, with servers"
        )
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
    browser = [*PYTEST, "-m", "e2e" if long else "e2e and not long"]
    run.environment["LECTERN_EXAMPLES"] = "long" if long else "short"
    (ROOT / "var" / "test").mkdir(parents=True, exist_ok=True)

    # A browser mostly waits. Everything else runs behind it, so that it never waits for them.
    apart = [f"--ignore={path}" for path in WITHOUT_THE_SITE]
    with ExitStack() as doors:
        # The one start that migrates by itself is in here; the demo's site begins with a copy.
        door = run.beside("browser tests without the demo's site", [*browser, *WITHOUT_THE_SITE])
        doors.enter_context(door)
        catalogue(run)
        migrated = sqlite_from_nothing(run)
        with run.beside(
            "browser tests", [*browser, "tests/e2e", *apart], LECTERN_MIGRATED=migrated
        ):
            sources(run)
            doors.close()
            databases(run, [*PYTEST, *marks], migrated=migrated, long=long)
    return run.summary()


def catalogue(run: Run) -> None:
    """First, for it compiles what everything else speaks by."""
    run.step("zh-Hans catalogue", [sys.executable, "-m", "tests.catalogue"])


def sqlite_from_nothing(run: Run) -> str:
    """The file of a migrated database."""
    file = str(run.scratch / "migrated.sqlite3")
    with run.part("SQLite from nothing") as services:
        redis = services.enter_context(embedded_redis(ROOT / "var" / "test"))
        run.step("SQLite from nothing", MIGRATE, REDIS_URL=redis, DATABASE_URL=f"sqlite:///{file}")
    return file


def sources(run: Run) -> None:
    """What is checked without running the site."""
    run.step("ruff", ["ruff", "check", "."])
    run.step("ruff format", ["ruff", "format", "--check", "."])
    run.step("types", ["mypy", *SOURCES])
    run.step("import contracts", ["lint-imports"])
    run.step("browser code", ["npx", "--no-install", "eslint", "static/js", "tests/js"])
    run.step("browser units", ["node", "--test", "tests/js/"])
    run.step(
        "check --deploy, as in production",
        [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
        **PRODUCTION,
    )
    run.step("migrations", [*MANAGE, "makemigrations", "--check"])


ROOMS = "tests/integration"
# They start what they need by themselves, so they run beside the others.
WITHOUT_THE_SITE = ("tests/e2e/test_front_door.py", "tests/e2e/test_seam.py")
# What asks no database, or little of it.
ON_EITHER = (
    f"{ROOMS}/lms/demo/test_films.py",
    f"{ROOMS}/lms/demo/test_voice.py",
    f"{ROOMS}/media_pipeline/delivery",
    f"{ROOMS}/media_pipeline/ffmpeg",
)
# PostgreSQL walks all the rest. The embedded default, which the browser's tests use too, walks in
# `make test` what databases do in their own ways: triggers, locks and races, search, backups,
# servers and workers on the same rows. In the long run it walks everything.
ON_BOTH = (
    f"{ROOMS}/audit",
    f"{ROOMS}/cms/finding",
    f"{ROOMS}/cms/test_browsing.py",
    f"{ROOMS}/cms/test_library.py",
    f"{ROOMS}/cms/test_shelves.py",
    f"{ROOMS}/cms/test_submissions.py",
    f"{ROOMS}/config/test_backup.py",
    f"{ROOMS}/config/test_cache.py",
    f"{ROOMS}/config/test_nul.py",
    f"{ROOMS}/lms/classes/test_at_once.py",
    f"{ROOMS}/lms/ledger/test_concurrency.py",
    f"{ROOMS}/lms/ledger/test_entries.py",
    f"{ROOMS}/lms/ledger/test_rederive.py",
    f"{ROOMS}/lms/reports/test_at_once.py",
    f"{ROOMS}/lms/reports/test_rebuilding.py",
    f"{ROOMS}/lms/watching",
    f"{ROOMS}/media_pipeline/test_jobs.py",
    f"{ROOMS}/media_pipeline/test_media_ingest.py",
    f"{ROOMS}/media_pipeline/test_tus_live.py",
    f"{ROOMS}/media_pipeline/test_work.py",
    f"{ROOMS}/media_pipeline/test_work_remote.py",
    f"{ROOMS}/media_pipeline/test_worker_process.py",
    f"{ROOMS}/organizations/units/test_merging.py",
    f"{ROOMS}/organizations/units/test_tree.py",
    f"{ROOMS}/organizations/units/test_tree_at_once.py",
)


# Of these, what goes the same way with either: only on SQLite.
ONCE = (
    f"{ROOMS}/config/test_backup.py::test_a_damaged_backup_writes_nothing",
    f"{ROOMS}/config/test_backup.py::test_without_a_key_there_is_no_backup",
    f"{ROOMS}/media_pipeline/test_worker_process.py"
    "::test_a_worker_that_is_told_to_end_does_so_and_gives_its_job_back",
)


def databases(run: Run, pytest: list[str], *, migrated: str, long: bool) -> None:
    everywhere = [ROOMS, "tests/scope"]
    elsewhere = [f"--ignore={path}" for path in ON_EITHER]
    elsewhere += [] if long else [f"--deselect={test}" for test in ONCE]
    with run.part("embedded default") as services:
        redis = services.enter_context(embedded_redis(ROOT / "var" / "test"))
        run.step(
            "unit and integration tests, SQLite and embedded Redis",
            [*pytest, *TWO, "tests/unit", *(everywhere if long else [*ON_EITHER, *ON_BOTH])],
            REDIS_URL=redis,
            LECTERN_MIGRATED=migrated,
        )
    with run.part("PostgreSQL and Redis") as services:
        database = services.enter_context(postgres())
        redis = services.enter_context(real_redis(ROOT / "var" / "test"))
        empty = postgres_create(database, "migrated")
        run.step("PostgreSQL from nothing", MIGRATE, REDIS_URL=redis, DATABASE_URL=empty)
        servers = {
            "REDIS_URL": redis,
            "DATABASE_URL": database,
            "LECTERN_MIGRATED": "migrated",
        }
        with run.beside("kills", [*pytest, "tests/kills"], **servers):
            run.step(
                "integration tests, PostgreSQL and Redis",
                [*pytest, *TWO, *everywhere, *elsewhere],
                **servers,
            )


if __name__ == "__main__":
    sys.exit(main())
