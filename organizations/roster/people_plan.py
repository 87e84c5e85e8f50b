"""What a row means for the roster as it stands: new, changed, leaving, the same, or refused.

Pure: the roster comes in as `Facts`, gathered for some thousand rows at a time
(`organizations.roster.people_facts`), and what is to be done goes out as `Act`
(`organizations.roster.people_commit`). The same decision is made at the check and, on fresh
facts, when a row is written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from organizations.roster.people_rows import HIDDEN, PersonRow, is_made, made_code
from organizations.roster.problems import Message, RosterProblem

HOME, HOST, LEARNER = "home", "floating_host", "learner"
CREATE, CHANGE, LEAVE, SAME, REFUSE = "create", "change", "leave", "same", "refuse"
BRANCH = "branch"
# Why a tie ends where the row does not say.
REASONS = {HOME: "moved_out", HOST: "returned", LEARNER: "finished"}
# [field, before, after], as it is shown and stored.
Change = list[Any]


class Refused(RosterProblem):
    """The row cannot be taken."""


@dataclass(frozen=True, slots=True)
class Unit:
    pk: int
    code: str
    name: str
    kind: str
    is_open: bool
    in_scope: bool


@dataclass(slots=True)
class Tie:
    pk: int
    unit: int
    kind: str
    since: dt.date
    until: dt.date | None

    def is_open(self, today: dt.date) -> bool:
        return self.until is None or self.until > today


@dataclass(slots=True)
class Person:
    """Somebody on record. `in_scope`: the uploader keeps this person's data. `keeps_account`,
    where it has to be asked, tells whether the uploader may also change the phone, which opens
    the way into the account. `may_leave`:
    no post stands in the way. `is_gone`: left altogether, and may come back.
    """

    pk: int
    code: str | None
    name: str
    phone: str | None
    erased: bool = False
    in_scope: bool = False
    keeps_account: Callable[[], bool] | None = None
    may_leave: bool = True
    is_gone: bool = False
    ties: list[Tie] = field(default_factory=list)
    tags: dict[str, set[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Facts:
    units: dict[int, Unit] = field(default_factory=dict)
    units_by_code: dict[str, Unit] = field(default_factory=dict)
    # Open units within scope; a name that several bear has several.
    units_by_name: dict[str, list[Unit]] = field(default_factory=dict)
    by_code: dict[str, Person] = field(default_factory=dict)
    by_phone: dict[str, Person] = field(default_factory=dict)
    # Names of people who belong to a unit today, of rows without code and phone.
    namesakes: set[tuple[int, str]] = field(default_factory=set)


@dataclass(slots=True)
class Seen:
    """Rows of the file so far, to find the same person twice."""

    codes: dict[str, int] = field(default_factory=dict)
    phones: dict[str, int] = field(default_factory=dict)
    people: dict[int, int] = field(default_factory=dict)
    nameless: dict[tuple[int, str], int] = field(default_factory=dict)


@dataclass(slots=True)
class Act:
    """What to do for one row. `values` are columns of the account."""

    number: int
    plan: str
    code: str = ""
    person: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    close: list[tuple[int, dt.date, str]] = field(default_factory=list)
    # Ties: to end (with reason), to begin, to date back or forth, to another unit on its first day.
    open: list[tuple[int, str, dt.date]] = field(default_factory=list)
    date: list[tuple[int, dt.date]] = field(default_factory=list)
    place: list[tuple[int, int]] = field(default_factory=list)
    tags_open: list[tuple[str, str]] = field(default_factory=list)
    tags_close: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    @property
    def does_something(self) -> bool:
        return bool(
            self.values
            or self.close
            or self.open
            or self.date
            or self.place
            or self.tags_open
            or self.tags_close
        )


def person_plan(
    row: PersonRow, facts: Facts, *, today: dt.date, seed: str, seen: Seen | None = None
) -> Act:
    """Decide one row. `seed` names the file, for the codes that are made."""
    act = Act(number=row.number, plan=REFUSE, code=row.code)
    if row.problems:
        act.messages = list(row.problems)
        return act
    try:
        unit = _unit(row, facts, act)
        person = _person(row, facts)
        if seen is not None:
            _once(row, person, unit, seen)
        if person is None:
            _create(row, unit, facts, act, today, seed)
        else:
            _change(row, person, unit, facts, act, today)
    except Refused as refusal:
        return Act(row.number, REFUSE, code=row.code, messages=[refusal.message])
    return act


# -- who and where -------------------------------------------------------------------------------


def _unit(row: PersonRow, facts: Facts, act: Act) -> Unit | None:
    if row.unit:
        unit = facts.units_by_code.get(row.unit.lower())
        if unit is None:
            raise Refused("unit_unknown", unit=row.unit)
        if not unit.in_scope:
            raise Refused("unit_outside", unit=row.unit)
        if row.unit_name and row.unit_name != unit.name:
            act.messages.append(("unit_name_differs", {"name": unit.name}))
    elif row.unit_name:
        named = facts.units_by_name.get(row.unit_name, [])
        if len(named) > 1:
            raise Refused("unit_name_ambiguous", unit=row.unit_name)
        if not named:
            raise Refused("unit_unknown", unit=row.unit_name)
        unit = named[0]
    else:
        return None
    if not unit.is_open:
        raise Refused("unit_closed", unit=unit.name)
    return unit


def _person(row: PersonRow, facts: Facts) -> Person | None:
    """Whom the row is about: by code, else by phone. None for somebody new."""
    phone = row.phone if row.phone != HIDDEN else ""
    by_code = facts.by_code.get(row.code.lower()) if row.code else None
    by_phone = facts.by_phone.get(phone) if phone else None
    person = by_code or by_phone
    if person is None:
        return None
    if person.erased:
        raise Refused("person_erased" if by_code else "phone_taken")
    if person.is_gone and person.name == row.name:
        return person
    if not person.in_scope:
        raise Refused("person_outside")
    if by_code is not None:
        if by_phone is not None and by_phone.pk != by_code.pk:
            raise Refused("phone_taken")
        return person
    if row.code and not is_made(person.code):
        raise Refused("phone_taken")
    if person.name != row.name:
        raise Refused("phone_other_name")
    return person


def _once(row: PersonRow, person: Person | None, unit: Unit | None, seen: Seen) -> None:
    phone = row.phone if row.phone != HIDDEN else ""
    earlier = (
        (row.code and seen.codes.get(row.code.lower()))
        or (phone and seen.phones.get(phone))
        or (person and seen.people.get(person.pk))
    )
    nameless = (unit.pk, row.name) if unit and not row.code and not phone else None
    earlier = earlier or (nameless and seen.nameless.get(nameless))
    if earlier:
        raise Refused("twice_in_file", row=earlier)
    if row.code:
        seen.codes[row.code.lower()] = row.number
    if phone:
        seen.phones[phone] = row.number
    if person:
        seen.people[person.pk] = row.number
    if nameless:
        seen.nameless[nameless] = row.number


# -- new -----------------------------------------------------------------------------------------


def _create(
    row: PersonRow, unit: Unit | None, facts: Facts, act: Act, today: dt.date, seed: str
) -> None:
    if row.until is not None:
        raise Refused("leaves_unknown")
    if unit is None:
        raise Refused("unit_missing")
    if row.phone == HIDDEN:
        raise Refused("phone_hidden")
    kind = row.kind or HOME
    _check_place(unit, kind)
    if not row.code and not row.phone and (unit.pk, row.name) in facts.namesakes:
        raise Refused("namesake", unit=unit.name)
    act.plan = CREATE
    act.code = row.code or made_code(seed, row.number)
    act.values = {"name": row.name, "phone": row.phone or None}
    act.open = [(unit.pk, kind, row.since or today)]
    act.tags_open = [(one, value) for one, values in row.tags.items() for value in values]
    act.changes = [["unit", None, unit.name]]


def _check_place(unit: Unit, kind: str) -> None:
    if kind != LEARNER and unit.kind != BRANCH:
        raise Refused("not_a_branch", unit=unit.name)


# -- known ---------------------------------------------------------------------------------------


def _change(
    row: PersonRow, person: Person, unit: Unit | None, facts: Facts, act: Act, today: dt.date
) -> None:
    act.person = person.pk
    act.code = person.code or ""
    _account(row, person, act)
    tie = _tie_meant(row, person, unit, today)
    if row.until is not None:
        _leave(row, row.until, tie, person, act, today)
    else:
        if person.is_gone:
            act.values["is_active"] = True
        _tie(row, person, unit, tie, facts, act, today)
        _tags(row, person, act)
    act.plan = (LEAVE if row.until is not None else CHANGE) if act.does_something else SAME


def _account(row: PersonRow, person: Person, act: Act) -> None:
    wanted: dict[str, str] = {}
    if row.name != person.name:
        wanted["name"] = row.name
    if row.phone not in ("", HIDDEN) and row.phone != person.phone:
        if person.keeps_account is not None and not person.keeps_account():
            raise Refused("account_not_kept")
        wanted["phone"] = row.phone
    if row.code and row.code.lower() != (person.code or "").lower():
        wanted["code"] = act.code = row.code
    act.values = dict(wanted)
    for name, value in wanted.items():
        act.changes.append([name, getattr(person, name), value])


def _kind_meant(row: PersonRow, open_ties: list[Tie]) -> str:
    if row.kind:
        return row.kind
    kinds = {tie.kind for tie in open_ties}
    return next(iter(kinds)) if len(kinds) == 1 else HOME


def _tie_meant(row: PersonRow, person: Person, unit: Unit | None, today: dt.date) -> Tie | None:
    """The open tie that the row is about: the home, or the one of its kind to that unit."""
    open_ties = [tie for tie in person.ties if tie.is_open(today)]
    kind = _kind_meant(row, open_ties)
    meant = [tie for tie in open_ties if tie.kind == kind]
    if kind != HOME and unit is not None:
        meant = [tie for tie in meant if tie.unit == unit.pk]
    return meant[0] if len(meant) == 1 else None


def _leave(
    row: PersonRow, until: dt.date, tie: Tie | None, person: Person, act: Act, today: dt.date
) -> None:
    if tie is None:
        if any(one.until == until for one in person.ties):
            return  # left that day already
        raise Refused("leaves_unknown")
    if until < tie.since:
        raise Refused("leaves_before_since", since=tie.since.isoformat())
    if len([one for one in person.ties if one.is_open(today)]) == 1:
        if not person.may_leave:
            raise Refused("leaver_holds_post")
        act.values["is_active"] = False
    act.close.append((tie.pk, until, row.leaving or REASONS[tie.kind]))
    act.changes.append(["until", None, until.isoformat()])


def _tie(
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
    _check_place(unit, kind)
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


def _tags(row: PersonRow, person: Person, act: Act) -> None:
    for dimension, values in row.tags.items():
        before = person.tags.get(dimension, set())
        after = set(values)
        if before == after:
            continue
        act.tags_open += [(dimension, value) for value in values if value not in before]
        act.tags_close += sorted(before - after)
        act.changes.append([dimension, sorted(before), sorted(after)])
