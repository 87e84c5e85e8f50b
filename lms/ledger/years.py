"""Closing a year: from that instant nothing is booked to it, and everybody's statement is frozen.

Bookings that are on their way are waited for, later ones know of it (`books.books_hold`), so what a
statement sums up is all that will ever stand in the year. The row of the closing is the job:
statements are made in the order of ids, each under the lock of its person, a batch in a transaction
that moves the mark along. A process that is killed loses one batch, which the sweep makes again.
Opening a year again is an act of its own, with a reason; the statements of then are kept with it.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import log
from lms.ledger.books import books_hold, ledger_lock, rules_known
from lms.ledger.models import CreditEntry, YearClosing, YearStatement
from lms.ledger.permissions import check_can_keep_ledger
from lms.ledger.rules import NOTHING
from lms.ledger.standings import people_standing, targets_known
from lms.ledger.statements import counted_hours, hours_plain, months_plain
from notices.wakeups import EXPIRES_SECONDS, wake
from organizations.models import User

BATCH = 200
WORK = "lms.ledger.tasks.close_year"
FIRST_YEAR = 2020


class YearError(Exception):
    """The year cannot be closed or opened so; the message says why."""


@transaction.atomic
def year_close(*, year: int, actor: Any, now: dt.datetime | None = None) -> YearClosing:
    """Twice is once. Raises PermissionDenied, YearError."""
    check_can_keep_ledger(actor)
    books_hold(alone=True)
    now = now or timezone.now()  # after every booking that is in the year
    if year >= timezone.localdate(now).year:
        raise YearError(_("A year is closed when it is over."))
    if year < FIRST_YEAR:
        raise YearError(_("This year is too long ago."))
    try:
        with transaction.atomic():
            closing = YearClosing.objects.create(
                year=year, closed_by=actor, closed_at=now, total=User.objects.count()
            )
    except IntegrityError:
        return YearClosing.objects.get(year=year, reopened_at=None)
    log.record("year.close", actor=actor, target=closing, year=year)
    return closing


@transaction.atomic
def year_reopen(*, year: int, reason: str, actor: Any, now: dt.datetime | None = None) -> None:
    """Raises PermissionDenied, YearError."""
    check_can_keep_ledger(actor)
    reason = reason.strip()
    if not reason:
        raise YearError(_("Please say why."))
    books_hold(alone=True)
    found = YearClosing.objects.select_for_update().filter(year=year, reopened_at=None).first()
    if found is None:
        return
    found.reopened_by, found.reopened_at, found.reason = actor, now or timezone.now(), reason
    found.save(update_fields=["reopened_by", "reopened_at", "reason"])
    log.record("year.reopen", actor=actor, target=found, year=year)


def closing_wake() -> None:
    """Tell a worker now. A broker that is away is no error: the sweep goes on with the year."""
    wake(WORK, expires=EXPIRES_SECONDS)


def closing_work() -> int:
    """Make the statements that are still to make; how many."""
    made = 0
    for pk in YearClosing.objects.filter(finished_at=None, reopened_at=None).values_list(
        "pk", flat=True
    ):
        while (batch := _batch(pk)) is not None:
            made += batch
    return made


@transaction.atomic
def _batch(pk: int) -> int | None:
    """The next statements; None when all are made, or when another worker is at it."""
    closing = (
        YearClosing.objects.select_for_update(skip_locked=True)
        .filter(pk=pk, finished_at=None, reopened_at=None)
        .first()
    )
    if closing is None:
        return None
    people = list(
        User.objects.filter(pk__gt=closing.last_user)
        .order_by("pk")
        .values_list("pk", flat=True)[:BATCH]
    )
    if not people:
        closing.finished_at = timezone.now()
        closing.total = closing.done
        closing.save(update_fields=["finished_at", "total"])
        return None
    for user in people:
        ledger_lock(user)
    statements = _statements(closing, people)
    YearStatement.objects.bulk_create(statements)
    closing.last_user, closing.done = people[-1], closing.done + len(people)
    closing.save(update_fields=["last_user", "done"])
    return len(people)


def _statements(closing: YearClosing, people: list[int]) -> list[YearStatement]:
    rules, year = rules_known(), closing.year
    entries: dict[int, list[CreditEntry]] = {user: [] for user in people}
    for one in CreditEntry.objects.filter(user__in=people, year=year):
        entries[one.user_id].append(one)
    standings = people_standing(
        people, year=year, today=dt.date(year, 12, 31), targets=targets_known()
    )
    found = []
    for user in people:
        by_kind = counted_hours(entries[user], rules)
        standing = standings[user]
        total: Decimal = sum(by_kind.values(), NOTHING)
        if standing.target is None and not entries[user]:
            continue
        found.append(
            YearStatement(
                closing=closing,
                user_id=user,
                organization_id=standing.organization,
                target=standing.target,
                counted=total,
                by_kind=hours_plain(by_kind),
                months=months_plain(standing.months),
            )
        )
    return found
