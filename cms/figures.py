"""How many lectures were published, taken into the library, chosen as premium; and how many are.

Counted from `Standing`: items (节) are lectures, productions (部) are what they were made as; a
lecture that belongs to no production is a production of one item.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from cms.standing import Standing
from cms.unit_figures import Asked, by_branch
from organizations import scope

KINDS = (Standing.Kind.PUBLISHED, Standing.Kind.LIBRARY, Standing.Kind.PREMIUM)


@dataclass(frozen=True)
class Number:
    items: int = 0
    productions: int = 0


Numbers = dict[str, Number]  # by kind
NOTHING: Numbers = {str(kind): Number() for kind in KINDS}
COUNTS: dict[str, Any] = {
    "items": Count("lecture", distinct=True),
    "made": Count("lecture__production", distinct=True),
    "alone": Count("lecture", distinct=True, filter=Q(lecture__production__isnull=True)),
}


@dataclass(frozen=True)
class LibraryFigures:
    """By the path of a unit right below, and in all. A production of several units is one."""

    decided: dict[str, Numbers]
    decided_in_all: Numbers
    held: dict[str, Numbers]
    held_in_all: Numbers


def library_figures(asked: Asked) -> LibraryFigures:
    """Four queries, however many units and lectures there are."""
    decided = Standing.objects.decided(since=asked.period.begins, before=asked.period.ends)
    held = Standing.objects.at(asked.period.ends)
    return LibraryFigures(
        decided=_by_branch(decided, asked),
        decided_in_all=_in_all(decided, asked),
        held=_by_branch(held, asked),
        held_in_all=_in_all(held, asked),
    )


def _by_branch(rows: QuerySet[Standing], asked: Asked) -> dict[str, Numbers]:
    found: dict[str, Numbers] = {}
    counted = by_branch(rows, asked.unit, field="organization").values("branch", "kind")
    for row in counted.annotate(**COUNTS):
        found.setdefault(row["branch"], dict(NOTHING))[row["kind"]] = _number(row)
    return found


def _in_all(rows: QuerySet[Standing], asked: Asked) -> Numbers:
    inside = rows.filter(scope.subtree(asked.unit.path, "organization")).order_by()
    counted = inside.values("kind").annotate(**COUNTS)
    return NOTHING | {row["kind"]: _number(row) for row in counted}


def _number(row: Any) -> Number:
    return Number(items=row["items"], productions=row["made"] + row["alone"])
