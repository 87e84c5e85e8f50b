"""A workbook of 200,000 people into PostgreSQL: seconds, memory of the worker, patience of readers.

Twice: into an empty roster, and once more with a tenth of the rows changed. The worker is a
process of its own, as in an installation; meanwhile this process reads a page again and again.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure

PEOPLE = int(os.environ.get("ROSTER_ROWS", "200000"))
SECONDS, MEGABYTES = 300, 600
# The worker and the database take both cores, so a page may wait for its turn.
PATIENCE = 4.0
STAGES = ("正式党员", "正式党员", "正式党员", "预备党员", "入党积极分子")
FIELDS = ("农村", "农村", "社区", "机关", "学校")
HEAD = (
    "人员编号", "姓名", "手机号码", "支部编码", "支部名称", "关系类型", "发展阶段", "领域", "岗位",
    "状态", "起始日期", "备注",
)  # fmt: skip


def measure() -> list[Figure]:
    from tests.services import postgres

    with (
        postgres(durable=True) as url,
        tempfile.TemporaryDirectory(prefix="lectern-bench-") as folder,
    ):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        os.environ.update(
            {
                "LECTERN_VAR": folder,
                "LECTERN_MODE": "test",
                "DATABASE_URL": url,
                "LOG_LEVEL": "ERROR",
            }
        )
        import django

        django.setup()
        return imports()


def imports() -> list[Figure]:
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import setup_test_environment
    from django.utils import timezone

    from benchmarks.prefecture import prefecture_fill
    from organizations.models import Organization, Post, User

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    setup_test_environment()
    city = prefecture_fill(people=0, branches=5_000)
    officer = User.objects.create(username="officer", name="组织员", activated_at=timezone.now())
    Post.objects.create(user=officer, organization=city, role=Post.Role.AFFAIRS_OFFICER)
    branches = list(
        Organization.objects.filter(kind="branch").order_by("code").values_list("code", "name")
    )
    client = Client()
    client.force_login(officer)
    reader = Reader(client, "/me/")
    figures: list[Figure] = []
    for name, changed in (("first import", 0), ("repeat, a tenth changed", 10)):
        figures += one_import(name, officer, city, rows(branches, changed), reader)
    return figures


def one_import(
    name: str, officer: Any, city: Any, content: Iterator[list[str]], reader: "Reader"
) -> list[Figure]:
    from django.core.files import File

    from organizations.models import RosterImport
    from organizations.roster.imports import import_confirm, import_create
    from organizations.roster.writing import SheetWriter

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.xlsx"
        writer = SheetWriter(title="名册", widths=[14] * len(HEAD))
        writer.title("党员名册")
        writer.head(HEAD)
        writer.rows(content)
        writer.save(path)
        with path.open("rb") as file:
            made = import_create(
                actor=officer, unit=city, kind="people", file=File(file), file_name="a.xlsx",
                wake=False,
            )  # fmt: skip
    quiet = reader.median(seconds=5)
    with reader.reading() as busy:
        check = work(str(made.pk))
        import_confirm(actor=officer, roster_import=made, wake=False)
        commit = work(str(made.pk))
    made = RosterImport.objects.get(pk=made.pk)
    assert made.state == "done", (made.state, made.reason)
    seconds = check["seconds"] + commit["seconds"] - commit["report"]
    print(
        f"  {name}: {made.plans} {made.outcomes}; check {check['seconds']:.0f} s, "
        f"commit {commit['seconds'] - commit['report']:.0f} s, "
        f"outcome workbook {commit['report']:.0f} s; page {quiet:.0f} → "
        f"{statistics.median(busy):.0f} ms, p95 {statistics.quantiles(busy, n=20)[-1]:.0f} ms",
        file=sys.stderr,
    )
    memory = max(check["megabytes"], commit["megabytes"])
    return [
        Figure(f"{name}: checked and written", seconds, SECONDS, "s"),
        Figure(f"{name}: memory of the worker", memory, MEGABYTES, "MB"),
        Figure(f"{name}: page while importing ÷ before", statistics.median(busy) / quiet, PATIENCE),
    ]


class Reader:
    """Reads one page through the whole stack, in this process."""

    def __init__(self, client: Any, url: str) -> None:
        self.client, self.url = client, url
        for _ in range(3):
            self.once()

    def once(self) -> float:
        started = time.perf_counter()
        assert self.client.get(self.url).status_code == 200
        return 1000 * (time.perf_counter() - started)

    def median(self, *, seconds: float) -> float:
        until, times = time.monotonic() + seconds, []
        while time.monotonic() < until:
            times.append(self.once())
            time.sleep(0.1)
        return statistics.median(times)

    def reading(self) -> Any:
        from contextlib import contextmanager

        @contextmanager
        def running() -> Iterator[list[float]]:
            times: list[float] = []
            stop = threading.Event()

            def go_on() -> None:
                from django.db import connections

                while not stop.wait(0.25):
                    times.append(self.once())
                connections.close_all()

            thread = threading.Thread(target=go_on)
            thread.start()
            try:
                yield times
            finally:
                stop.set()
                thread.join()

        return running()


def work(key: str) -> dict[str, float]:
    """One call of the worker in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.roster_import", key],
        check=True,
        stdout=subprocess.PIPE,
    )
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def worker(key: str) -> None:
    import resource
    import uuid

    import django

    django.setup()
    from organizations.roster import work

    report, spent = work._report, 0.0

    def timed(*args: Any) -> None:
        nonlocal spent
        started = time.monotonic()
        report(*args)
        spent = time.monotonic() - started

    work._report = timed
    started = time.monotonic()
    assert work.import_work(key=uuid.UUID(key))
    print(
        json.dumps(
            {
                "seconds": time.monotonic() - started,
                "report": spent,
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


def rows(branches: list[tuple[str, str]], changed: int) -> Iterator[list[str]]:
    """The same people each time; every tenth with another name, phone or branch."""
    for number in range(PEOPLE):
        change = changed and number % changed == 0
        code, name = branches[(number + (1 if change and number % 30 == 0 else 0)) % len(branches)]
        moved = change and number % 30 == 0
        yield [
            f"P{number:06}",
            f"王{'建' if change and number % 30 == 10 else '立'}{'国强明华'[number % 4]}",
            f"1{'7' if change and number % 30 == 20 else '8'}8{number:08}",
            code,
            name,
            "组织关系",
            STAGES[number % 5],
            FIELDS[number % 5],
            "支委" if number % 20 == 0 else "",
            "离退休" if number % 3 == 0 else "",
            "" if moved else f"20{10 + number % 15}.{1 + number % 12}",
            "示例",
        ]


if __name__ == "__main__":
    worker(sys.argv[1])
