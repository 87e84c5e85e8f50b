"""Keeping `Placement` in step with today's tree, and the one lock that writers of the tree take.

The rows in force on a day are the tree as it stood when that day ended, so several acts on one
day leave one row for each unit, and an act that is undone on the same day leaves none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from organizations.models import Organization, Placement

BATCH = 1000


@dataclass(frozen=True)
class Place:
    """Where a unit stands and what it is called."""

    parent: int | None
    name: str
    kind: str
    path: str


@dataclass(frozen=True)
class Row:
    """A stored placement that is open or ended on the day in question."""

    pk: int
    unit: int
    valid_from: dt.date
    valid_to: dt.date | None
    place: Place


@dataclass
class Changes:
    """What has to be done to rows, by their keys, and the units that need a new row."""

    delete: list[int] = field(default_factory=list)
    close: list[int] = field(default_factory=list)
    reopen: list[int] = field(default_factory=list)
    insert: list[int] = field(default_factory=list)


def changes_between(
    wanted: Mapping[int, Place | None], rows: Iterable[Row], day: dt.date
) -> Changes:
    """What brings the rows of units to the wanted state of a day.

    `wanted` gives the place of each unit, None for a closed one; `rows` are all rows of these
    units that are open or ended on `day`. Days before are never touched: a row is deleted only
    if it began on the day itself.
    """
    found = Changes()
    settled: set[int] = set()
    for row in sorted(rows, key=lambda one: one.valid_from):
        place, is_open = wanted[row.unit], row.valid_to is None
        if row.place == place and row.unit not in settled:
            settled.add(row.unit)
            if not is_open:
                found.reopen.append(row.pk)
        elif is_open:
            (found.delete if row.valid_from == day else found.close).append(row.pk)
    found.insert = [unit for unit, place in wanted.items() if place and unit not in settled]
    return found


def tree_lock() -> None:
    """Wait until nobody else writes the tree; held until the transaction ends.

    Readers do not wait, nor do rows that only refer to the topmost unit.
    """
    roots = Organization.objects.select_for_update(no_key=True).filter(depth=1)
    list(roots.order_by("path").values_list("pk", flat=True))


def placements_follow(units: Iterable[int], *, day: dt.date) -> None:
    """Bring the placements of these units in step with the tree, from the day on.

    A handful of statements, however many units there are. Only under `tree_lock`.
    """
    pks = list(units)
    wanted = _places(pks)
    changes = changes_between(wanted, _rows(pks, day), day)
    Placement.objects.filter(pk__in=changes.delete).delete()
    Placement.objects.filter(pk__in=changes.close).update(valid_to=day)
    Placement.objects.filter(pk__in=changes.reopen).update(valid_to=None)
    Placement.objects.bulk_create(
        [_placement(unit, place, day) for unit in changes.insert if (place := wanted[unit])],
        batch_size=BATCH,
    )


def _placement(unit: int, place: Place, day: dt.date) -> Placement:
    return Placement(
        organization_id=unit,
        parent_id=place.parent,
        name=place.name,
        kind=place.kind,
        path=place.path,
        valid_from=day,
    )


def _places(pks: list[int]) -> dict[int, Place | None]:
    step = Organization.steplen
    units = list(
        Organization.objects.filter(pk__in=pks).values_list(
            "pk", "path", "name", "kind", "closed_on"
        )
    )
    above = {path[:-step] for _, path, _, _, _ in units}
    parents = dict(Organization.objects.filter(path__in=above).values_list("path", "pk"))
    return {
        pk: None if closed else Place(parents.get(path[:-step]), name, kind, path)
        for pk, path, name, kind, closed in units
    }


def _rows(pks: list[int], day: dt.date) -> list[Row]:
    rows = Placement.objects.filter(organization__in=pks)
    rows = rows.filter(valid_to__isnull=True) | rows.filter(valid_to=day)
    fields = ("pk", "organization_id", "valid_from", "valid_to", "parent_id", "name", "kind")
    return [
        Row(pk, unit, begun, ended, Place(parent, name, kind, path))
        for pk, unit, begun, ended, parent, name, kind, path in rows.values_list(*fields, "path")
    ]
