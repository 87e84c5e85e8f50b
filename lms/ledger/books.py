"""What is asked of the database before anything is booked: rules, closed years, home branches,
a person's days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.db import connection

from lms.ledger.crediting import Days, Rows
from lms.ledger.models import CreditRule, DayOccupancy, PersonLedger, YearClosing
from lms.ledger.rules import FIRST_RULE, Rule
from organizations.models import Membership

# Any number that no other lock has.
BOOKS = 2113_0001


def rules_known() -> dict[int, Rule]:
    """By version."""
    return {1: FIRST_RULE} | {one.version: one.rule() for one in CreditRule.objects.all()}


def closings() -> list[YearClosing]:
    return list(YearClosing.objects.order_by("closed_at"))


def was_closed(closings: Iterable[YearClosing], year: int, at: dt.datetime) -> bool:
    """Whether nothing was booked to the year any more at that instant."""
    return any(
        one.year == year
        and one.closed_at <= at
        and (one.reopened_at is None or at < one.reopened_at)
        for one in closings
    )


def homes_on(pairs: Collection[tuple[int, dt.date]]) -> dict[tuple[int, dt.date], int]:
    """The home branch of each person on a day, where there was one."""
    ties = Membership.objects.filter(
        user__in={user for user, _ in pairs}, kind=Membership.Kind.HOME
    ).order_by("valid_from", "pk")
    found = {}
    rows = list(ties.values_list("user_id", "organization_id", "valid_from", "valid_to"))
    for user, day in pairs:
        for owner, unit, first, end in rows:
            if owner == user and first <= day and (end is None or day < end):
                found[user, day] = unit
    return found


def books_hold(*, alone: bool = False) -> None:
    """Until the end of the transaction no year is closed or opened; `alone`, nobody books. Whoever
    books holds it before asking which years are closed, so a closing is known to every booking
    that ends after it, and no booking that began before it is still on its way. People's clocks are
    locked before it, their ledgers after it.

    SQLite has one writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        act = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {act}(%s)", [BOOKS])


def ledger_lock(user_id: int) -> None:
    """Until the end of the transaction nobody else writes to this person's ledger.

    SQLite has no row locks; there the transaction itself is the only writer.
    """
    rows = PersonLedger.objects.select_for_update().filter(pk=user_id)
    if not rows.exists():
        PersonLedger.objects.get_or_create(pk=user_id)
    rows.get()


def days_read(user_id: int, days: Iterable[dt.date]) -> Days:
    """What these days hold. Only under the lock."""
    rows = DayOccupancy.objects.filter(user=user_id, day__in=set(days))
    return Days.of({one.day: one.spans for one in rows})


def days_write(user_id: int, held: Days, days: Iterable[dt.date]) -> None:
    """Only under the lock, of the days that were read."""
    rows: Rows = held.rows()
    for day in set(days):
        DayOccupancy.objects.update_or_create(
            user_id=user_id, day=day, defaults={"spans": rows.get(day, [])}
        )
