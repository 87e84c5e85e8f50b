"""Two ways to find the ties that were asked for, and which of them is quicker.

*Walking* goes through the list in its own order and looks each person's marks up, until the page
is full: quick where many have what is asked. *Gathering* takes the people who have the rarest mark,
drops those without the others, and sorts the rest: quick where few have it. A database chooses
between them by guessing how many have all of it together, and people's marks depend on one another
in ways that it does not know; here both are written so that it has nothing to guess.

Both give the same rows. What is known of sizes, an hour old at most, says which is taken. They do
not say where in the tree those people are, so a walk that has come far beyond what it should have
needed ends, and the rows are gathered after all.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, prod
from typing import Any

from django.db.models import QuerySet

from organizations import scope
from organizations.models import Membership, Organization
from organizations.people.marks import Mark, marks_asked
from organizations.people.sizes import is_far, sizes
from organizations.people.wish import RosterWish

PER_PAGE = 50
# Totals are exact up to here where that is quick, and up to the second number anyhow; beyond, a
# page says "more than".
COUNTED, COUNTED_SLOWLY = 500, 100
# What it takes on PostgreSQL, in microseconds: to come to a tie of the list, and to look one mark
# up; to take one person of the rarest mark from its index, and to compare one of another mark with
# those; to find the tie of a person, or to look through the ties of the list for those of many; to
# put one tie in its place.
COME, LOOK, TAKE, READ, FIND, SCAN, SORT = 1.5, 5.0, 0.4, 0.15, 4.0, 0.45, 1.0
# What takes no more than this is sure to be quick.
SURE = 40_000
# Walks go so many times as far as is likely to do.
FAR = 3


@dataclass(frozen=True)
class Asked:
    """Ties that were asked for, both ways; `gathered` is None where there is one way only."""

    walked: QuerySet[Membership]
    gathered: QuerySet[Membership] | None = None
    is_gathered: bool = False
    counted: int = COUNTED
    # Names what is asked, where it is kept that a walk came to nothing.
    key: str = ""
    # The path of the unit whose list it is.
    start: str = ""
    # Units to walk through until one tie is found; 0 where all are walked through quickly.
    units_to_one: float = 0
    # Units that are walked through in any case before the ties are gathered after all.
    units_at_least: float = 0

    @property
    def quickest(self) -> QuerySet[Membership]:
        return self.gathered if self.is_gathered and self.gathered is not None else self.walked

    def near(
        self, wanted: int, *, start: str = "", backwards: bool = False
    ) -> tuple[QuerySet[Membership], QuerySet[Membership]] | None:
        """Walked ties of as many units, from a path or the beginning on, as should hold so many of
        them, and all of them gathered; None where a walk has no reason to end early, or no unit to
        end at. One query.
        """
        if self.is_gathered or self.gathered is None or not self.units_to_one:
            return None
        sign, end = ("lt", "gt") if backwards else ("gt", "lt")
        units = Organization.objects.filter(**{f"path__{sign}": start or self.start})
        number = ceil(max(FAR * wanted * self.units_to_one, self.units_at_least))
        paths = units.order_by("-path" if backwards else "path").values_list("path", flat=True)
        border = paths[number : number + 1].first()
        if border is None:
            return None
        return self.walked.filter(**{f"organization__path__{end}e": border}), self.gathered


def asked_of(ties: QuerySet[Membership], wish: RosterWish, *, unit: Organization) -> Asked:
    """What a wish leaves of the ties that a viewer may see in a unit and below."""
    ties = conditions(ties, wish)
    marks = marks_asked(wish)
    # A whole phone or code names one person: an index leads there.
    if not marks or wish.phone or wish.code:
        return Asked(walked(ties, marks))
    here = Membership.objects.current()
    below = here.filter(scope.subtree(unit.path, "organization"))
    place = f"{unit.path}.{wish.kind}"
    known = sizes(
        {mark.key: mark.rows for mark in marks}
        | {
            "everybody": here,
            place: below.filter(kind=wish.kind) if wish.kind else below,
            f"{unit.path}.units": Organization.objects.within(unit),
        }
    )
    people = max(known["everybody"], 1)
    marks.sort(key=lambda mark: known[mark.key])
    shares = [min(known[mark.key] / people, 1) for mark in marks]
    share, ties_here = prod(shares), known[place]
    # Of the people who have the first mark, and of those left after each other one.
    left = [prod(shares[:number]) for number in range(len(marks))]
    looking = LOOK * people * sum(left[1:])
    reading = READ * sum(known[mark.key] for mark in marks[1:])
    gathering = (
        TAKE * known[marks[0].key]
        + min(looking, reading)
        + min(FIND * share * people, SCAN * ties_here)
        + SORT * share * ties_here
    )
    walk_each = COME + LOOK * sum(left)

    def walking(wanted: float) -> float:
        return min(ties_here, wanted / max(share, 1 / people)) * walk_each

    counted = COUNTED if walking(COUNTED) < SURE else COUNTED_SLOWLY
    a_page = walking(PER_PAGE) + walking(counted)
    is_long = walking(ties_here * share) > SURE
    units_to_a_tie = known[f"{unit.path}.units"] / max(ties_here, 1)
    key = ".".join((place, *(mark.key for mark in marks)))
    # Of two that are quick, gathering is surer than a walk that may turn out long.
    weight = 2 if is_long and gathering < SURE else 1
    is_gathered = gathering < weight * a_page or is_far(key)
    return Asked(
        walked=walked(ties, marks),
        gathered=gathered(ties, marks, looked_up=looking < reading),
        is_gathered=is_gathered,
        key=key,
        start=unit.path,
        counted=COUNTED if is_gathered else counted,
        units_to_one=units_to_a_tie / max(share, 1 / people) if is_long else 0,
        # As many as are walked through in a third of the time.
        units_at_least=units_to_a_tie * gathering / walk_each / 3,
    )


def conditions(ties: QuerySet[Membership], wish: RosterWish) -> QuerySet[Membership]:
    """What is asked of the tie itself, and whole phones and codes."""
    if wish.kind:
        ties = ties.filter(kind=wish.kind)
    if wish.phone:
        ties = ties.filter(user__phone=wish.phone)
    elif wish.code:
        ties = ties.filter(user__code__in={wish.code, wish.code.upper()})
    return ties


def walked(ties: QuerySet[Membership], marks: list[Mark]) -> QuerySet[Membership]:
    """The marks looked up for each tie; the rarest first leaves the least to look up."""
    return _having(ties, marks, person="user")


def gathered(
    ties: QuerySet[Membership], marks: list[Mark], *, looked_up: bool
) -> QuerySet[Membership]:
    """Ties of the people who have the first mark and all others, which are looked up for each of
    them, or read as a whole.

    Told apart, the people are found by themselves, whatever the list around them asks for.
    """
    first, *others = marks
    rows = first.rows
    if looked_up:
        rows = _having(rows, others, person=first.column)
    else:
        for mark in others:
            rows = rows.filter(**{f"{first.column}__in": mark.people})
    return ties.filter(user__in=rows.order_by().values(first.column).distinct())


def _having(rows: QuerySet[Any], marks: list[Mark], *, person: str) -> QuerySet[Any]:
    for number, mark in enumerate(marks):
        name = f"mark{number}"
        rows = rows.alias(**{name: mark.of(person)}).filter(**{f"{name}__isnull": False})
    return rows
