"""A unit's own past in sentences: opened, renamed, moved, merged, closed. Names of units only."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from organizations.models import Organization, Placement


@dataclass(frozen=True)
class Event:
    on: dt.date
    text: str


def timeline(unit: Organization) -> list[Event]:
    """The newest first. Three queries."""
    rows = list(Placement.objects.filter(organization=unit).order_by("valid_from"))
    taken = Organization.objects.filter(merged_into=unit).select_related("merged_into")
    events = _events(unit, rows)
    events += [
        Event(one.closed_on, _("%(name)s was merged into this unit.") % {"name": one.name})
        for one in taken
        if one.closed_on
    ]
    return sorted(events, key=lambda event: event.on, reverse=True)


def _events(unit: Organization, rows: list[Placement]) -> list[Event]:
    if not rows:
        return []
    superiors = _Superiors({row.parent_id for row in rows if row.parent_id})
    events = [Event(rows[0].valid_from, _opened(rows[0], superiors))]
    for before, row in itertools.pairwise(rows):
        day = row.valid_from
        if before.valid_to is not None and before.valid_to < day:
            events.append(Event(before.valid_to, _("Closed.")))
            events.append(Event(day, _("Opened again.")))
        if before.name != row.name:
            names = {"old": before.name, "new": row.name}
            events.append(Event(day, _("Renamed from “%(old)s” to “%(new)s”.") % names))
        if before.parent_id != row.parent_id:
            above = {"old": superiors.name(before, day), "new": superiors.name(row, day)}
            events.append(Event(day, _("Moved from %(old)s to %(new)s.") % above))
    if unit.closed_on is not None:
        events.append(Event(unit.closed_on, _closed(unit)))
    return events


def _opened(row: Placement, superiors: _Superiors) -> str:
    above = superiors.name(row, row.valid_from)
    return _("Opened below %(parent)s.") % {"parent": above} if above else _("Opened.")


def _closed(unit: Organization) -> str:
    if unit.merged_into is None:
        return _("Closed.")
    return _("Merged into %(name)s and closed.") % {"name": unit.merged_into.name}


class _Superiors:
    """What the superiors were called on a day."""

    def __init__(self, units: Iterable[int]) -> None:
        self._rows = list(Placement.objects.filter(organization__in=units).order_by("valid_from"))

    def name(self, row: Placement, day: dt.date) -> str:
        named = [one for one in self._rows if one.organization_id == row.parent_id]
        then = [one for one in named if one.valid_from <= day] or named
        return then[-1].name if then else ""
