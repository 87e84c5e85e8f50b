"""Which unit a person may open, on which day, and whether its people may be shown.

Today's scope opens a unit on every day. The scope of a past day opens what then stood below:
figures only, never people. Anything else does not exist for that person.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils.dateparse import parse_date

from organizations import scope
from organizations.models import Organization, Placement, today
from organizations.units.history import Tree, placement_on

PAGE = 50


@dataclass(frozen=True)
class Day:
    """The day and the tree that a page shows."""

    on: dt.date
    tree: Tree

    @property
    def is_past(self) -> bool:
        return self.on < today()

    @property
    def standing(self) -> dt.date:
        """The day whose tree is shown."""
        return self.on if self.tree is Tree.THEN else today()

    @property
    def query(self) -> str:
        """What carries the day to the next page: empty today."""
        if not self.is_past:
            return ""
        kept = "&tree=today" if self.tree is Tree.TODAY else ""
        return f"on={self.on:%Y-%m-%d}{kept}"


def asked_day(request: HttpRequest) -> Day:
    """From `?on=YYYY-MM-DD&tree=today`; today for no day, no such day and days to come."""
    try:
        day = parse_date(request.GET.get("on", ""))
    except ValueError:
        day = None
    if day is None or day >= today():
        return Day(today(), Tree.THEN)
    return Day(day, Tree.TODAY if request.GET.get("tree") == "today" else Tree.THEN)


@dataclass(frozen=True)
class Sight:
    """A unit as a person may see it on a day."""

    unit: Organization
    day: Day
    # Where it stood in the tree that is shown; None when it was not there.
    place: Placement | None
    # Whether today's scope holds it: only then people, lists and acts.
    is_own: bool
    readable: tuple[str, ...]

    def opens(self, place: Placement) -> bool:
        """Whether a place of the tree that is shown leads to a page for this person."""
        return any(place.path.startswith(path) for path in self.readable)


def unit_seen(user: Any, code: str, day: Day) -> Sight:
    """The unit with this code for this person on that day, or Http404."""
    unit = Organization.objects.filter(code=code).first()
    if unit is None:
        raise Http404
    units = scope.readable_units(user)
    is_own = any(unit.path.startswith(one.path) for one in units)
    place = placement_on(unit, day.standing)
    readable = _paths_on(units, day.standing)
    stood = place is not None and any(place.path.startswith(path) for path in readable)
    if not is_own and not (stood and day.tree is Tree.THEN):
        raise Http404
    return Sight(unit, day, place, is_own, tuple(readable))


def _paths_on(units: list[Organization], day: dt.date) -> list[str]:
    if day == today():
        return scope.outermost({unit.path for unit in units})
    rows = Placement.objects.current(day).filter(organization__in=[unit.pk for unit in units])
    return scope.outermost(set(rows.values_list("path", flat=True)))


def matching(words: str) -> Q:
    """Placements whose name holds the words, or whose unit's code begins with them."""
    return Q(name__icontains=words) | Q(organization__code__istartswith=words)


def asked_words(request: HttpRequest) -> str:
    return " ".join(request.GET.get("q", "").split())[:60]


@dataclass(frozen=True)
class Slice:
    """Some rows in the order of the tree, and the code to go on after; empty at the end."""

    rows: list[Placement]
    next_after: str
    begins_later: bool


def placements_slice(rows: Any, after: str, *, size: int = PAGE) -> Slice:
    """By keyset: as quick after a thousand rows as at the beginning."""
    after_row = rows.filter(organization__code=after) if after else rows.none()
    begin = after_row.values_list("path", flat=True).first()
    if begin is not None:
        rows = rows.filter(path__gt=begin)
    found = list(rows.select_related("organization", "parent").order_by("path")[: size + 1])
    more = len(found) > size
    found = found[:size]
    return Slice(found, found[-1].organization.code if more else "", begin is not None)
