"""Every figure once more: people derived anew, their sums made anew beside those that stand.

Under the hand that counts, so nothing else writes sums meanwhile; who is marked waits to be counted
and is no doubt. People are walked a batch at a time and the new sums lie in a table of their own,
so memory does not grow with them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from lms.reports.contributions import (
    NOBODY,
    Amount,
    Contributions,
    Key,
    What,
    added,
    contributions,
    person_of,
)
from lms.reports.counting import (
    FOR_LISTS,
    TALLIES,
    counted_row,
    hand,
    marks_count,
    people_count,
    tallies_add,
)
from lms.reports.deriving import people_derived
from lms.reports.looking import look
from lms.reports.models import Counted, Mark, Tally
from lms.reports.months import month_text
from lms.watching.rederiving import people_in_batches

# Whoever counts ends a batch within seconds.
PATIENCE = "300s"
AGAIN = "reports_again"
_COLUMNS = (*("unit_id", "what", "item", "month", "before"), *Amount._fields)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row that is not what it should be: a person's, or a unit's sums."""

    table: str
    row: str
    problem: str

    def text(self) -> str:
        return f"{self.table} {self.row}: {self.problem}"


@transaction.atomic
def figures_doubts(*, mend: bool = False, now: dt.datetime | None = None) -> list[Doubt]:
    """What differs from what is derived; with `mend` it no longer does afterwards."""
    hand(patience=PATIENCE)
    today = timezone.localdate(now)
    if mend:
        Mark.objects.all().delete()
    found: list[Doubt] = []
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {AGAIN}")
        cursor.execute(
            f"CREATE TEMPORARY TABLE {AGAIN} (unit_id bigint, what integer, item bigint, "
            "month integer, before integer, people bigint, times bigint, hours bigint, "
            "counted bigint, PRIMARY KEY (unit_id, what, item, month, before))"
        )
    for users in people_in_batches():
        found += _people(users, today=today, mend=mend)
    wrong = _difference()
    found += [_sums_doubt(key, amount) for key, amount in wrong.items()]
    with connection.cursor() as cursor:
        if mend:
            tallies_add({key: Amount(*(-n for n in amount)) for key, amount in wrong.items()})
            empty = " AND ".join(f"{name} = 0" for name in Amount._fields)
            cursor.execute(f"DELETE FROM {TALLIES} WHERE {empty}")
        cursor.execute(f"DROP TABLE {AGAIN}")
    return found


def figures_rebuild(*, now: dt.datetime | None = None) -> list[Doubt]:
    """Mend, then count what came meanwhile."""
    found = figures_doubts(mend=True, now=now)
    look(now=now)
    marks_count(now=now)
    return found


def _people(users: list[int], *, today: dt.date, mend: bool) -> Iterator[Doubt]:
    derived = people_derived(users, today=today)
    counted = {one.user_id: one for one in Counted.objects.filter(user__in=users)}
    # Asked for after what they were derived from: an entry that was seen has its mark by now.
    waiting = set(Mark.objects.filter(user__in=users).values_list("user_id", flat=True))
    parts = []
    for user, one in derived.items():
        stored = counted.get(user)
        person = person_of(stored.state) if stored is not None else NOBODY
        if user not in waiting:
            due = counted_row(user, one, year=today.year)
            wrong = [
                name
                for name in FOR_LISTS
                if stored is not None and getattr(stored, name) != getattr(due, name)
            ]
            if person != one.person:
                yield Doubt("reports.Counted", str(user), "not what the ledger and roster say")
            elif wrong:
                yield Doubt("reports.Counted", str(user), f"altered ({', '.join(wrong)})")
        parts.append(contributions(person if user in waiting else one.person))
    tallies_add(added(parts), table=AGAIN)
    if mend:
        # Sums are put right from the other table; this writes what people are counted with.
        people_count(users, today=today)


def _difference() -> Contributions:
    """What the standing sums have more than those made anew."""
    sums = ", ".join(f"SUM({name})" for name in Amount._fields)
    minus = ", ".join(f"-{name}" for name in Amount._fields)
    key = ", ".join(_COLUMNS[: len(Key._fields)])
    other = " OR ".join(f"SUM({name}) <> 0" for name in Amount._fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, {sums} FROM (SELECT {', '.join(_COLUMNS)} FROM {TALLIES} "
            f"UNION ALL SELECT {key}, {minus} FROM {AGAIN}) AS both_ways "
            f"GROUP BY {key} HAVING {other} ORDER BY {key}"
        )
        return {Key(*row[:5]): Amount(*map(int, row[5:])) for row in cursor.fetchall()}


def _sums_doubt(key: Key, amount: Amount) -> Doubt:
    row = Tally.objects.filter(
        unit=key.unit, what=key.what, item=key.item, month=key.month, before=key.before
    ).first()
    when = month_text(key.month) if key.month >= 12_000 else str(key.month)
    named = f"{row.pk if row else ''} (unit {key.unit}, {What(key.what).name.lower()} {key.item}"
    more = ", ".join(
        f"{name} {value:+}" for name, value in zip(Amount._fields, amount, strict=True) if value
    )
    return Doubt("reports.Tally", f"{named}, {when}, after {key.before})", f"altered, {more}")
