"""What people's figures follow from: their entries, what they are, where their branches stand.

A handful of queries for any number of people. Nothing here depends on what was counted before.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F, IntegerField, QuerySet, Sum, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce, ExtractDay, ExtractMonth, ExtractYear

from lms.gatherings.models import Share
from lms.gatherings.source import CODE as GATHERING
from lms.ledger.books import rules_known
from lms.ledger.models import CreditEntry, YearStatement
from lms.ledger.own_month import own_month
from lms.ledger.standings import LEADING, Standing, people_standing, targets_known
from lms.ledger.statements import months_plain
from lms.ledger.targets import Category
from lms.ledger.watched import CODE as WATCHED
from lms.reports.contributions import CATEGORIES, KINDS, Learnt, Lesson, Person, Place, Year
from organizations.models import Membership, Organization, Post, Tag

ENTRY = (
    *("pk", "user_id", "source", "subject", "kind", "year", "hours", "rule_version"),
    *("organization_id", "reverses_id", "own_month"),
)


@dataclass(frozen=True, slots=True)
class Derived:
    person: Person
    roster: int
    entries: int


class _Entry(NamedTuple):
    """One row of the ledger; hours in hundredths, `sign` -1 for a reversal."""

    user: int
    month: int
    kind: int
    unit: int | None
    lecture: int | None
    sign: int
    hours: int
    counted: int
    year: int


class Frozen(NamedTuple):
    """What a closed year says of somebody; hours in hundredths."""

    unit: int | None
    target: int | None
    counted: int
    category: int


def people_derived(user_ids: Collection[int], *, today: dt.date) -> dict[int, Derived]:
    entries = _entries(user_ids)
    standings = {
        year: people_standing(user_ids, year=year, today=today, targets=targets_known())
        for year in (today.year, today.year - 1)
    }
    frozen = _frozen(user_ids)
    units = {one.unit for own in entries.values() for one in own}
    units |= {one.organization for found in standings.values() for one in found.values()}
    units |= {one.unit for own in frozen.values() for one in own.values()}
    places = places_of({unit for unit in units if unit is not None})
    rosters = rosters_seen(user_ids)
    return {
        user: Derived(
            person=_person(
                entries[user],
                {year: found[user] for year, found in standings.items()},
                frozen[user],
                places,
                today,
            ),
            roster=rosters.get(user, 0),
            entries=len(entries[user]),
        )
        for user in user_ids
    }


def _person(
    entries: list[_Entry],
    standings: dict[int, Standing],
    frozen: dict[int, Frozen],
    places: dict[int, Place],
    today: dt.date,
) -> Person:
    learnt: dict[tuple[int, int, Place], list[int]] = defaultdict(lambda: [0, 0, 0])
    lessons: dict[tuple[int, int, Place], int] = defaultdict(int)
    by_year: dict[int, int] = defaultdict(int)
    for one in entries:
        by_year[one.year] += one.counted
        if one.unit is None:
            continue
        place = places[one.unit]
        sums = learnt[one.month, one.kind, place]
        for number, value in enumerate((one.sign, one.hours, one.counted)):
            sums[number] += value
        if one.lecture is not None:
            lessons[one.month, one.lecture, place] += one.sign
    now = standings[today.year]
    return Person(
        home=places[now.organization] if now.organization is not None else (),
        is_exempt=now.is_exempt and now.organization is not None,
        learnt=tuple(Learnt(*key, *sums) for key, sums in sorted(learnt.items()) if any(sums)),
        lessons=tuple(Lesson(*key, times) for key, times in sorted(lessons.items()) if times),
        years=tuple(_years(standings, frozen, by_year, places)),
    )


def _years(
    standings: dict[int, Standing],
    frozen: dict[int, Frozen],
    by_year: dict[int, int],
    places: dict[int, Place],
) -> Iterable[Year]:
    """Of this year and the last as they stand; of closed years what was frozen."""
    for year in sorted(standings.keys() | frozen.keys()):
        if year in frozen:
            unit, target, counted, category = frozen[year]
        else:
            standing = standings[year]
            unit, target = standing.organization, _hundredths(standing.target)
            counted, category = by_year[year], _category(months_plain(standing.months))
        if unit is not None and target is not None:
            yield Year(year, places[unit], category, target, counted)


def _category(months: Sequence[str]) -> int:
    """The last one in which the year asked for hours, of its months as statements have them."""
    held = [CATEGORIES[month] for month in months if month in CATEGORIES]
    return held[-1] if held else CATEGORIES[str(Category.MEMBER)]


def _hundredths(hours: Decimal | None) -> int | None:
    return None if hours is None else int(hours * 100)


def _entries(user_ids: Collection[int]) -> dict[int, list[_Entry]]:
    rules = rules_known()
    found_rows = CreditEntry.objects.filter(user__in=user_ids).annotate(own_month=own_month())
    rows = list(found_rows.values_list(*ENTRY))
    lectures = lectures_of((source, subject) for _pk, _user, source, subject, *_more in rows)
    months = {row[0]: row[-1] for row in rows}
    years = {row[0]: row[5] for row in rows}
    found: dict[int, list[_Entry]] = defaultdict(list)
    for pk, user, source, subject, kind, year, hours, version, unit, reverses, _month in rows:
        rule = rules.get(version)
        worth = int(hours * 100)
        # What was reversed within its year is as if it had never been; later it is a correction.
        within = reverses is not None and years.get(reverses) == year
        found[user].append(
            _Entry(
                user=user,
                month=months[reverses if within else pk],
                kind=KINDS[kind],
                unit=unit,
                lecture=lectures.get((source, subject)),
                sign=1 if reverses is None else -1,
                hours=worth,
                counted=worth if rule is not None and kind in rule.counted else 0,
                year=year,
            )
        )
    return found


def lectures_of(subjects: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """The lecture that an entry is about, where it is about one: by source and subject."""
    found, shares = {}, set()
    for source, subject in subjects:
        if source == WATCHED:
            found[source, subject] = subject
        elif source == GATHERING:
            shares.add(subject)
    if shares:
        rows = Share.objects.filter(pk__in=shares, play__isnull=False)
        for share, lecture in rows.values_list("pk", "play__lecture_id"):
            found[GATHERING, share] = lecture
    return found


def _frozen(user_ids: Collection[int]) -> dict[int, dict[int, Frozen]]:
    """Of closed years by person and year."""
    rows = YearStatement.objects.filter(
        user__in=user_ids, closing__reopened_at=None, closing__finished_at__isnull=False
    )
    found: dict[int, dict[int, Frozen]] = defaultdict(dict)
    names = ("user_id", "closing__year", "organization_id", "target", "counted", "months")
    for user, year, unit, target, counted, months in rows.values_list(*names):
        found[user][year] = Frozen(unit, _hundredths(target), int(counted * 100), _category(months))
    return found


def places_of(units: Collection[int]) -> dict[int, Place]:
    """Where these units stand today."""
    rows = Organization.objects.order_by().values_list("pk", "path")
    paths = dict(rows.filter(pk__in=units))
    step = Organization.steplen
    above = {path[:end] for path in paths.values() for end in range(step, len(path) + 1, step)}
    ids = {path: pk for pk, path in rows.filter(path__in=above)}
    return {
        pk: tuple(ids[path[:end]] for end in range(step, len(path) + 1, step))
        for pk, path in paths.items()
    }


# -- what the roster says of somebody, as a number -------------------------------------------------


def rosters_seen(user_ids: Collection[int] | None = None) -> dict[int, int]:
    """A number of each person's dated rows that targets rest on; another one when a row was added,
    ended, taken away or belongs to another branch. Everybody's without `user_ids`.
    """
    found: dict[int, int] = defaultdict(int)
    for number, rows in enumerate(roster_rows()):
        if user_ids is not None:
            rows = rows.filter(user__in=user_ids)
        unit = F("organization_id") if rows.model is Membership else Value(0)
        weight = (
            F("pk") * 7919
            + unit * 104_729
            + _number("valid_from") * 131
            + Coalesce(_number("valid_to"), 0, output_field=IntegerField()) * 1009
        )
        sums = rows.order_by().values("user_id").annotate(seen=Sum(weight))
        for user, seen in sums.values_list("user_id", "seen").iterator(chunk_size=5000):
            found[user] += (number + 1) * int(seen)
    return dict(found)


def roster_rows() -> tuple[QuerySet[Any], ...]:
    """The rows that say to which branch somebody belongs and what is asked of them."""
    return (
        Membership.objects.filter(kind=Membership.Kind.HOME),
        Tag.objects.filter(value__in=(*LEADING, Tag.Value.EXEMPT)),
        Post.objects.filter(role=Post.Role.SECRETARY),
    )


def _number(day: str) -> CombinedExpression:
    return ExtractYear(day) * 372 + ExtractMonth(day) * 31 + ExtractDay(day)
