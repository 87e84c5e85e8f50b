"""What the rows of a units' workbook mean for the tree: new, changed, the same, or refused. Pure.

A whole file is decided at once, since a row's superior may stand in another row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from organizations.roster import cells, vocabulary
from organizations.roster.people_act import CHANGE, CREATE, REFUSE, SAME, Change
from organizations.roster.problems import CellProblem, Message, RosterProblem


@dataclass(slots=True)
class UnitRow:
    number: int
    code: str = ""
    name: str = ""
    kind: str = ""
    parent: str = ""
    problems: list[Message] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        full = {"code": self.code, "name": self.name, "kind": self.kind, "parent": self.parent}
        return {key: value for key, value in full.items() if value}


@dataclass(frozen=True, slots=True)
class Known:
    """A unit as it stands. `kept`: the uploader may rename and move it; `kept_below`: and make
    units directly below it.
    """

    code: str
    name: str
    kind: str
    parent: str
    is_open: bool
    kept: bool
    kept_below: bool


@dataclass(slots=True)
class UnitAct:
    number: int
    plan: str
    code: str
    step: int = 0
    changes: list[Change] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


def unit_row(number: int, picked: Mapping[str, object]) -> UnitRow:
    """Read the cells of a row by field."""
    row = UnitRow(number)
    for name, value in picked.items():
        try:
            if name == "name":
                row.name = cells.name(value, longest=100)
            elif name == "kind":
                word = cells.text(value)
                row.kind = (vocabulary.unit_kind_of(word) or "") if word else ""
                if word and not row.kind:
                    raise CellProblem("unknown_word", word=word[:20])
            elif name in ("code", "parent"):
                setattr(row, name, cells.code(value))
        except CellProblem as problem:
            row.problems.append((problem.code, {**problem.params, "column": name}))
    if not row.problems:
        if not row.code:
            row.problems.append(("code_missing", {}))
        elif not row.name:
            row.problems.append(("name_missing", {}))
    return row


class _Refused(RosterProblem):
    pass


def units_plan(
    rows: Sequence[UnitRow],
    known: Mapping[str, Known],
    *,
    may_hold: Callable[[str, str], bool],
) -> list[UnitAct]:
    """Decide all rows. `known` is keyed by the code in small letters; `may_hold(above, kind)`
    tells what may stand directly below what.
    """
    return _Plan(rows, known, may_hold).acts()


class _Plan:
    def __init__(
        self,
        rows: Sequence[UnitRow],
        known: Mapping[str, Known],
        may_hold: Callable[[str, str], bool],
    ) -> None:
        self.rows = rows
        self.known = known
        self.may_hold = may_hold
        self.by_code: dict[str, UnitRow] = {}
        self.done: dict[str, UnitAct] = {}
        self.open: set[str] = set()
        self.steps = 0

    def acts(self) -> list[UnitAct]:
        twice: dict[int, int] = {}
        for row in self.rows:
            if row.problems:
                continue
            first = self.by_code.setdefault(row.code.lower(), row)
            if first is not row:
                twice[row.number] = first.number
        found = []
        for row in self.rows:
            if row.problems:
                found.append(UnitAct(row.number, REFUSE, row.code, messages=list(row.problems)))
            elif row.number in twice:
                message: Message = ("code_twice", {"row": twice[row.number]})
                found.append(UnitAct(row.number, REFUSE, row.code, messages=[message]))
            else:
                found.append(self.decide(row))
        return found

    def decide(self, row: UnitRow) -> UnitAct:
        """Superiors first; the depth of a tree is far below Python's own limit."""
        key = row.code.lower()
        if key in self.done:
            return self.done[key]
        self.open.add(key)
        act = UnitAct(row.number, REFUSE, row.code)
        try:
            unit = self.known.get(key)
            if unit is None:
                self.create(row, act)
            else:
                self.change(row, unit, act)
        except _Refused as refusal:
            act = UnitAct(row.number, REFUSE, row.code, messages=[refusal.message])
        self.open.discard(key)
        self.steps += 1
        act.step = self.steps
        self.done[key] = act
        return act

    def parent(self, row: UnitRow) -> str:
        """The kind of the superior unit, once it is certain that it will be there."""
        key = row.parent.lower()
        if key in self.open:
            raise _Refused("circle")
        if (above := self.by_code.get(key)) is not None and len(self.open) < 100:
            act = self.decide(above)
            if act.plan == REFUSE and key not in self.known:
                raise _Refused("parent_refused", row=above.number)
            if act.plan == CREATE:
                return above.kind
        unit = self.known.get(key)
        if unit is None:
            raise _Refused("parent_unknown", parent=row.parent)
        if not unit.is_open:
            raise _Refused("unit_closed", unit=unit.name)
        if not unit.kept_below:
            raise _Refused("parent_not_kept", parent=row.parent)
        return unit.kind

    def create(self, row: UnitRow, act: UnitAct) -> None:
        if not row.kind:
            raise _Refused("kind_missing")
        if not row.parent:
            raise _Refused("parent_missing")
        above = self.parent(row)
        if not self.may_hold(above, row.kind):
            raise _Refused("cannot_stand_there", kind=row.kind, above=above)
        act.plan = CREATE
        act.changes = [["parent", None, row.parent]]

    def change(self, row: UnitRow, unit: Known, act: UnitAct) -> None:
        if row.kind and row.kind != unit.kind:
            raise _Refused("kind_differs")
        if row.name != unit.name:
            act.changes.append(["name", unit.name, row.name])
        if row.parent and row.parent.lower() != unit.parent.lower():
            act.changes.append(["parent", unit.parent, row.parent])
        if not act.changes:
            act.plan = SAME
            return
        if not unit.is_open:
            raise _Refused("unit_closed", unit=unit.name)
        if not unit.kept:
            raise _Refused("unit_not_kept")
        if act.changes[-1][0] == "parent" and not self.may_hold(self.parent(row), unit.kind):
            raise _Refused("cannot_stand_there", kind=unit.kind, above="")
        act.plan = CHANGE
