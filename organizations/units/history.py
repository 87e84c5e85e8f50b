"""The tree of any day, and what was counted in it.

Two readings of a past day: as the tree then stood (`Tree.THEN`), and people as they then were in
today's tree (`Tree.TODAY`), for comparisons over a reorganisation. Figures only: who may see the
people themselves is decided by today's scope, everywhere else.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import astuple, dataclass
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Substr

from organizations import scope
from organizations.models import Membership, Organization, Placement, Tag, today
from organizations.models.units import PlacementQuerySet

Kind = Organization.Kind


class Tree(enum.StrEnum):
    THEN = "then"
    TODAY = "today"


@dataclass(frozen=True)
class Figures:
    """Counts on one day of a unit and everything below it; each is people except the first two.

    `units` are those that are no branches. `floating_out` and `exempt` are members at home here
    with that tag on that day; `hosts` belong to a branch elsewhere.
    """

    units: int = 0
    branches: int = 0
    home: int = 0
    hosts: int = 0
    learners: int = 0
    exempt: int = 0
    floating_out: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


def placements_on(day: dt.date) -> PlacementQuerySet:
    """The whole tree of a day; narrow it with `within(place)` or `visible_to(user, on=day)`."""
    rows: PlacementQuerySet = Placement.objects.current(day)
    return rows


def placement_on(unit: Organization, day: dt.date) -> Placement | None:
    """Where the unit stood on a day; None before it was opened and after it was closed."""
    return placements_on(day).filter(organization=unit).first()


def above(place: Placement, day: dt.date) -> list[Placement]:
    """The superiors of a place on that day, from the topmost one down. One query."""
    step = Organization.steplen
    paths = [place.path[:end] for end in range(step, len(place.path), step)]
    rows = placements_on(day).filter(path__in=paths).select_related("organization")
    return list(rows.order_by("path"))


def figures(unit: Organization, *, on: dt.date | None = None, tree: Tree = Tree.THEN) -> Figures:
    """The counts of a unit with everything below it on a day. Three or four queries."""
    return sum(figures_below(unit, on=on, tree=tree).values(), Figures())


def figures_below(
    unit: Organization, *, on: dt.date | None = None, tree: Tree = Tree.THEN
) -> dict[str, Figures]:
    """The counts by the paths of the unit itself (what hangs on it directly) and of its children
    (each with everything below), in the tree that was asked for. Three or four queries.
    """
    day = on or today()
    if tree is Tree.TODAY or day == today():
        # Today's placements are today's tree, which needs no join through time.
        units: Any = Organization.objects.open().within(unit)
        inside = scope.subtree(unit.path, "organization")
        return _counted(unit.path, day, units, inside, "organization__path")
    place = placement_on(unit, day)
    if place is None:
        return {}
    stood = Q(organization__placements__valid_to__isnull=True) | Q(
        organization__placements__valid_to__gt=day
    )
    # One condition, so that all of it is asked of one and the same placement.
    inside = scope.subtree(place.path, "organization__placements") & stood
    inside &= Q(organization__placements__valid_from__lte=day)
    units = placements_on(day).within(place)
    return _counted(place.path, day, units, inside, "organization__placements__path")


def _counted(
    path: str, day: dt.date, units: Any, inside: Q, member_path: str
) -> dict[str, Figures]:
    """Grouped by the step below `path`: one query for units, one for people, one for tags."""
    end = len(path) + Organization.steplen
    members: Any = Membership.objects.current(day).filter(inside).order_by()
    members = members.annotate(group=Substr(member_path, 1, end)).values("group")
    units = units.order_by().annotate(group=Substr("path", 1, end)).values("group")
    found: dict[str, dict[str, int]] = {}
    for counts in (_unit_counts(units), _people_counts(members), _tag_counts(members, day)):
        for row in counts:
            found.setdefault(row.pop("group"), {}).update(row)
    return {group: Figures(**row) for group, row in found.items()}


def _unit_counts(units: Any) -> Any:
    branch = Q(kind=Kind.BRANCH)
    return units.annotate(units=Count("pk", filter=~branch), branches=Count("pk", filter=branch))


def _people_counts(members: Any) -> Any:
    home, host, learner = (
        Q(kind=kind)
        for kind in (Membership.Kind.HOME, Membership.Kind.HOST, Membership.Kind.LEARNER)
    )
    return members.annotate(
        home=Count("pk", filter=home),
        hosts=Count("pk", filter=host),
        learners=Count("pk", filter=learner),
    )


def _tag_counts(members: Any, day: dt.date) -> Any:
    ends = Q(user__tags__valid_to__isnull=True) | Q(user__tags__valid_to__gt=day)
    values = (Tag.Value.EXEMPT, Tag.Value.FLOATING_OUT)
    exempt, away = (Q(user__tags__value=value) for value in values)
    homes = members.filter(
        ends,
        kind=Membership.Kind.HOME,
        user__tags__valid_from__lte=day,
        user__tags__value__in=values,
    )
    return homes.annotate(
        exempt=Count("user", distinct=True, filter=exempt),
        floating_out=Count("user", distinct=True, filter=away),
    )
