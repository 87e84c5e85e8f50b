"""Writing rows of a units' workbook: acts on the tree, one after the other, superiors first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction

from organizations.models import Organization, RosterImport, RosterRow
from organizations.permissions import check_can_create_below, check_can_keep_unit
from organizations.units.tree import (
    NewUnit,
    TreeError,
    organization_move,
    organization_rename,
    organizations_create,
)

Plan, Outcome = RosterRow.Plan, RosterRow.Outcome


def units_commit(*, roster_import: RosterImport, rows: Sequence[RosterRow]) -> None:
    """Write the rows in the caller's transaction; a row that the tree refuses says why."""
    waiting: list[RosterRow] = []
    for row in rows:
        if row.plan == Plan.CREATE:
            waiting.append(row)
            continue
        _create(roster_import, waiting)
        waiting = []
        _attempt(row, Outcome.CHANGED, lambda row=row: _change(roster_import, row))  # type: ignore[misc]
    _create(roster_import, waiting)
    RosterRow.objects.bulk_update(rows, ("outcome", "messages"), batch_size=1000)


def _create(roster_import: RosterImport, rows: Sequence[RosterRow]) -> None:
    """All at once; if one of them does not fit, each alone."""
    if not rows:
        return
    try:
        with transaction.atomic():
            _units_create(roster_import, rows)
    except (TreeError, PermissionDenied):
        for row in rows:
            _attempt(row, Outcome.CREATED, lambda row=row: _units_create(roster_import, [row]))  # type: ignore[misc]
        return
    for row in rows:
        row.outcome = Outcome.CREATED


def _units_create(roster_import: RosterImport, rows: Sequence[RosterRow]) -> None:
    own = {row.code.lower() for row in rows}
    for row in rows:
        if row.data["parent"].lower() not in own and roster_import.who is not None:
            check_can_create_below(roster_import.who, _unit(row.data["parent"]))
    organizations_create(
        actor=roster_import.who,
        rows=[
            NewUnit(row.code, row.data["name"], row.data["kind"], row.data["parent"])
            for row in rows
        ],
    )


def _change(roster_import: RosterImport, row: RosterRow) -> None:
    unit = _unit(row.code)
    if roster_import.who is not None:
        check_can_keep_unit(roster_import.who, unit)
    for name, _before, after in row.changes:
        if name == "name":
            organization_rename(actor=roster_import.who, organization=unit, name=after)
        elif name == "parent":
            parent = _unit(after)
            if roster_import.who is not None:
                check_can_create_below(roster_import.who, parent)
            organization_move(actor=roster_import.who, organization=unit, parent=parent)


def _attempt(row: RosterRow, outcome: str, act: Callable[[], None]) -> None:
    try:
        with transaction.atomic():
            act()
    except (TreeError, PermissionDenied) as refusal:
        row.outcome = Outcome.REFUSED
        row.messages = [*row.messages, ["tree", {"text": str(refusal)}]]
    else:
        row.outcome = outcome


def _unit(code: str) -> Organization:
    found = Organization.objects.filter(code__iexact=code).first()
    if found is None:
        raise TreeError(code)
    return found
