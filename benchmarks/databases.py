"""A benchmark in PostgreSQL and in SQLite, each in a process of its own: settings are read once."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks.figures import Figure
from tests.services import embedded_redis, postgres

ROOT = Path(__file__).resolve().parent.parent


def on_both(module: str) -> list[Figure]:
    """Run the module, which hands its figures over with `tell`, in an empty database of each."""
    found = []
    for name in ("PostgreSQL", "SQLite"):
        with (
            tempfile.TemporaryDirectory(prefix="lectern-bench-") as folder,
            postgres(durable=True) as database,
            embedded_redis(Path(folder)) as redis,
            tempfile.TemporaryFile("w+") as answer,
        ):
            addresses = {"LECTERN_VAR": folder, "LECTERN_MODE": "test", "REDIS_URL": redis}
            if name == "PostgreSQL":
                addresses["DATABASE_URL"] = database
            run = [sys.executable, "-m", module]
            subprocess.run(run, cwd=ROOT, check=True, stdout=answer, env=os.environ | addresses)
            answer.seek(0)
            for line in answer:
                what, value, limit, unit = line.rstrip("\n").split("\t")
                found.append(Figure(f"{name}, {what}", float(value), float(limit), unit))
    return found


def settle() -> None:
    """Before pages are timed: the database knows its tables, and answers on the core that asks;
    what the site consists of is left alone by the collector, as `config.wsgi` has it.

    A visitor alone leaves both cores asleep in turn, and a virtual machine takes longer to wake one
    than the page to be made. On a single core, which is less than any installation has, question
    and answer only take turns.
    """
    from django.db import connection

    gc.collect()
    gc.freeze()
    on_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if on_postgresql else "ANALYZE")
        if not hasattr(os, "sched_setaffinity"):
            return
        core = {min(os.sched_getaffinity(0))}
        os.sched_setaffinity(0, core)
        if on_postgresql:
            cursor.execute("SELECT pg_backend_pid()")
            os.sched_setaffinity(cursor.fetchone()[0], core)


def tell(figures: Iterable[Figure]) -> None:
    for figure in figures:
        print(figure.name, figure.value, figure.limit, figure.unit, sep="\t")
