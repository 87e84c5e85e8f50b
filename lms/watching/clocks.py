"""The row of a person's clock, whose lock orders all writes about that person's watching."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from lms.watching.evidence import Clock
from lms.watching.models import PersonClock


def clock_locked(user_id: int, now: dt.datetime) -> Clock:
    """The person's clock, made when there is none, locked until the end of the transaction.

    SQLite has no row locks; there the transaction itself is the only writer (BEGIN IMMEDIATE).
    """
    rows = PersonClock.objects.select_for_update().filter(pk=user_id)
    row = rows.first()
    if row is None:
        fresh = Clock.fresh(now)
        PersonClock.objects.get_or_create(
            pk=user_id,
            defaults={
                "budget": fresh.budget,
                "settled_at": fresh.settled_at,
                "open_until": fresh.open_until,
            },
        )
        row = rows.get()
    return Clock(budget=row.budget, settled_at=row.settled_at, open_until=row.open_until)


def people_locked(user_ids: Iterable[int]) -> None:
    """The same lock on several people, for whoever writes what follows from their completions:
    nobody takes back what these rest on meanwhile. Whoever never watched gets a clock to lock.
    """
    people = sorted(user_ids)
    rows = PersonClock.objects.filter(pk__in=people)
    new = set(people).difference(rows.values_list("pk", flat=True))
    PersonClock.objects.bulk_create(map(PersonClock, sorted(new)), ignore_conflicts=True)
    list(rows.select_for_update().order_by("pk").values_list("pk"))


def clock_save(user_id: int, clock: Clock) -> None:
    """Only under the lock."""
    PersonClock.objects.filter(pk=user_id).update(
        budget=clock.budget, settled_at=clock.settled_at, open_until=clock.open_until
    )
