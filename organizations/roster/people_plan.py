"""What a row means for the roster as it stands: new, changed, leaving, the same, or refused.

Pure: the roster comes in as `Facts`, gathered for some thousand rows at a time
(`organizations.roster.people_facts`), and what is to be done goes out as `Act`
(`organizations.roster.people_commit`). The same decision is made at the check and, on fresh
facts, when a row is written. What becomes of ties is decided in `people_ties`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from organizations.roster.people_act import CHANGE, CREATE, LEAVE, REFUSE, SAME, Act, Refused
from organizations.roster.people_known import HOME, Facts, Person, Unit
from organizations.roster.people_rows import HIDDEN, PersonRow, is_made, made_code
from organizations.roster.people_ties import check_place, tie_leave, tie_meant, tie_plan


@dataclass(slots=True)
class Seen:
    """Rows of the file so far, to find the same person twice."""

    codes: dict[str, int] = field(default_factory=dict)
    phones: dict[str, int] = field(default_factory=dict)
    people: dict[int, int] = field(default_factory=dict)
    nameless: dict[tuple[int, str], int] = field(default_factory=dict)


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
    if not person.in_scope or (person.is_gone and person.name != row.name):
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
    check_place(unit, kind)
    if not row.code and not row.phone and (unit.pk, row.name) in facts.namesakes:
        raise Refused("namesake", unit=unit.name)
    act.plan = CREATE
    act.code = row.code or made_code(seed, row.number)
    act.values = {"name": row.name, "phone": row.phone or None}
    act.open = [(unit.pk, kind, row.since or today)]
    act.tags_open = [(one, value) for one, values in row.tags.items() for value in values]
    act.changes = [["unit", None, unit.name]]


# -- known ---------------------------------------------------------------------------------------


def _change(
    row: PersonRow, person: Person, unit: Unit | None, facts: Facts, act: Act, today: dt.date
) -> None:
    act.person = person.pk
    act.code = person.code or ""
    _account(row, person, act)
    tie = tie_meant(row, person, unit, today)
    if row.until is not None:
        tie_leave(row, row.until, tie, person, act, today)
    else:
        if person.is_gone:
            act.values["is_active"] = True
        tie_plan(row, person, unit, tie, facts, act, today)
        _tags(row, person, act)
    if person.is_own and act.changes_record:
        raise Refused("own_record")
    act.plan = (LEAVE if row.until is not None else CHANGE) if act.does_something else SAME


def _account(row: PersonRow, person: Person, act: Act) -> None:
    wanted: dict[str, str] = {}
    if row.name != person.name:
        wanted["name"] = row.name
    if row.phone not in ("", HIDDEN) and row.phone != person.phone:
        if person.is_gone:
            # Never in one act with the return: a number opens the way into an account.
            act.messages.append(("phone_stays", {}))
        else:
            wanted["phone"] = row.phone
    if row.code and row.code.lower() != (person.code or "").lower():
        wanted["code"] = act.code = row.code
    opens = "phone" in wanted or "code" in wanted
    if opens and person.keeps_account is not None and not person.keeps_account():
        raise Refused("account_not_kept")
    act.values = dict(wanted)
    for name, value in wanted.items():
        act.changes.append([name, getattr(person, name), value])


def _tags(row: PersonRow, person: Person, act: Act) -> None:
    for dimension, values in row.tags.items():
        before = person.tags.get(dimension, set())
        after = set(values)
        if before == after:
            continue
        act.tags_open += [(dimension, value) for value in values if value not in before]
        act.tags_close += sorted(before - after)
        act.changes.append([dimension, sorted(before), sorted(after)])
