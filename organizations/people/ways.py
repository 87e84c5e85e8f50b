"""Two ways to find the ties that were asked for, and which of them is quicker.

*Walking* goes through the list in its own order and looks each person's marks up, until the page
is full: quick where many have what is asked. *Gathering* takes the people who have the rarest mark,
drops those without the others, and sorts the rest: quick where few have it. A database chooses
between them by guessing how many have all of it together, and people's marks depend on one another
in ways that it does not know; here both are written so that it has nothing to guess.

Both give the same rows. What is known of sizes, an hour old at most, says which is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from django.db.models import QuerySet

from organizations import scope
from organizations.models import Membership, Organization
from organizations.people.marks import Mark, marks_asked
from organizations.people.sizes import sizes
from organizations.people.wish import RosterWish

# What it takes on PostgreSQL, in microseconds: to come to a tie of the list, and to look one mark
# up; to read one person of a mark from its index; to find the tie of a person, or to look through
# the ties of the list for those of many; to put one tie in its place.
COME, LOOK, READ, FIND, SCAN, SORT = 1.5, 5.0, 0.2, 4.0, 0.25, 1.0
# Gathering that takes no more than this is sure to be quick, walking is likely to be.
SURE = 60_000


@dataclass(frozen=True)
class Asked:
    """Ties that were asked for, both ways; `gathered` is None where there is one way only."""

    walked: QuerySet[Membership]
    gathered: QuerySet[Membership] | None = None
    # Ties to walk through, how many of them until one is found, and what each takes.
    ties: int = 0
    ties_to_one: float = 0
    walk_each: float = 0
    # What it takes to gather all.
    gather_all: float = 0

    def is_gathered(self, wanted: int) -> bool:
        """Whether gathering is the quicker way to so many rows."""
        likely = min(self.ties, wanted * self.ties_to_one) * self.walk_each
        at_worst = self.ties * self.walk_each
        return self.gathered is not None and self.gather_all < max(likely, min(at_worst, SURE))

    def quickest(self, wanted: int) -> QuerySet[Membership]:
        gather = self.is_gathered(wanted)
        return self.gathered if gather and self.gathered is not None else self.walked


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
        | {"everybody": here, place: below.filter(kind=wish.kind) if wish.kind else below}
    )
    people = max(known["everybody"], 1)
    marks.sort(key=lambda mark: known[mark.key])
    shares = [min(known[mark.key] / people, 1) for mark in marks]
    share, ties_here = prod(shares), known[place]
    # Of the people who have the first mark, and of those left after each other one.
    left = [prod(shares[:number]) for number in range(len(marks))]
    looking = LOOK * people * sum(left[1:])
    reading = READ * sum(known[mark.key] for mark in marks[1:])
    return Asked(
        walked=walked(ties, marks),
        gathered=gathered(ties, marks, looked_up=looking < reading),
        ties=ties_here,
        ties_to_one=1 / max(share, 1 / people),
        walk_each=COME + LOOK * sum(left),
        gather_all=READ * known[marks[0].key]
        + min(looking, reading)
        + min(FIND * share * people, SCAN * ties_here)
        + SORT * share * ties_here,
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
