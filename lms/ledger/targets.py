"""How many hours a year asks of somebody. No Django.

Twelve months, each with what the person was on its first day; a month asks for a twelfth of that
category's yearly target, a month as a guest, before joining or while exempt for nothing. So
somebody who becomes secretary in the middle of the year owes a part of each.

Start values: 党员教育管理工作条例 (2019) art. 20 asks members for 32 hours; 2019-2023年全国党员
教育培训工作规划 asks secretaries and team members for 56. They are data from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

QUARTER = Decimal("0.25")


class Category(StrEnum):
    MEMBER = "member"
    LEADING = "leading"


START = {Category.MEMBER: Decimal(32), Category.LEADING: Decimal(56)}


@dataclass(frozen=True, slots=True)
class Target:
    """In force from a year on until another of the same category and unit; `path` is that of the
    unit in the tree, empty for everybody.
    """

    year: int
    category: Category
    path: str
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Month:
    """What somebody was on the first day of a month; no category asks for nothing."""

    category: Category | None
    path: str = ""
    is_exempt: bool = False


def hours_asked(targets: Iterable[Target], *, year: int, category: Category, path: str) -> Decimal:
    """The yearly target for a category in a unit: that of the nearest unit, of the newest year."""
    fitting = [
        one
        for one in targets
        if one.category == category and one.year <= year and path.startswith(one.path)
    ]
    found = max(fitting, key=lambda one: (len(one.path), one.year), default=None)
    return found.hours if found else START[category]


def target_of(targets: Sequence[Target], *, year: int, months: Sequence[Month]) -> Decimal:
    """Of twelve months; in quarters of an hour, rounded down."""
    asked = sum(
        (
            hours_asked(targets, year=year, category=month.category, path=month.path)
            for month in months
            if month.category is not None and not month.is_exempt
        ),
        Decimal(0),
    )
    return (asked / len(months) / QUARTER).to_integral_value(ROUND_DOWN) * QUARTER
