"""Every figure once more: people derived anew, then their sums made anew beside those that stand.

Nobody is kept waiting. A batch of people is read as it stands, and whoever seems wrong is looked at
again by the hand that counts; who is marked waits to be counted and is no doubt. Then the sums are
read at one instant, in which a change of a person and of the sums stands whole or not at all, so
counting goes on meanwhile. The new sums lie in a table of their own, so memory does not grow with
them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from lms.reports.class_tallies import Key as RunKey
from lms.reports.class_tallies import runs_count, runs_doubts
from lms.reports.contributions import (
    NOBODY,
    Amount,
    Contributions,
    Key,
    Person,
    Sums,
    What,
    contributed,
    person_of,
)
from lms.reports.counting import (
    TALLIES,
    for_lists,
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
BATCH = 500
AGAIN = "reports_again"
# Any number that no other lock has.
REBUILDING = 2113_0002
_COLUMNS = (*("unit_id", "what", "item", "month", "before"), *Amount._fields)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row that is not what it should be: a person's, or a unit's sums."""

    table: str
    row: str
    problem: str

    def text(self) -> str:
        return f"{self.table} {self.row}: {self.problem}"


def figures_doubts(*, mend: bool = False, now: dt.datetime | None = None) -> list[Doubt]:
    """What differs from what is derived; with `mend` it no longer does afterwards."""
    today = timezone.localdate(now)
    people: dict[int, str] = {}
    for users in people_in_batches(BATCH):
        if suspects := _problems(users, today):
            people |= _looked_at_again(suspects, today, mend=mend)
    # Whoever is wrong alone may stand in the sums as it should be.
    sums = _difference(set[int]() if mend else people.keys(), today)
    found = [Doubt("reports.Counted", str(user), problem) for user, problem in people.items()]
    found += [_sums_doubt(key, amount) for key, amount in sums.items()]
    found += [_run_doubt(run, key) for run, key in runs_doubts(mend=mend)]
    if mend:
        _sums_mend(sums)
    return found


def figures_rebuild(*, now: dt.datetime | None = None) -> list[Doubt]:
    """Mend, then count what came meanwhile. A second one waits: what both see wrong is taken away
    once.
    """
    with _one_at_a_time():
        found = figures_doubts(mend=True, now=now)
    look(now=now)
    marks_count(now=now)
    runs_count(now=now, all_of_them=True)
    return found


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [REBUILDING])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [REBUILDING])


# -- people ----------------------------------------------------------------------------------------


def _problems(users: Collection[int], today: dt.date) -> dict[int, str]:
    """Who of them is not counted as derived, and what is wrong."""
    derived = people_derived(users, today=today)
    counted = {one.user_id: one for one in Counted.objects.filter(user__in=users)}
    # Asked for after what they were derived from: an entry that was seen has its mark by now.
    waiting = set(Mark.objects.filter(user__in=users).values_list("user_id", flat=True))
    return {
        user: problem
        for user, one in derived.items()
        if user not in waiting
        and (problem := _problem(counted.get(user), one.person, year=today.year))
    }


def _problem(stored: Counted | None, person: Person, *, year: int) -> str:
    if (person_of(stored.state) if stored is not None else NOBODY) != person:
        return "not what the ledger and roster say"
    due = for_lists(person, year=year) if stored is not None else {}
    wrong = [name for name, value in due.items() if getattr(stored, name) != value]
    return f"altered ({', '.join(wrong)})" if wrong else ""


@transaction.atomic
def _looked_at_again(users: Collection[int], today: dt.date, *, mend: bool) -> dict[int, str]:
    """By the hand: what was only being counted while it was read is no doubt."""
    hand(patience=PATIENCE)
    wrong = _problems(users, today)
    if mend:
        people_count(wrong.keys(), today=today)
    return wrong


# -- sums ------------------------------------------------------------------------------------------


@contextmanager
def _instant() -> Iterator[None]:
    """All that is read within is of one instant, and nobody waits for it. Within a transaction
    there is only that one's view.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield
    else:
        # Django would begin as a writer.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _difference(wrong: AbstractSet[int], today: dt.date) -> Contributions:
    """What the standing sums have more than those made anew from what people are counted with; from
    what is derived of those who are `wrong`.
    """
    with _instant(), connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {AGAIN} (unit_id bigint, what integer, item bigint, "
            "month integer, before integer, people bigint, times bigint, hours bigint, "
            "counted bigint)"
        )
        for people in _counted_people(wrong, today):
            _put(contributed(people))
        found = _compared()
        cursor.execute(f"DROP TABLE {AGAIN}")
    return found


def _counted_people(wrong: AbstractSet[int], today: dt.date) -> Iterator[list[Person]]:
    """In batches, branch by branch: sums of few units at a time."""
    rows = Counted.objects.order_by("home__path", "user_id")
    users = list(rows.values_list("user_id", flat=True))
    users += sorted(wrong - set(users))
    for start in range(0, len(users), BATCH):
        some = users[start : start + BATCH]
        states = Counted.objects.filter(user__in=some).exclude(user__in=wrong & set(some))
        right = people_derived(wrong & set(some), today=today)
        yield [
            *(person_of(state) for state in states.values_list("state", flat=True)),
            *(one.person for one in right.values()),
        ]


def _put(sums: Mapping[Sums, list[int]]) -> None:
    """Rows of the same key are added up when they are compared."""
    rows = [(*key, *amount) for key, amount in sums.items()]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            line = "\t".join(["%d"] * len(_COLUMNS)) + "\n"
            with cursor.copy(f"COPY {AGAIN} FROM STDIN") as copy:
                copy.write("".join(line % row for row in rows))
        else:
            marks = ", ".join(["%s"] * len(_COLUMNS))
            cursor.executemany(f"INSERT INTO {AGAIN} VALUES ({marks})", rows)


def _compared() -> Contributions:
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


@transaction.atomic
def _sums_mend(wrong: Contributions) -> None:
    """What was too much then is too much now: counting adds and takes away, and sets nothing."""
    hand(patience=PATIENCE)
    tallies_add({key: Amount(*(-n for n in amount)) for key, amount in wrong.items()})
    empty = " AND ".join(f"{name} = 0" for name in Amount._fields)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TALLIES} WHERE {empty}")


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


def _run_doubt(run: int, key: RunKey) -> Doubt:
    done = f"completed {month_text(key.completed)}" if key.completed else "not completed"
    about = f"(unit {key.unit}, run {run}, enrolled {month_text(key.enrolled)}, {done})"
    return Doubt("reports.ClassTally", about, "altered")
