"""A subtree of 1,000 units moves while others read: nobody who reads ever waits for it.

On PostgreSQL with a prefecture of 200,000 people. The move's transaction is held open for some
seconds after its work is done, the worst case for whoever it could block; meanwhile two other
processes read rosters, scopes and figures as they did before. Locks that somebody waits for are
counted in pg_locks all the while. `TREE_PEOPLE` takes fewer people.
"""

import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

from benchmarks.figures import Figure

PEOPLE = int(os.environ.get("TREE_PEOPLE", "200000"))
UNITS, READERS, HOLD_SECONDS = 1_000, 2, 8.0
BEFORE, DURING, OVER = 0, 1, 2


def measure() -> list[Figure]:
    """In a process of its own: settings know one database for the life of a process."""
    from tests.services import postgres

    with (
        postgres(durable=True) as url,
        tempfile.TemporaryDirectory(prefix="lectern-bench-") as folder,
    ):
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LECTERN_VAR": folder,
            "LECTERN_MODE": "test",
            "DATABASE_URL": url,
            "LOG_LEVEL": "ERROR",
        }
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.tree_move"],
            env=env,
            stdout=subprocess.PIPE,
            check=True,
        )
    return [Figure(**figure) for figure in json.loads(done.stdout)]


def moving() -> list[Figure]:
    from django.core.management import call_command
    from django.db import connection, transaction

    from organizations.models import Placement
    from organizations.units.history import placements_on
    from organizations.units.tree import organization_move

    call_command("migrate", verbosity=0, interactive=False)
    moved, target, users = fill()
    connection.close()
    spawn = multiprocessing.get_context("spawn")
    phase, results = spawn.Value("i", BEFORE), spawn.Queue()
    readers = [spawn.Process(target=read, args=(user, phase, results)) for user in users]
    for reader in readers:
        reader.start()
    for _ in readers:
        assert results.get(timeout=120) == "ready"
    time.sleep(HOLD_SECONDS)
    phase.value = DURING
    waits = Waits()
    waits.start()
    with transaction.atomic():
        started, rows = time.perf_counter(), Placement.objects.count()
        organization_move(actor=None, organization=moved, parent=target)
        took = time.perf_counter() - started
        rows = Placement.objects.count() - rows
        time.sleep(HOLD_SECONDS)
    phase.value = OVER
    waits.stop()
    times: dict[int, list[float]] = {BEFORE: [], DURING: []}
    for _ in readers:
        for number, seconds in results.get(timeout=120):
            times[number].append(seconds)
    for reader in readers:
        reader.join(30)
    place = placements_on(moved.opened_on).filter(organization=moved).get()
    assert placements_on(moved.opened_on).within(place).count() >= UNITS
    open_for = took + HOLD_SECONDS
    print(
        f"  {rows} units moved in {took:.2f} s, held open for {open_for:.1f} s; "
        f"{len(times[DURING])} reads meanwhile, the longest {1000 * max(times[DURING]):.0f} ms, "
        f"before {1000 * max(times[BEFORE]):.0f} ms",
        file=sys.stderr,
    )
    medians = {number: statistics.median(one) for number, one in times.items()}
    return [
        Figure("moving 1,000 units: locks that somebody waited for", waits.most, 0),
        Figure(
            "moving 1,000 units: longest read during ÷ time it was open",
            max(times[DURING]) / open_for,
            0.5,
        ),
        Figure(
            "moving 1,000 units: longest read during ÷ before",
            max(times[DURING]) / max(times[BEFORE]),
            5,
        ),
        Figure(
            "moving 1,000 units: median read during ÷ before",
            medians[DURING] / medians[BEFORE],
            2,
        ),
    ]


def fill() -> tuple[Any, Any, list[int]]:
    """The prefecture; a line with 1,000 branches and people in it, another line to move it to,
    and officers who read: of the whole city and of the line that moves.
    """
    from django.utils import timezone

    from benchmarks.prefecture import OPENED, prefecture_fill
    from organizations.models import Membership, Organization, Post, User
    from organizations.units.tree import NewUnit, organizations_create

    city = prefecture_fill(people=PEOPLE)
    rows = [NewUnit(code, f"示例工委{code}", "line", city.code) for code in ("L1", "L2")]
    rows += [NewUnit("L1M", "示例系统党委", "line", "L1")]
    rows += [NewUnit(f"L1M-{n}", f"示例党支部{n}", "branch", "L1M") for n in range(UNITS - 1)]
    organizations_create(actor=None, rows=rows, on=OPENED)
    branches = Organization.objects.filter(code__startswith="L1M-").values_list("pk", flat=True)
    homes = Membership.objects.filter(kind=Membership.Kind.HOME, valid_to=None)
    some = list(homes.order_by("pk")[: 20 * UNITS])
    units = list(branches)
    for number, row in enumerate(some):
        row.organization_id = units[number % len(units)]
    Membership.objects.bulk_update(some, ["organization"], batch_size=1000)
    users = []
    for number, unit in zip(range(READERS), (city, "L1"), strict=True):
        found = Organization.objects.get(code=unit) if unit == "L1" else unit
        user = User.objects.create(
            username=f"reader{number}", name="组织员", activated_at=timezone.now()
        )
        Post.objects.create(user=user, organization=found, role=Post.Role.AFFAIRS_OFFICER)
        users.append(user.pk)
    moved, target = (Organization.objects.get(code=code) for code in ("L1M", "L2"))
    return moved, target, users


def read(user_id: int, phase: Any, results: Any) -> None:
    """Read what pages read, again and again, until the move is over."""
    import django

    django.setup()
    from organizations.models import Organization, User
    from organizations.units.history import figures

    user = User.objects.get(pk=user_id)
    line = Organization.objects.get(code="L1")
    queries = [
        lambda: list(User.objects.visible_to(user).order_by("name", "pk")[:50]),
        lambda: Organization.objects.visible_to(user).count(),
        lambda: figures(line),
    ]
    for query in queries:
        query()
    results.put("ready")
    times = []
    while phase.value != OVER:
        for query in queries:
            now, started = phase.value, time.perf_counter()
            query()
            times.append((min(now, DURING), time.perf_counter() - started))
        time.sleep(0.02)
    results.put(times)


class Waits:
    """The most locks that anybody waited for at one moment."""

    def __init__(self) -> None:
        self.most = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            while not self._over.is_set():
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                self.most = max(self.most, cursor.fetchone()[0])
                time.sleep(0.02)
        connection.close()


if __name__ == "__main__":
    import dataclasses

    import django

    django.setup()
    print(json.dumps([dataclasses.asdict(figure) for figure in moving()]))
