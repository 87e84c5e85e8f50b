"""Looking for people whose figures changed for another reason than an entry: the roster, a day
that has come, the tree, targets and closed years. Whatever wrote them, they are found by what
they say now; each look marks people and remembers what it saw in one transaction.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from functools import partial

from django.db import OperationalError, transaction
from django.db.models import Count, Q
from django.utils import timezone

from lms.ledger.models import CreditEntry, HourTarget, YearClosing, YearStatement
from lms.reports.counting import hand, is_busy
from lms.reports.deriving import places_of, roster_rows, rosters_seen
from lms.reports.models import Counted, CountedRun, Ground, Mark
from organizations.models import Membership, Organization, User

ROWS = 2000
# A batch takes about two seconds.
PATIENCE = "20s"
_BOOKS = (CreditEntry.objects.all(), YearStatement.objects.all())


def look(*, now: dt.datetime | None = None) -> int:
    """Mark whoever is to be counted anew; how many marks. Waits for who counts a batch, not for
    who makes all figures anew: the next look finds the same.
    """
    today = timezone.localdate(now)
    looks = (partial(premises_look, today=today), ground_look, partial(days_look, today=today))
    return sum(looked(one) for one in (*looks, roster_look))


def looked(act: Callable[[], int]) -> int:
    """0 where somebody else has the hand for long."""
    try:
        return act()
    except OperationalError as problem:
        if is_busy(problem):
            return 0
        raise


@transaction.atomic
def premises_look(*, today: dt.date) -> int:
    """A new year, other targets, a year that was closed or opened: everybody is marked."""
    state = hand(patience=PATIENCE)
    assert state is not None
    closed = YearClosing.objects.filter(finished_at__isnull=False).order_by("pk")
    targets = HourTarget.objects.order_by("pk")
    rests_on = (
        today.year,
        list(closed.values_list("pk", "finished_at", "reopened_at")),
        list(targets.values_list("pk", "year", "category", "organization__path", "hours")),
    )
    premises = hashlib.sha256(repr(rests_on).encode()).hexdigest()
    if premises == state.premises:
        return 0
    state.premises = premises
    state.save(update_fields=["premises"])
    return _mark(User.objects.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def ground_look() -> int:
    """Units that came to stand elsewhere: whoever belongs or belonged there, or earned something,
    whose place of this year or the last may be there.
    """
    hand(patience=PATIENCE)
    known = dict(Ground.objects.values_list("unit_id", "place"))
    units = list(Organization.objects.order_by("path").values_list("pk", flat=True))
    places = {pk: "/".join(map(str, place)) for pk, place in places_of(units).items()}
    moved = [pk for pk, place in places.items() if known.get(pk) != place]
    if not moved:
        return 0
    Ground.objects.bulk_create(
        [Ground(unit_id=pk, place=places[pk]) for pk in moved],
        update_conflicts=True,
        unique_fields=["unit"],
        update_fields=["place"],
        batch_size=ROWS,
    )
    people: set[int] = set()
    # Their classes are counted anew by whoever counts those (`class_tallies`).
    CountedRun.objects.update(seen="")
    if not known:
        moved = []  # nobody was counted before `premises_look` marked them all
    for start in range(0, len(moved), ROWS):
        some = moved[start : start + ROWS]
        for rows in (Membership.objects.filter(kind=Membership.Kind.HOME), *_BOOKS):
            there = rows.filter(organization__in=some).order_by()
            people.update(there.values_list("user_id", flat=True).distinct())
    return _mark(sorted(people))


@transaction.atomic
def days_look(*, today: dt.date) -> int:
    """What begins or ends with a day that has come since."""
    state = hand(patience=PATIENCE)
    if state is None or state.looked_on == today:
        return 0
    since, state.looked_on = state.looked_on or today, today
    state.save(update_fields=["looked_on"])
    since, until = sorted((since, today))
    came = Q(valid_from__gt=since, valid_from__lte=until) | Q(
        valid_to__gt=since, valid_to__lte=until
    )
    people = {
        user
        for rows in roster_rows()
        for user in rows.filter(came).values_list("user_id", flat=True)
    }
    return _mark(sorted(people))


@transaction.atomic
def roster_look() -> int:
    """Whose dated rows are not those by which they were counted."""
    hand(patience=PATIENCE)
    seen = rosters_seen()
    counted = dict(Counted.objects.values_list("user_id", "roster").iterator(chunk_size=ROWS))
    people = {user for user, roster in seen.items() if counted.get(user) != roster}
    people |= {user for user, roster in counted.items() if roster and user not in seen}
    return _mark(sorted(people))


@transaction.atomic
def entries_look() -> int:
    """Whose entries are not as many as were counted: as they are only added to, their number says
    whether any is new. Reads an index of the whole ledger, so at night.
    """
    hand(patience=PATIENCE)
    rows = CreditEntry.objects.order_by().values("user_id").annotate(n=Count("pk"))
    counted = dict(Counted.objects.values_list("user_id", "entries").iterator(chunk_size=ROWS))
    found = (
        user
        for user, n in rows.values_list("user_id", "n").iterator(chunk_size=ROWS)
        if counted.get(user) != n
    )
    return _mark(sorted(found))


def _mark(people: Iterable[int]) -> int:
    now, waiting = timezone.now(), set(Mark.objects.values_list("user_id", flat=True))
    rows = [Mark(user_id=user, at=now) for user in people if user not in waiting]
    Mark.objects.bulk_create(rows, batch_size=ROWS)
    return len(rows)
