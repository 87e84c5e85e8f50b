"""A rule that enrols more than 50,000 of 200,000 members, on PostgreSQL: seconds, memory of the
worker, patience of others.

First a pass into an empty run, where every tenth person has completed its lectures before; then a
pass that finds nobody new, as each night. The worker is a process of its own, as in an
installation; meanwhile this process opens a learner's page and the keeper's desk, and enrols
somebody by hand, which is logged and so waits whenever the worker holds the end of the log.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.roster_import import LONGEST_ACT, PATIENCE, Repeated, told

PEOPLE, ENROLLED = 200_000, 50_000
# As much memory as the worker of an import (`roster_import`).
SECONDS, MEGABYTES = 60, 600
LECTURES = 8


def measure() -> list[Figure]:
    from tests.services import embedded_redis, postgres

    with (
        tempfile.TemporaryDirectory(prefix="lectern-bench-") as folder,
        postgres(durable=True) as url,
        embedded_redis(Path(folder)) as redis,
    ):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        os.environ.update(
            {
                "LECTERN_VAR": folder,
                "LECTERN_MODE": "test",
                "DATABASE_URL": url,
                "REDIS_URL": redis,
                "LOG_LEVEL": "ERROR",
            }
        )
        import django

        django.setup()
        return passes()


def passes() -> list[Figure]:
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import setup_test_environment
    from django.utils import timezone

    from benchmarks.prefecture import prefecture_fill
    from lms.classes.enrolments import enrolment_create, enrolment_withdraw
    from lms.classes.models import Enrolment, EnrolmentRule
    from lms.watching.models import Completion
    from organizations.models import User
    from tests.factories import LecturePageFactory, TrainingClassFactory, UserFactory

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    setup_test_environment()
    started = time.perf_counter()
    city = prefecture_fill(people=PEOPLE)
    lectures = LecturePageFactory.create_batch(LECTURES, organization=city)
    run = TrainingClassFactory(organization=city, required=lectures)
    before = timezone.now() - dt.timedelta(days=30)
    learnt = User.objects.filter(code__endswith="3").values_list("pk", flat=True)
    Completion.objects.bulk_create(
        (
            Completion(
                user_id=person, lecture=lecture, asset=lecture.asset, completed_at=before,
                rule_version=1, covered=60,
            )
            for person in learnt
            for lecture in lectures
        ),
        batch_size=5000,
    )  # fmt: skip
    print(f"  filled in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    officer = UserFactory(officer=True, unit=city)
    person = User.objects.get(code="P000031")
    reader, learner = Client(), Client()
    reader.force_login(officer)
    learner.force_login(person)

    def read() -> None:
        assert learner.get("/classes/").status_code == 200
        assert reader.get(f"/classes/{run.pk}/desk/").status_code == 200

    by_hand = TrainingClassFactory(organization=city, required=lectures[:1])

    def enrol() -> None:
        enrolment = enrolment_create(training_class=by_hand, user=person, actor=officer)
        enrolment_withdraw(enrolment=enrolment, actor=officer)

    others = (Repeated(read), Repeated(enrol))
    rule = EnrolmentRule.objects.create(
        training_class=run, unit=city, tags={"field": "rural"}, created_by=officer
    )
    found = one_pass("first pass", rule.pk, *others)
    rows = Enrolment.objects.filter(training_class=run)
    assert rows.count() >= ENROLLED, rows.count()
    assert rows.exclude(completed_at=None).exists()
    print(f"  enrolled {rows.count()}", file=sys.stderr)
    EnrolmentRule.objects.update(state=EnrolmentRule.State.WAITING)
    count = rows.count()
    found += one_pass("pass of a night", rule.pk, *others)
    assert rows.count() == count
    return found


def one_pass(name: str, key: uuid.UUID, reading: Repeated, acting: Repeated) -> list[Figure]:
    quiet, quiet_act = reading.median(seconds=3), acting.median(seconds=3)
    with reading.going_on() as pages, acting.going_on() as acts:
        done = work(str(key))
    quiet = max(quiet, reading.median(seconds=3))
    print(
        f"  {name}: {done['seconds']:.1f} s; pages {quiet:.0f} → {told(pages)}; "
        f"enrolling by hand {quiet_act:.0f} → {told(acts)}",
        file=sys.stderr,
    )
    return [
        Figure(f"{name}: in the background", done["seconds"], SECONDS, "s"),
        Figure(f"{name}: memory of the worker", done["megabytes"], MEGABYTES, "MB"),
        Figure(f"{name}: pages meanwhile ÷ quiet", statistics.median(pages) / quiet, PATIENCE),
        Figure(f"{name}: longest wait of an act", max(acts) / 1000, LONGEST_ACT, "s"),
    ]


def work(key: str) -> dict[str, float]:
    """One pass in a process of its own."""
    run = [sys.executable, "-m", "benchmarks.rule_enrolment", key]
    answer: dict[str, float] = json.loads(
        subprocess.run(run, check=True, stdout=subprocess.PIPE).stdout
    )
    return answer


def worker(key: str) -> None:
    import resource

    import django

    django.setup()
    from lms.classes.enrolling import rule_work

    started = time.monotonic()
    assert rule_work(key=uuid.UUID(key))
    facts: dict[str, Any] = {
        "seconds": time.monotonic() - started,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    worker(sys.argv[1])
