"""Reports of a prefecture of 200,000 members over 24 months: some 20 million credit entries, on
PostgreSQL, against a database a tenth the size.

Each page is visited for nodes and months drawn by chance (the same in both databases), through
middleware, views and templates. The rows are filled by statements over whole sets, the sums among
them by a way of their own; that this is what counting makes of the same entries is checked in a
database a hundredth the size. A workbook of 200,000 rows is streamed in a process of its own.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.report_rows import MONTHS, fill
from benchmarks.roster_pages import servers

ROOT = Path(__file__).resolve().parent.parent
PARTS = int(os.environ.get("REPORT_PARTS", "1"))  # while developing: a hundredth, say
ENTRIES = 20_000_000
MILLISECONDS, RATIO, MEGABYTES = 300, 1.3, 300
# Of the table of a class of 50,000: it counts evidence as it stands, not sums of it.
TABLE, TABLE_MILLISECONDS = "progress of the class", 1000
VISITS = 150
ROWS = 200_000


def measure() -> list[Figure]:
    checked = in_database("check", 100 * PARTS)
    small, whole = in_database("pages", 10 * PARTS), in_database("pages", PARTS)
    found = [Figure("report figures that counting makes otherwise", checked["doubts"], 0)]
    if PARTS == 1:
        assert whole["entries"] >= ENTRIES, whole["entries"]
    for page, times in whole["pages"].items():
        p95, before = _p95(times), _p95(small["pages"][page])
        most = TABLE_MILLISECONDS if page == TABLE else MILLISECONDS
        found.append(Figure(f"{page}: p95 at {whole['entries']:,} entries", p95, most, "ms"))
        if page == "report":
            name = f"{page}: p95 to a tenth ({before:.0f} ms)"
            found.append(Figure(name, p95 / before, RATIO, "x"))
        print(f"  {page}: {before:.0f} → {p95:.0f} ms", file=sys.stderr)
    name = f"workbook of {whole['workbook']['rows']:,} rows, streamed: memory"
    found.append(Figure(name, whole["workbook"]["megabytes"], MEGABYTES, "MB"))
    print(f"  workbook: {whole['workbook']}", file=sys.stderr)
    return found


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def in_database(act: str, parts: int) -> dict[str, Any]:
    with servers() as addresses:
        run = [sys.executable, "-m", "benchmarks.report_pages", act, str(parts)]
        answer = subprocess.run(
            run, cwd=ROOT, check=True, stdout=subprocess.PIPE, env=os.environ | addresses
        ).stdout
        found: dict[str, Any] = json.loads(answer)
        return found


# -- in the empty database that the environment names ----------------------------------------------


def check(parts: int) -> dict[str, Any]:
    fill(parts)
    from lms.reports.rebuilding import figures_doubts

    started = time.perf_counter()
    doubts = figures_doubts()
    print(f"  checked in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    for one in doubts[:20]:
        print(one.text(), file=sys.stderr)
    return {"doubts": len(doubts)}


def pages(parts: int) -> dict[str, Any]:
    fill(parts)
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from benchmarks.databases import settle
    from lms.classes.models import TrainingClass
    from lms.ledger.models import CreditEntry
    from organizations.models import Organization, User

    call_command("collectstatic", verbosity=0, interactive=False)
    settings.ALLOWED_HOSTS = ["testserver"]
    settle()
    client = Client()
    client.force_login(User.objects.get(username="reader"))
    run = TrainingClass.objects.get()
    units = {
        kind: list(Organization.objects.filter(kind=kind).values_list("code", flat=True))
        for kind in ("city", "county", "township", "branch")
    }
    lectures = list(_lectures())
    asked = {
        "report": "/reports/?",
        "who has not yet": "/reports/missing/?",
        "target not reached": "/reports/missing/?of=target&",
        "rows": "/reports/rows/?",
        "lectures": "/reports/lectures/?",
        "people of a lecture": "/reports/rows/?lecture={lecture}&",
        "class": f"/reports/classes/{run.pk}/?",
        "who lacks the class": f"/reports/classes/{run.pk}/missing/?",
        TABLE: f"/classes/{run.pk}/progress/?",
    }
    chance = random.Random(2113)
    found: dict[str, list[float]] = {page: [] for page in asked}
    for _ in range(VISITS):
        code = chance.choice(units[chance.choice(list(units))])
        first, last = sorted(chance.choices(range(MONTHS), k=2))
        months = f"from={_month(first)}&to={_month(last)}&unit={code}"
        for page, path in asked.items():
            url = path.format(lecture=chance.choice(lectures)) + months
            started = time.perf_counter()
            response = client.get(url)
            found[page].append(1000 * (time.perf_counter() - started))
            assert response.status_code == 200, (url, response.status_code)
    for page, times in found.items():
        worst = sorted(times)
        print(
            f"  1/{parts} {page:22} p50 {worst[len(worst) // 2]:6.0f} p95 {_p95(times):6.0f} "
            f"most {worst[-1]:6.0f} ms",
            file=sys.stderr,
        )
    return {
        "pages": found,
        "entries": CreditEntry.objects.count(),
        "workbook": workbook() if parts == PARTS else None,
    }


def workbook() -> dict[str, Any]:
    """Of the unit and months that have just enough rows."""
    from django.db.models import Sum

    from lms.reports.contributions import What
    from lms.reports.models import Tally
    from lms.reports.months import month_text

    sums = (
        Tally.objects.filter(
            what=What.LEARNT, item=0, unit__kind__in=("county", "township", "city")
        )
        .values_list("unit__code", "month")
        .annotate(n=Sum("times"))
        .order_by("unit__code", "month")
    )
    by_unit: dict[str, list[tuple[int, int]]] = {}
    for code, month, n in sums:
        by_unit.setdefault(code, []).append((month, n))
    best: tuple[int, str, int, int] | None = None
    for code, months in by_unit.items():
        for start in range(len(months)):
            total = 0
            for month, n in months[start:]:
                total += n
                if total >= ROWS // PARTS:
                    best = min(best or (total, code, 0, 0), (total, code, months[start][0], month))
                    break
    assert best is not None
    _n, code, first, last = best
    if not first:
        first = last = by_unit[code][0][0]
    url = f"/reports/rows/?unit={code}&from={month_text(first)}&to={month_text(last)}&export=xlsx"
    run = [sys.executable, "-m", "benchmarks.report_pages", "stream", url]
    answer = subprocess.run(run, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    found: dict[str, Any] = json.loads(answer)
    return found


def stream(url: str) -> dict[str, Any]:
    import resource
    import tempfile

    from django.conf import settings
    from django.test import Client

    from lms.reports import sheets
    from organizations.models import User

    settings.ALLOWED_HOSTS = ["testserver"]
    sheets.MOST = 10 * ROWS
    client = Client()
    client.force_login(User.objects.get(username="reader"))
    started = time.perf_counter()
    response = client.get(url)
    with tempfile.TemporaryFile() as file:
        for piece in response.streaming_content:  # type: ignore[attr-defined]
            file.write(piece)
        size = file.tell()
        seconds = time.perf_counter() - started
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        file.seek(0)
        rows = _rows_in(file)
    return {"rows": rows, "seconds": seconds, "megabytes": megabytes, "bytes": size}


def _rows_in(file: Any) -> int:
    import zipfile

    with zipfile.ZipFile(file) as book, book.open("xl/worksheets/sheet1.xml") as sheet:
        # Title, three lines, head and sums are none of them.
        return sum(part.count(b"<row ") for part in iter(lambda: sheet.read(1 << 20), b"")) - 6


def _month(number: int) -> str:
    from django.utils import timezone

    from lms.reports.months import month_of, month_text

    return month_text(month_of(timezone.localdate()) - MONTHS + 1 + number)


def _lectures() -> Iterator[int]:
    from cms.models import LecturePage

    yield from LecturePage.objects.order_by("pk").values_list("pk", flat=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    act, given = sys.argv[1:]
    done = stream(given) if act == "stream" else {"check": check, "pages": pages}[act](int(given))
    print(json.dumps(done))
