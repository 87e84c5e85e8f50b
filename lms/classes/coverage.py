"""Who of each category has been taught (全员全覆盖): eligible, enrolled, completed, missing.

By position and by field of work. Everybody stands in one row of each: that of the first of their
tags, in the order of the tags, or that of those who have none; so the rows of each add up to the
total. Who is a secretary the ledger says (`standings.secretaries`). People of whom nothing is asked
(exempt) stand outside. Categories come in the order of the tags, people in the order of the tree:
nothing here is a ranking.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.classes.matching import learnt, ties_in
from lms.classes.models import ClassPlan, Enrolment
from lms.ledger.standings import exempt_people, secretaries
from organizations.models import DIMENSIONS, Membership, Organization, Tag
from organizations.models.people import dimension_of

SHOWS = ("missing", "completed", "enrolled", "eligible")
ROWS = (Tag.Dimension.POSITION, Tag.Dimension.FIELD)
# What no tag says: everybody; nothing of a dimension.
ALL = "all"
OTHERS = {one: f"{one}-others" for one in ROWS}
CATEGORIES = (ALL, *(value for one in ROWS for value in (*DIMENSIONS[one], OTHERS[one])))
CHUNK = 5000


@dataclass(frozen=True)
class Covered:
    """Counts of people of one category; completed ones are those of any run of the plan. `value`
    is one of `CATEGORIES`.
    """

    value: str
    label: str
    eligible: int
    enrolled: int
    completed: int

    @property
    def missing(self) -> int:
        return self.eligible - self.completed


@dataclass(frozen=True)
class Coverage:
    """By position, by field of work; each adds up to `total`."""

    groups: list[tuple[str, list[Covered]]]
    total: Covered


def label_of(value: str) -> str:
    if value == ALL:
        return pgettext("coverage", "Everybody")
    if value == OTHERS[Tag.Dimension.POSITION]:
        return _("Others, without a position")
    if value == OTHERS[Tag.Dimension.FIELD]:
        return _("Others, without a field of work")
    return str(Tag.Value(value).label)


def coverage(plan: ClassPlan, unit: Organization) -> Coverage:
    """A row for each category that anybody of the unit has. A fixed number of queries."""
    ties = _eligible(unit)
    people = set(_users(ties))
    enrolled = people.intersection(_users(_learners(plan, "enrolled")))
    completed = people.intersection(_users(_learners(plan, "completed")))

    def row(value: str, of: set[int]) -> Covered:
        return Covered(value, label_of(value), len(of), len(of & enrolled), len(of & completed))

    groups = []
    for dimension in ROWS:
        found = {value: set[int]() for value in (*DIMENSIONS[dimension], OTHERS[dimension])}
        places = _first_tags(dimension, ties)
        for person in people:
            found[places.get(person, OTHERS[dimension])].add(person)
        rows = [row(value, of) for value, of in found.items() if of]
        groups.append((str(dimension.label), rows))
    return Coverage(groups, row(ALL, people))


def _first_tags(dimension: str, ties: QuerySet[Membership]) -> dict[int, str]:
    """Person → the first of their tags."""
    order = {value: number for number, value in enumerate(DIMENSIONS[dimension])}
    tags = Tag.objects.current().filter(value__in=order, user__in=ties.values("user"))
    found: dict[int, str] = {}
    for person, value in tags.values_list("user_id", "value").iterator(chunk_size=CHUNK):
        found[person] = min(found.get(person, value), value, key=order.__getitem__)
    if dimension == Tag.Dimension.POSITION:
        found |= dict.fromkeys(_users(ties.filter(secretaries())), str(Tag.Value.SECRETARY))
    return found


def people_of(plan: ClassPlan, unit: Organization, value: str, show: str) -> QuerySet[Membership]:
    """The ties of the people behind one figure, by unit and name."""
    ties = _eligible(unit)
    if value != ALL:
        ties = ties.filter(_within(value))
    if show == "missing":
        ties = ties.exclude(user__in=_learners(plan, "completed").values("user"))
    elif show != "eligible":
        ties = ties.filter(user__in=_learners(plan, show).values("user"))
    # Somebody with two ties stands there once.
    earlier = ties_in(unit).filter(user=OuterRef("user"), pk__lt=OuterRef("pk"))
    shown = ties.filter(~Exists(earlier)).select_related("user", "organization")
    return shown.order_by("organization__path", "user__name", "pk")


def _within(value: str) -> Q:
    """Of ties: whose people have this tag and none before it; or none at all."""
    for dimension, others in OTHERS.items():
        if value == others:
            return ~_tagged(DIMENSIONS[dimension])
    values = DIMENSIONS[dimension_of(value)]
    before = values[: values.index(value)]
    return _tagged([value]) & ~_tagged(before) if before else _tagged([value])


def _tagged(values: Iterable[str]) -> Q:
    tags = Tag.objects.current().filter(value__in=list(values))
    found = Q(user__in=tags.values("user"))
    return found | secretaries() if Tag.Value.SECRETARY in values else found


def _eligible(unit: Organization) -> QuerySet[Membership]:
    return ties_in(unit).filter(~exempt_people())


def _learners(plan: ClassPlan, show: str) -> QuerySet[Enrolment]:
    if show == "completed":
        return learnt(plan)
    return Enrolment.objects.open().filter(training_class__plan=plan)


def _users(rows: QuerySet[Any]) -> Iterable[int]:
    return rows.order_by().values_list("user_id", flat=True).iterator(chunk_size=CHUNK)
