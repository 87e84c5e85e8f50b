"""The check of an uploaded file: every row read, decided and kept, chunk after chunk."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from audit import log
from organizations import scope
from organizations.models import Organization, RosterImport, RosterRow, User
from organizations.permissions import TREE_KEEPERS
from organizations.roster import files
from organizations.roster.bulk import rows_insert
from organizations.roster.imports import limits
from organizations.roster.people_act import Act
from organizations.roster.people_facts import FactsLoader, Reach
from organizations.roster.people_known import Facts
from organizations.roster.people_plan import Seen, person_plan
from organizations.roster.people_rows import PersonRow, person_row
from organizations.roster.problems import FileProblem, Message
from organizations.roster.reading import Sheet, sheet_open
from organizations.roster.transitions import NO_LEASE, Claim, import_move, work_held
from organizations.roster.unit_plan import Known, UnitAct, UnitRow, unit_row, units_plan
from organizations.signin.limits import Held, elsewhere_check, elsewhere_take
from organizations.units.rules import KINDS_BELOW

T = TypeVar("T")
# PostgreSQL takes larger bites; on SQLite a bite keeps every other writer waiting.
CHUNK = 2000 if connection.vendor == "postgresql" else 500


class LeaseLost(Exception):
    """Somebody else works on it, or a person has cancelled it; nothing more may be written."""


def import_check(*, roster_import: RosterImport, claim: Claim, today: dt.date) -> None:
    """Read the file and decide every row; begins anew when it was interrupted.

    Raises FileProblem for a file that is refused whole, and LeaseLost.
    """
    _rows_forget(claim)
    with files.file_local(roster_import.source) as path:
        sheet = sheet_open(path, kind=roster_import.kind, limits=limits())
        foreign = Foreign(roster_import.who, settings.ROSTER_MAX_FOREIGN)
        if roster_import.kind == RosterImport.Kind.UNITS:
            chunks = _units(roster_import, sheet)
        else:
            chunks = _people(roster_import, sheet, today, foreign)
        plans: Counter[str] = Counter()
        total = told = 0
        for rows in chunks:
            plans.update(row.plan for row in rows)
            total += len(rows)
            with transaction.atomic():
                held(claim, rows_total=total, rows_done=total, attempts=claim.attempt)
                rows_insert(RosterRow, rows)
                # Logged as it is found, however the check ends and whether anything is written.
                if foreign.rows > told:
                    log.record(
                        "roster.import",
                        actor=roster_import.who,
                        target=roster_import,
                        kind=str(roster_import.kind),
                        rows=len(rows),
                        foreign=foreign.rows - told,
                    )
                    told = foreign.rows
    if not total:
        raise FileProblem("no_rows")
    foreign.settle()
    import_move(
        "checked",
        claim.uuid,
        claim=claim,
        checked_at=timezone.now(),
        plans=dict(plans),
        notes=[list(note) for note in _notes(sheet)],
        rows_done=0,
        **NO_LEASE,
    )


class Foreign:
    """Rows refused because of somebody whom the uploader does not keep.

    Such a refusal tells that a code or phone is known here. A roster has a few; a file that asks
    for many is stopped, before it tells anything, and so is one of many files that ask for a few:
    the people met are counted together with those of the forms (`people.taken`).
    """

    TELLING = frozenset({"person_outside", "person_erased", "phone_taken"})

    def __init__(self, who: User | None, limit: int) -> None:
        self.who = who
        self.limit = limit
        self.rows = 0
        self.met: set[int] = set()
        if who is not None:
            with self.within_limits():
                elsewhere_check(who)

    def count(self, row: PersonRow, act: Act, facts: Facts) -> None:
        if act.plan != RosterRow.Plan.REFUSE or act.messages[0][0] not in self.TELLING:
            return
        met = (facts.by_code.get(row.code.lower()), facts.by_phone.get(row.phone))
        known = {person.pk for person in met if person is not None and not person.in_scope}
        if known:
            self.met |= known
            self.rows += 1
            if self.rows > self.limit:
                with suppress(FileProblem):
                    self.settle()
                raise FileProblem("too_many_foreign", limit=self.limit, foreign=self.rows)

    def settle(self) -> None:
        """Count whom the file met, before it tells of them; a check that begins anew counts
        nobody twice. Raises FileProblem.
        """
        if self.who is not None:
            with self.within_limits():
                elsewhere_take(self.who, self.met)

    @contextmanager
    def within_limits(self) -> Iterator[None]:
        try:
            yield
        except Held as held:
            raise FileProblem("asked_too_often", foreign=self.rows) from held


def held(claim: Claim, **changes: object) -> None:
    """Keep the lease and lock the row; raises LeaseLost."""
    if not work_held(RosterImport, claim, now=timezone.now(), **changes):
        raise LeaseLost


def _rows_forget(claim: Claim) -> None:
    """What a check that was interrupted has left."""
    with transaction.atomic():
        held(claim, rows_done=0, rows_total=0)
        RosterRow.objects.filter(roster_import=claim.uuid).delete()


def _notes(sheet: Sheet) -> Iterator[Message]:
    if sheet.header.passwords:
        yield "password_column", {}
    if sheet.header.ignored:
        yield "columns_ignored", {"labels": list(sheet.header.ignored[:20])}


def _people(
    roster_import: RosterImport, sheet: Sheet, today: dt.date, foreign: Foreign
) -> Iterator[list[RosterRow]]:
    reach = Reach(who=roster_import.who, unit=roster_import.unit)
    loader, seen = FactsLoader(reach, today=today), Seen()
    seed = str(roster_import.pk)
    pick = sheet.header.pick
    for lines in _chunks(sheet.lines, CHUNK):
        read = [person_row(line.number, pick(line.cells), today=today) for line in lines]
        facts = loader.facts(read)
        acts = [person_plan(row, facts, today=today, seed=seed, seen=seen) for row in read]
        for row, act in zip(read, acts, strict=True):
            foreign.count(row, act, facts)
        yield [_row(roster_import, row, act) for row, act in zip(read, acts, strict=True)]


def _units(roster_import: RosterImport, sheet: Sheet) -> Iterator[list[RosterRow]]:
    read = [unit_row(line.number, sheet.header.pick(line.cells)) for line in sheet.lines]
    acts = units_plan(
        read,
        units_known(roster_import),
        may_hold=lambda above, kind: kind in KINDS_BELOW.get(above, ()),
    )
    pairs = zip(read, acts, strict=True)
    for some in _chunks(pairs, CHUNK):
        yield [_row(roster_import, row, act) for row, act in some]


def units_known(roster_import: RosterImport) -> dict[str, Known]:
    """The tree as it stands, and what the uploader keeps of it, by code in small letters."""
    units = list(Organization.objects.all())
    codes = {unit.path: unit.code for unit in units}
    who, limit = roster_import.who, roster_import.unit
    roots = (
        [""] if who is None else [one.path for one in scope.managed_units(who, roles=TREE_KEEPERS)]
    )
    within = limit.path if limit is not None else ""
    known = {}
    for unit in units:
        inside = unit.path.startswith(within)
        known[unit.code.lower()] = Known(
            code=unit.code,
            name=unit.name,
            kind=unit.kind,
            parent=codes.get(unit.path[: -Organization.steplen], ""),
            is_open=unit.closed_on is None,
            kept=inside and any(unit.path.startswith(one) and unit.path != one for one in roots),
            kept_below=inside and any(unit.path.startswith(one) for one in roots),
        )
    return known


def _row(roster_import: RosterImport, row: PersonRow | UnitRow, act: Act | UnitAct) -> RosterRow:
    return RosterRow(
        roster_import=roster_import,
        number=row.number,
        step=act.step if isinstance(act, UnitAct) else 0,
        code=act.code,
        data=row.data(),
        plan=act.plan,
        changes=act.changes,
        messages=[list(message) for message in act.messages],
    )


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    waiting = iter(items)
    while some := list(itertools.islice(waiting, size)):
        yield some
