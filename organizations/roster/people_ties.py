"""What a row means for somebody's ties: a beginning, an end, a transfer, another day. Pure."""

from __future__ import annotations

import datetime as dt

from organizations.roster.people_act import Act, Refused
from organizations.roster.people_known import (
    BRANCH,
    HOME,
    HOST,
    LEARNER,
    Facts,
    Person,
    Tie,
    Unit,
)
from organizations.roster.people_rows import PersonRow

# Why a tie ends where the row does not say.
REASONS = {HOME: "moved_out", HOST: "returned", LEARNER: "finished"}


def check_place(unit: Unit, kind: str) -> None:
    if kind != LEARNER and unit.kind != BRANCH:
        raise Refused("not_a_branch", unit=unit.name)


def _kind_meant(row: PersonRow, open_ties: list[Tie]) -> str:
    if row.kind:
        return row.kind
    kinds = {tie.kind for tie in open_ties}
    return next(iter(kinds)) if len(kinds) == 1 else HOME


def tie_meant(row: PersonRow, person: Person, unit: Unit | None, today: dt.date) -> Tie | None:
    """The open tie that the row is about: the home, or the one of its kind to that unit."""
    open_ties = [tie for tie in person.ties if tie.is_open(today)]
    kind = _kind_meant(row, open_ties)
    meant = [tie for tie in open_ties if tie.kind == kind]
    if kind != HOME and unit is not None:
        meant = [tie for tie in meant if tie.unit == unit.pk]
    return meant[0] if len(meant) == 1 else None


def tie_leave(
    row: PersonRow, until: dt.date, tie: Tie | None, person: Person, act: Act, today: dt.date
) -> None:
    if tie is None:
        if any(one.until == until for one in person.ties):
            return  # left that day already
        raise Refused("leaves_unknown")
    open_ties = [one for one in person.ties if one.is_open(today)]
    # As on the person's page: whoever leaves the home branch leaves altogether. Otherwise the
    # branch where they float would keep the person, and could open the account.
    ending = open_ties if tie.kind == HOME else [tie]
    first = max(one.since for one in ending)
    if until < first:
        raise Refused("leaves_before_since", since=first.isoformat())
    if len(ending) == len(open_ties):
        if not person.may_leave:
            raise Refused("leaver_holds_post")
        act.values["is_active"] = False
    reason = row.leaving or REASONS[tie.kind]
    act.close += [(one.pk, until, reason) for one in ending]
    if len(ending) > 1:
        act.messages.append(("leaves_everything", {}))
    act.changes.append(["until", None, until.isoformat()])


def tie_plan(
    row: PersonRow,
    person: Person,
    unit: Unit | None,
    tie: Tie | None,
    facts: Facts,
    act: Act,
    today: dt.date,
) -> None:
    if unit is None:
        if tie is None:
            raise Refused("unit_missing")
        unit = facts.units[tie.unit]
    kind = tie.kind if tie else _kind_meant(row, [one for one in person.ties if one.is_open(today)])
    if tie is not None and tie.unit == unit.pk:
        if row.since is not None and row.since != tie.since:
            _check_before(person, tie.kind, row.since, except_for=tie.pk)
            act.date.append((tie.pk, row.since))
            act.changes.append(["since", tie.since.isoformat(), row.since.isoformat()])
        return
    check_place(unit, kind)
    since = row.since or today
    before: str | None = None
    if tie is not None:  # a home elsewhere: a transfer
        old = facts.units[tie.unit]
        if not old.in_scope:
            raise Refused("second_home")
        if since < tie.since:
            raise Refused("transfer_before_since", since=tie.since.isoformat())
        if row.since == tie.since and row.since != today:
            raise Refused("transfer_date_missing")
        before = old.name
        _host_ends(person, unit, since, act, today)
        if since == tie.since:
            act.place.append((tie.pk, unit.pk))
            act.changes.append(["unit", before, unit.name])
            return
        act.close.append((tie.pk, since, "transferred"))
    else:
        if kind == HOST and any(
            one.kind == HOME and one.unit == unit.pk and one.is_open(today) for one in person.ties
        ):
            raise Refused("home_already", unit=unit.name)
        _check_before(person, kind, since)
        if kind == HOME:
            _learner_ends(person, unit, since, act, today)
    act.open.append((unit.pk, kind, since))
    act.changes.append(["unit", before, unit.name])
    act.changes.append(["since", None, since.isoformat()])


def _check_before(person: Person, kind: str, since: dt.date, except_for: int = 0) -> None:
    """Homes follow one another."""
    if kind != HOME:
        return
    for tie in person.ties:
        if tie.pk != except_for and tie.kind == HOME and (tie.until is None or tie.until > since):
            raise Refused("dates_overlap", until=tie.until.isoformat() if tie.until else "")


def _host_ends(person: Person, unit: Unit, since: dt.date, act: Act, today: dt.date) -> None:
    """Where one floated to is the own branch now."""
    for tie in person.ties:
        if tie.kind == HOST and tie.unit == unit.pk and tie.is_open(today):
            act.close.append((tie.pk, max(since, tie.since), "transferred"))


def _learner_ends(person: Person, unit: Unit, since: dt.date, act: Act, today: dt.date) -> None:
    """Who becomes a member of the branch is no longer its learner."""
    for tie in person.ties:
        if tie.kind == LEARNER and tie.unit == unit.pk and tie.is_open(today):
            act.close.append((tie.pk, max(since, tie.since), "finished"))
