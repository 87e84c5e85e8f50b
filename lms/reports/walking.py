"""Branch after branch of a unit, in the order of the tree, as far as there is something in them.

The sums at the units on the way say which branches have something, so a page of a list reads those
of its own rows and a level of units for each step down, wherever it begins.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from lms.reports.figures import below
from organizations import scope
from organizations.models import Organization

# How many rows there are in each of these units and below; those without any may be left out.
Counts = Callable[[Collection[int]], dict[int, int]]


@dataclass(frozen=True, slots=True)
class Some:
    """Units whose own rows come next. `path`: of a unit by itself."""

    units: list[int]
    path: str = ""


def branches_with(
    unit: Organization, counts: Counts, *, wanted: int, after: str = "", blind: bool = False
) -> Iterator[Some]:
    """Branches by so many that a page may be full with them. `after`: the path of the unit from
    which on, "" for the beginning. `blind`: only units above branches are counted.
    """
    waiting: list[Organization] = []
    rows = 0
    for one, n in _branches(unit, counts, after, blind):
        if n >= wanted and waiting:
            yield _some(waiting)
            waiting, rows = [], 0
        waiting.append(one)
        rows += n
        if rows >= wanted:
            yield _some(waiting)
            waiting, rows = [], 0
    if waiting:
        yield _some(waiting)


def _some(units: list[Organization]) -> Some:
    found = _with_merged(units)
    return Some(found, units[0].path if len(found) == 1 else "")


def _branches(
    unit: Organization, counts: Counts, after: str, blind: bool
) -> Iterator[tuple[Organization, int]]:
    if _is_branch(unit):
        yield unit, counts([unit.pk]).get(unit.pk, 0)
        return
    children = below(unit)
    found = counts([unit.pk, *(one.pk for one in children)])
    # Whoever belongs to the unit itself; rows of people all belong to branches today.
    own = found.get(unit.pk, 0) - sum(found.get(one.pk, 0) for one in children)
    if own > 0 and unit.path >= after:
        yield unit, own
    for one in children:
        if one.path < after and not after.startswith(one.path):
            continue
        n = found.get(one.pk, 0)
        if _is_branch(one):
            if n or blind:
                yield one, n or 1
        elif n:
            yield from _branches(one, counts, after, blind)


def _is_branch(unit: Organization) -> bool:
    return bool(unit.kind == Organization.Kind.BRANCH)


def _with_merged(units: list[Organization]) -> list[int]:
    """With the records of branches that were merged into them."""
    found = [one.pk for one in units]
    for one in units:
        if _is_branch(one) and one.numchild:
            inside = Organization.objects.filter(scope.subtree(one.path)).exclude(pk=one.pk)
            found += inside.values_list("pk", flat=True)
    return found
