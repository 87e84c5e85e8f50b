"""A workbook of 200,000 people into PostgreSQL: seconds, memory of the worker, patience of others.

Twice: into an empty roster, and once more with a tenth of the rows changed. The worker is a
process of its own, as in an installation; meanwhile this process reads the roster that is being
written and renames one person, again and again. Renaming is an act that is logged, so it waits
whenever a chunk of the import holds the end of the log.
"""

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure

PEOPLE = int(os.environ.get("ROSTER_ROWS", "200000"))
SECONDS, MEGABYTES = 300, 600
# The worker and the database take both cores, so a page may wait for its turn.
PATIENCE = 4.0
# The longest that somebody who writes may wait, in seconds: as long as people take for the line.
LONGEST_ACT = 3.0
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
    from django.utils import timezone

    from benchmarks.prefecture import prefecture_fill
    from organizations.models import Membership, Organization, Post, User

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    city = prefecture_fill(people=0, branches=5_000)
    officer = User.objects.create(username="officer", name="组织员", activated_at=timezone.now())
    Post.objects.create(user=officer, organization=city, role=Post.Role.AFFAIRS_OFFICER)
    branches = list(
        Organization.objects.filter(kind="branch").order_by("code").values_list("code", "name")
    )
    person = User.objects.create(username="renamed", name="王甲", code="RENAMED")
    Membership.objects.create(
        user=person, organization=Organization.objects.get(code=branches[0][0])
    )
    reader, writer = Client(), Client()
    for client in (reader, writer):
        client.force_login(officer)

    def read() -> None:
        assert reader.get(f"/people/in/{city.code}/").status_code == 200

    names = itertools.cycle(("王甲", "王乙"))

    def rename() -> None:
        said = {"name": next(names), "code": person.code, "phone": ""}
        assert writer.post(f"/people/{person.pk}/change/", said).status_code == 302

    others = (Repeated(read), Repeated(rename))
    figures: list[Figure] = []
    for name, changed in (("first import", 0), ("repeat, a tenth changed", 10)):
        figures += one_import(name, officer, city, rows(branches, changed), *others)
    return figures


def one_import(
    name: str,
    officer: Any,
    city: Any,
    content: Iterator[list[str]],
    reading: "Repeated",
    renaming: "Repeated",
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
    quiet, quiet_act = reading.median(seconds=5), renaming.median(seconds=5)
    with reading.going_on() as pages, renaming.going_on() as acts:
        check = work(str(made.pk))
        import_confirm(actor=officer, roster_import=made, wake=False)
        commit = work(str(made.pk))
    made = RosterImport.objects.get(pk=made.pk)
    assert made.state == "done", (made.state, made.reason)
    # The page of an empty roster is quicker than that of a full one.
    quiet = max(quiet, reading.median(seconds=5))
    seconds = check["seconds"] + commit["seconds"] - commit["report"]
    print(
        f"  {name}: {made.plans} {made.outcomes}; check {check['seconds']:.0f} s, "
        f"commit {commit['seconds'] - commit['report']:.0f} s, "
        f"outcome workbook {commit['report']:.0f} s; "
        f"roster page {quiet:.0f} → {told(pages)}; renaming {quiet_act:.0f} → {told(acts)}",
        file=sys.stderr,
    )
    memory = max(check["megabytes"], commit["megabytes"])
    return [
        Figure(f"{name}: checked and written", seconds, SECONDS, "s"),
        Figure(f"{name}: memory of the worker", memory, MEGABYTES, "MB"),
        Figure(
            f"{name}: roster page while importing ÷ quiet",
            statistics.median(pages) / quiet,
            PATIENCE,
        ),
        Figure(
            f"{name}: renaming while importing ÷ before",
            statistics.median(acts) / quiet_act,
            PATIENCE,
        ),
        Figure(f"{name}: longest wait of a rename", max(acts) / 1000, LONGEST_ACT, "s"),
    ]


def told(times: list[float]) -> str:
    """Milliseconds."""
    p95 = statistics.quantiles(times, n=20)[-1]
    return f"{statistics.median(times):.0f} ms, p95 {p95:.0f} ms, longest {max(times):.0f} ms"


class Repeated:
    """One request through the whole stack in this process, again and again; milliseconds."""

    def __init__(self, request: Callable[[], None]) -> None:
        self.request = request
        for _ in range(3):
            self.once()

    def once(self) -> float:
        started = time.perf_counter()
        self.request()
        return 1000 * (time.perf_counter() - started)

    def median(self, *, seconds: float) -> float:
        until, times = time.monotonic() + seconds, []
        while time.monotonic() < until:
            times.append(self.once())
            time.sleep(0.1)
        return statistics.median(times)

    @contextmanager
    def going_on(self) -> Iterator[list[float]]:
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
                # With the process that reads the file beside it.
                "megabytes": sum(
                    resource.getrusage(who).ru_maxrss / 1024
                    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
                ),
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
