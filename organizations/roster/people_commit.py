"""Writing a chunk of rows into the roster: a few statements for some thousand people.

Everything happens in the caller's transaction. Each row is decided again on fresh facts; one
whose meaning is no longer what the person saw at the check is refused.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from audit import log
from organizations.models import Membership, RosterImport, RosterRow, Tag, User
from organizations.roster.bulk import rows_insert
from organizations.roster.people_act import CHANGE, CREATE, LEAVE, REFUSE, Act
from organizations.roster.people_facts import FactsLoader
from organizations.roster.people_plan import person_plan
from organizations.roster.people_rows import PersonRow
from organizations.signin.closing import accounts_put_to_sleep
from organizations.signin.phones import phone_normalise

Outcome = RosterRow.Outcome
OUTCOMES = {CREATE: Outcome.CREATED, CHANGE: Outcome.CHANGED, LEAVE: Outcome.LEFT}
BATCH = 1000


def people_commit(
    *, roster_import: RosterImport, rows: Sequence[RosterRow], loader: FactsLoader
) -> None:
    """Write rows that were planned and not written yet, and note what became of them."""
    today = loader.today
    read = [PersonRow.of_data(row.number, row.data) for row in rows]
    facts = loader.facts(read)
    acts, stale = [], []
    for row, person_row in zip(rows, read, strict=True):
        act = person_plan(person_row, facts, today=today, seed=str(roster_import.pk))
        if act.plan == row.plan and _shown(act) == _shown_of(row):
            acts.append(act)
        else:
            row.outcome = Outcome.REFUSED
            why = act.messages if act.plan == REFUSE else [("changed_since_check", {})]
            row.messages = [list(message) for message in why]
            stale.append(row)
    by_number = {row.number: row for row in rows}
    people = _accounts_create([act for act in acts if act.person is None])
    _accounts_change([act for act in acts if act.person is not None and act.values])
    for act in acts:
        act.person = act.person or people[act.code]
    # Tags first: a tie that is new takes its person's marks with it.
    _tags(acts, today)
    _ties(acts)
    _outcomes(acts, by_number, stale)
    _record(roster_import, acts)


def _shown(act: Act) -> tuple[Any, ...]:
    return act.code, [list(change) for change in act.changes if change[0] != "since"]


def _shown_of(row: RosterRow) -> tuple[Any, ...]:
    return row.code, [change for change in row.changes if change[0] != "since"]


def _accounts_create(acts: Sequence[Act]) -> dict[str, int]:
    """Accounts that nobody can sign in to; returns keys by code."""
    if not acts:
        return {}
    wished = {act.code.lower() for act in acts if phone_normalise(act.code) is None}
    taken = set(User.objects.filter(username__in=wished).values_list("username", flat=True))
    now = timezone.now()
    rows_insert(
        User,
        [
            User(
                username=name
                if (name := act.code.lower()) in wished and name not in taken
                else f"u{secrets.token_hex(6)}",
                code=act.code,
                name=act.values["name"],
                phone=act.values["phone"],
                password=UNUSABLE_PASSWORD_PREFIX + secrets.token_hex(20),
                date_joined=now,
            )
            for act in acts
        ],
    )
    made = User.objects.filter(code__in=[act.code for act in acts]).order_by()
    return {str(code): pk for code, pk in made.values_list("code", "pk")}


def _accounts_change(acts: Sequence[Act]) -> None:
    for fields in {tuple(sorted(act.values)) for act in acts}:
        User.objects.bulk_update(
            [
                User(pk=act.person, **act.values)
                for act in acts
                if tuple(sorted(act.values)) == fields
            ],
            fields,
            batch_size=BATCH,
        )
    # Who leaves and who comes back.
    asleep = [int(act.person or 0) for act in acts if "is_active" in act.values]
    if asleep:
        accounts_put_to_sleep(people=asleep)


def _ties(acts: Sequence[Act]) -> None:
    """Ends before beginnings: one open home at a time."""
    closed = [(pk, until, why) for act in acts for pk, until, why in act.close]
    if closed:
        Membership.objects.bulk_update(
            [Membership(pk=pk, valid_to=until, end_reason=why) for pk, until, why in closed],
            ("valid_to", "end_reason"),
            batch_size=BATCH,
        )
    dated = [Membership(pk=pk, valid_from=since) for act in acts for pk, since in act.date]
    if dated:
        Membership.objects.bulk_update(dated, ("valid_from",), batch_size=BATCH)
    placed = [Membership(pk=pk, organization_id=unit) for act in acts for pk, unit in act.place]
    if placed:
        Membership.objects.bulk_update(placed, ("organization",), batch_size=BATCH)
    rows_insert(
        Membership,
        [
            Membership(
                user_id=int(act.person or 0), organization_id=unit, kind=kind, valid_from=since
            )
            for act in acts
            for unit, kind, since in act.open
        ],
    )


def _tags(acts: Sequence[Act], today: dt.date) -> None:
    ended: dict[str, list[int]] = defaultdict(list)
    for act in acts:
        for value in act.tags_close:
            ended[value].append(int(act.person or 0))
    for value, people in ended.items():
        Tag.objects.filter(user__in=people, value=value, valid_to=None).update(valid_to=today)
    rows_insert(
        Tag,
        [
            Tag(user_id=int(act.person or 0), dimension=dimension, value=value, valid_from=today)
            for act in acts
            for dimension, value in act.tags_open
        ],
    )


def _outcomes(
    acts: Sequence[Act], by_number: dict[int, RosterRow], stale: Sequence[RosterRow]
) -> None:
    person = User.objects.filter(code=OuterRef("code")).order_by().values("pk")[:1]
    for plan, outcome in OUTCOMES.items():
        keys = [by_number[act.number].pk for act in acts if act.plan == plan]
        if keys:
            RosterRow.objects.filter(pk__in=keys).update(outcome=outcome, person=Subquery(person))
    RosterRow.objects.bulk_update(stale, ("outcome", "messages"), batch_size=BATCH)


def _record(roster_import: RosterImport, acts: Sequence[Act]) -> None:
    """One entry for each person; last, since the log's chain is held from here to the commit."""
    log.record_many(
        [
            log.Entry(
                "person.import",
                target_type=User._meta.label,
                target_id=str(act.person),
                detail={
                    "act": act.plan,
                    "fields": sorted({str(change[0]) for change in act.changes}),
                    "roster_import": str(roster_import.pk),
                    "row": act.number,
                    **({"returned": True} if act.values.get("is_active") else {}),
                },
            )
            for act in acts
        ],
        actor=roster_import.who,
    )
