"""Which reviews a submission goes through, where, and who must not hold them. Pure.

三审三校: a self-check by the one in charge, a first review by the section, a final review by the
leader, each with its proofreading (校对). They are held inside one unit that decides. Which
territorial levels decide at all is a setting of each line and has nothing to do with their number.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    SELF = "self"
    FIRST = "first"
    FINAL = "final"


class Above(StrEnum):
    """What the levels above the first that decides add."""

    FINAL = "final"
    ALL = "all"


# A unit of a line that follows no territory always decides about what is below it.
LINE = "line"
TERRITORIAL = ("township", "county", "city")
THREE = (Kind.SELF, Kind.FIRST, Kind.FINAL)


@dataclass(frozen=True)
class Place:
    """A unit on the way up: its id and its kind (`Organization.Kind`)."""

    unit: int
    kind: str


@dataclass(frozen=True)
class Planned:
    """One review with its proofreading, to be held in `unit`."""

    kind: Kind
    unit: int


def review_plan(
    chain: Sequence[Place], *, levels: Iterable[str], above: str = Above.FINAL
) -> list[Planned]:
    """The reviews of one round, in order.

    `chain` is the submitting unit and everything above it, the nearest first; `levels` are those
    that take part. The lowest of them holds all three reviews, only the self-check lies with the
    submitting unit. Each further one adds its final review, or all three. Where no level of the
    chain takes part the nearest unit above villages and branches decides. Raises ValueError for
    an empty chain.
    """
    if not chain:
        raise ValueError("a submission comes from a unit")
    taking_part = {*levels, LINE}
    deciding = [place for place in chain if place.kind in taking_part]
    if not deciding:
        offices = [place for place in chain if place.kind in TERRITORIAL]
        deciding = (offices or list(chain[-1:]))[:1]
    lowest, *higher = deciding
    steps = [
        Planned(Kind.SELF, chain[0].unit),
        Planned(Kind.FIRST, lowest.unit),
        Planned(Kind.FINAL, lowest.unit),
    ]
    for place in higher:
        kinds = THREE if above == Above.ALL else (Kind.FINAL,)
        steps += [Planned(kind, place.unit) for kind in kinds]
    return steps


def may_decide(
    person: int,
    *,
    barred: Container[int | None],
    deciders: Container[int | None],
    proofreader: int | None,
    separate: bool,
) -> bool:
    """Whether one person may hold a review: nobody barred (who recorded or handed it in), nobody
    who has held another review of the round, and not the one who has proofread this very review
    where the line wants two people.
    """
    if person in barred or person in deciders:
        return False
    return not (separate and person == proofreader)


def may_proofread(person: int, *, barred: Container[int | None]) -> bool:
    """Proofreading asks for eyes that did not write it; who decides later is judged then."""
    return person not in barred


def is_staffed(
    reviewers: Iterable[int],
    proofreaders: Iterable[int],
    *,
    barred: Container[int | None],
    deciders: Container[int | None],
    proofreader: int | None,
    separate: bool,
) -> bool:
    """Whether the people of a unit can hold a review and its proofreading among them; once it is
    proofread (`proofreader`), whether somebody is left who may decide.
    """
    able = {
        person
        for person in reviewers
        if may_decide(
            person, barred=barred, deciders=deciders, proofreader=proofreader, separate=separate
        )
    }
    if proofreader is not None:
        return bool(able)
    readers = {person for person in proofreaders if may_proofread(person, barred=barred)}
    if not separate:
        return bool(able and readers)
    return any(readers - {person} for person in able)
