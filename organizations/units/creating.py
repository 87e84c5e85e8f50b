"""New units, one or many at a time: a few statements for a whole workbook of them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.http import HttpRequest
from django.utils.translation import gettext as _

from audit import log
from organizations.models import Organization, Placement, today
from organizations.signals import organization_changed
from organizations.units import rules
from organizations.units.placing import BATCH, placements_follow, tree_lock

MOST_LEVELS = 60


@dataclass(frozen=True)
class NewUnit:
    """A unit to be made; `parent` is the code of its superior, None for the topmost unit."""

    code: str
    name: str
    kind: str
    parent: str | None


def organization_create(
    *,
    actor: Any,
    parent: Organization | None,
    code: str,
    name: str,
    kind: str,
    on: dt.date | None = None,
    request: HttpRequest | None = None,
) -> Organization:
    """Make a unit below `parent`; without one, the topmost unit of an empty tree."""
    row = NewUnit(code, name, kind, parent.code if parent is not None else None)
    return organizations_create(actor=actor, rows=[row], on=on, request=request)[0]


@transaction.atomic
def organizations_create(
    *,
    actor: Any,
    rows: Iterable[NewUnit],
    on: dt.date | None = None,
    request: HttpRequest | None = None,
) -> list[Organization]:
    """Make units, superiors before those below them; all or none.

    With a past day, they stand in the trees since then. Where many are made, one entry of the
    log counts them.
    """
    wanted, day = list(rows), on or today()
    tree_lock()
    known = {
        unit.code: unit
        for unit in Organization.objects.filter(
            code__in={row.parent for row in wanted if row.parent}
        )
    }
    taken = rules.codes_taken(row.code for row in wanted)
    places, made, made_below = _Places(day), [], Counter[str]()
    for row in wanted:
        unit = _unit(row, known, taken, day, places)
        known[unit.code] = unit
        taken.add(unit.code.lower())
        made.append(unit)
        if row.parent is not None:
            made_below[known[row.parent].path] += 1
    for unit in made:
        unit.numchild = made_below.pop(unit.path, 0)
    Organization.objects.bulk_create(made, batch_size=BATCH)
    for path, count in made_below.items():
        Organization.objects.filter(path=path).update(numchild=F("numchild") + count)
    placements_follow([unit.pk for unit in made], day=day)
    for unit in made:
        organization_changed.send(Organization, organization=unit, act="create")
    _record(actor, request, made)
    return made


def _unit(
    row: NewUnit,
    known: dict[str, Organization],
    taken: set[str],
    day: dt.date,
    places: _Places,
) -> Organization:
    code, name = rules.clean_code(row.code), rules.clean_name(row.name)
    if code.lower() in taken:
        raise rules.TreeError(_("The code %(code)s is in use already.") % {"code": code})
    unit = Organization(code=code, name=name, kind=row.kind, opened_on=day)
    if row.parent is None:
        if Organization.objects.filter(depth=1).exists() or known:
            raise rules.TreeError(_("There is a topmost unit already."))
        unit.path, unit.depth = Organization._get_path(None, 1, 1), 1
        return unit
    parent = known.get(row.parent)
    if parent is None:
        raise rules.TreeError(_("There is no unit with the code %(code)s.") % {"code": row.parent})
    rules.check_can_hold(parent, row.kind)
    if parent.pk is not None:
        rules.check_can_open_on(parent, day, today=today())
    if parent.depth >= MOST_LEVELS:
        raise rules.TreeError(_("The tree has too many levels here."))
    unit.path, unit.depth = places.next_below(parent), parent.depth + 1
    return unit


class _Places:
    """Free places below superiors; where a past day is asked for, never used since then."""

    def __init__(self, day: dt.date) -> None:
        self._day = day
        self._last: dict[str, int] = {}

    def next_below(self, parent: Organization) -> str:
        path, depth = parent.path, parent.depth + 1
        if path not in self._last:
            self._last[path] = self._last_used(path) if parent.pk is not None else 0
        self._last[path] += 1
        found: str = Organization._get_path(path, depth, self._last[path])
        return found

    def _last_used(self, path: str) -> int:
        below = Organization._get_children_path_interval(path)
        used = Organization.objects.order_by().filter(path__range=below)
        paths = [used.aggregate(last=Max("path"))["last"]]
        if self._day < today():
            rows = Placement.objects.filter(path__range=below)
            paths.append(rows.aggregate(last=Max("path"))["last"])
        step = slice(len(path), len(path) + Organization.steplen)
        return max((Organization._str2int(one[step]) for one in paths if one), default=0)


def _record(actor: Any, request: HttpRequest | None, made: list[Organization]) -> None:
    if len(made) == 1:
        unit = made[0]
        log.record("unit.create", actor=actor, target=unit, request=request, code=unit.code)
    elif made:
        log.record(
            "unit.create",
            actor=actor,
            request=request,
            units=len(made),
            first=made[0].pk,
            last=made[-1].pk,
        )
