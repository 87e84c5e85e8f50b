"""Counting: people who are marked are derived anew, and what changed of them is added to the sums.

One hand counts at a time (`Counting`, held by its row until the end of the transaction), a batch
of people a transaction. A mark that was there before the people were read goes with them in the
same transaction; one that comes later stays. So a worker that is killed leaves all as it was,
and counting somebody twice adds nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from lms.reports.contributions import (
    NOBODY,
    Contributions,
    Person,
    added,
    contributions,
    difference,
    months_learnt,
    person_of,
    plain,
)
from lms.reports.deriving import Derived, people_derived
from lms.reports.models import Counted, Counting, Mark, Tally

BATCH = 200
ROWS = 500
TALLIES = Tally._meta.db_table
_KEY = "unit_id, what, item, month, before"
_SUMS = ("people", "times", "hours", "counted")


def hand(*, patience: str = "") -> Counting | None:
    """The right to write sums, until the end of the transaction. None while another has it; with
    `patience` ("10s") whoever counts a batch is waited for so long, then `is_busy` is raised.

    SQLite has no row locks; there the transaction itself is the only writer.
    """
    Counting.objects.get_or_create(pk=1)
    if patience and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [patience])
    rows = Counting.objects.select_for_update(skip_locked=not patience)
    return rows.filter(pk=1).first()


def is_busy(problem: OperationalError) -> bool:
    """Whether patience ran out."""
    return getattr(problem.__cause__, "sqlstate", "") == "55P03"


def marks_count(*, now: dt.datetime | None = None, batches: int | None = None) -> int:
    """Count who is marked, so many batches at most; how many people were."""
    found = 0
    while batches is None or batches > 0:
        people = _batch(now or timezone.now())
        if not people:
            break
        found += people
        batches = None if batches is None else batches - 1
    return found


@transaction.atomic
def _batch(now: dt.datetime) -> int:
    state = hand()
    if state is None:
        return 0
    marks = list(Mark.objects.order_by("pk").values_list("pk", "user_id")[:BATCH])
    if not marks:
        state.counted_to = now
        state.save(update_fields=["counted_to"])
        return 0
    people = {user for _, user in marks}
    people_count(people, today=timezone.localdate(now))
    Mark.objects.filter(pk__in=[pk for pk, _ in marks]).delete()
    return len(people)


def people_count(user_ids: Collection[int], *, today: dt.date) -> None:
    """Bring what these people are counted with to what is derived. Only by the hand."""
    rows = Counted.objects.filter(user__in=user_ids)
    before = {one.user_id: person_of(one.state) for one in rows}
    derived = people_derived(user_ids, today=today)
    tallies_add(
        added(
            difference(contributions(one.person), contributions(before.get(user, NOBODY)))
            for user, one in derived.items()
            if one.person != before.get(user, NOBODY)
        )
    )
    Counted.objects.bulk_create(
        [counted_row(user, one, year=today.year) for user, one in derived.items()],
        update_conflicts=True,
        unique_fields=["user"],
        update_fields=[
            *("home", "is_asked", "months", "target", "hours"),
            *("state", "roster", "entries"),
        ],
        batch_size=ROWS,
    )


def counted_row(user: int, derived: Derived, *, year: int) -> Counted:
    return Counted(
        user_id=user,
        state=plain(derived.person),
        **for_lists(derived.person, year=year),
        roster=derived.roster,
        entries=derived.entries,
    )


def for_lists(person: Person, *, year: int) -> dict[str, Any]:
    """What lists are narrowed by; all of it follows from the state."""
    now = next((one for one in person.years if one.year == year), None)
    return {
        "home_id": person.home[-1] if person.home else None,
        "is_asked": person.is_asked,
        "months": months_learnt(person),
        "target": now.target if now is not None else None,
        "hours": now.counted if now is not None else 0,
    }


def tallies_add(found: Contributions) -> None:
    """Add to the rows of sums. Only by the hand."""
    if not found:
        return
    columns = f"{_KEY}, {', '.join(_SUMS)}"
    plus = ", ".join(f"{name} = {TALLIES}.{name} + excluded.{name}" for name in _SUMS)
    add = f"INSERT INTO {TALLIES} ({columns}) {{}} ON CONFLICT ({_KEY}) DO UPDATE SET {plus}"
    rows = [(*map(int, key), *amount) for key, amount in sorted(found.items())]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # As columns: to read a mark for each value takes longer than to add them.
            arrays = ", ".join(["%s::bigint[]"] * len(rows[0]))
            columns_of = [list(values) for values in zip(*rows, strict=True)]
            cursor.execute(add.format(f"SELECT * FROM unnest({arrays})"), columns_of)
        else:
            marks = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(add.format(f"VALUES ({marks})"), rows)
