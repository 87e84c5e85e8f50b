"""What one person adds to the figures of units. No Django.

A figure is never asked of people: each person adds to the rows (`Key`) of every unit above the
branch where something was earned, and a figure is a sum of rows. Rows that count different people
name the month and the month before it in which the same person had something in the same unit:
how many different people had something from month a until month b is the sum of the rows with
a <= month <= b whose month before lies before a, for in a person's row of months exactly one has
that. So any span of months costs a few hundred rows, whatever the number of people, and somebody
who changed branches within a county is one person of the county.

Months are numbers, year * 12 + month - 1; hours are hundredths, whole numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

# Ids of units from the topmost one to where somebody belongs.
Place = tuple[int, ...]
NEVER = 0


class What(IntEnum):
    """What a row counts. `item` and `month` mean what stands here."""

    # Who learnt, by the branch of that day; item: 0 anything, else a number of KINDS.
    LEARNT = 1
    # Of those who belong there today and are asked: who learnt anything, anywhere.
    COVERED = 2
    # Who belongs there today; item: ASKED or EXEMPT.
    MEMBERS = 3
    # Yearly targets; item: a number of CATEGORIES, month: the year. `people` are asked, `times`
    # have reached it, `hours` are asked for in all, `counted` are there.
    YEAR = 4
    # Who learnt a lecture; item: the lecture. Of units above branches only.
    LECTURE = 5


ANYTHING = 0
KINDS = {"self_study": 1, "class": 2, "collective": 3, "external": 4}
CATEGORIES = {"member": 0, "leading": 1}
ASKED, EXEMPT = 0, 1


class Key(NamedTuple):
    unit: int
    what: int
    item: int
    month: int
    before: int


class Amount(NamedTuple):
    """Different people (人数), times (人次), hours, and those of them that count for a target."""

    people: int = 0
    times: int = 0
    hours: int = 0
    counted: int = 0


Contributions = dict[Key, Amount]


class Learnt(NamedTuple):
    """What somebody earned in a month at one place by one kind, reversals taken off."""

    month: int
    kind: int
    place: Place
    times: int
    hours: int
    counted: int


class Lesson(NamedTuple):
    month: int
    lecture: int
    place: Place
    times: int


class Year(NamedTuple):
    """What a year asks of somebody; `place` is where that counts."""

    year: int
    place: Place
    category: int
    target: int
    counted: int


@dataclass(frozen=True, slots=True)
class Person:
    """All that figures rest on. `home` is empty for who belongs nowhere today."""

    home: Place = ()
    is_exempt: bool = False
    learnt: tuple[Learnt, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    years: tuple[Year, ...] = ()

    @property
    def is_asked(self) -> bool:
        return bool(self.home) and not self.is_exempt

    @property
    def only_place(self) -> Place | None:
        """Where all of it is; None where there are several places, or nothing is."""
        places = {one.place for one in self.learnt} | {one.place for one in self.lessons}
        places |= {one.place for one in self.years} | ({self.home} if self.home else set())
        return places.pop() if len(places) == 1 else None


NOBODY = Person()


def contributions(person: Person) -> Contributions:
    found = _Rows()
    _contribute(person, found, units=_all)
    return _amounts(found)


def contributed(people: Iterable[Person]) -> Mapping[Sums, list[int]]:
    """What all of them add: the values of an `Amount` by those of a `Key`. Whoever was in one place
    alone adds the same to every unit above it, so it is worked out for the topmost one, and goes
    down once for all people of that place.
    """
    found, together = _Rows(), dict[Place, _Rows]()
    for person in people:
        if (place := person.only_place) is None:
            _contribute(person, found, units=_all)
        else:
            _contribute(person, together.setdefault(place, _Rows()), units=_topmost)
    for place, rows in together.items():
        for (_unit, what, item, month, before), amount in rows.items():
            for unit in place[:-1] if what == What.LECTURE else place:
                sums = found[unit, what, item, month, before]
                sums[0] += amount[0]
                sums[1] += amount[1]
                sums[2] += amount[2]
                sums[3] += amount[3]
    return found


# The values of a `Key`.
Sums = tuple[int, int, int, int, int]


class _Rows(dict[Sums, list[int]]):
    """Sums while they grow."""

    def __missing__(self, key: Sums) -> list[int]:
        self[key] = row = [0, 0, 0, 0]
        return row


def _amounts(rows: _Rows) -> Contributions:
    return {Key(*key): Amount(*amount) for key, amount in rows.items() if any(amount)}


def _all(units: Place) -> Place:
    return units


def _topmost(units: Place) -> Place:
    return units[:1]


def _contribute(person: Person, found: _Rows, *, units: Callable[[Place], Place]) -> None:
    """Add to the rows of the units that `units` picks of each place."""
    earned: dict[tuple[int, int, int], list[_Month]] = defaultdict(list)
    for one in person.learnt:
        month = (one.month, one.times, one.hours, one.counted)
        for unit in units(one.place):
            earned[unit, What.LEARNT, ANYTHING].append(month)
            earned[unit, What.LEARNT, one.kind].append(month)
        if person.is_asked:
            for unit in units(person.home):
                earned[unit, What.COVERED, ANYTHING].append((one.month, one.times, 0, 0))
    for lesson in person.lessons:
        for unit in units(lesson.place[:-1]):
            earned[unit, What.LECTURE, lesson.lecture].append((lesson.month, lesson.times, 0, 0))
    for (unit, what, item), months in earned.items():
        for before, (number, times, hours, counted) in _in_order(months):
            amount = found[unit, what, item, number, before]
            amount[0] += times > 0
            if what != What.COVERED:
                amount[1] += times
                amount[2] += hours
                amount[3] += counted
    for unit in units(person.home):
        found[unit, What.MEMBERS, EXEMPT if person.is_exempt else ASKED, 0, NEVER][0] += 1
    for year in person.years:
        for unit in units(year.place):
            amount = found[unit, What.YEAR, year.category, year.year, NEVER]
            amount[0] += 1
            amount[1] += year.counted >= year.target
            amount[2] += year.target
            amount[3] += year.counted


# Month, times, hours, counted.
_Month = tuple[int, int, int, int]


def _in_order(months: list[_Month]) -> Iterable[tuple[int, _Month]]:
    """Each month once, with the last one before it that had something. A month in which more was
    taken back than earned (the year of which is closed) has nothing.
    """
    if len(months) == 1:
        yield NEVER, months[0]
        return
    sums: dict[int, list[int]] = {}
    for number, times, hours, counted in months:
        row = sums.setdefault(number, [0, 0, 0])
        row[0] += times
        row[1] += hours
        row[2] += counted
    before = NEVER
    for number in sorted(sums):
        times, hours, counted = sums[number]
        if times > 0:
            yield before, (number, times, hours, counted)
            before = number
        else:
            yield NEVER, (number, times, hours, counted)


def difference(new: Mapping[Key, Amount], old: Mapping[Key, Amount]) -> Contributions:
    """What is to be added so that the old becomes the new."""
    found = {}
    for key in new.keys() | old.keys():
        ahead, behind = new.get(key, Amount()), old.get(key, Amount())
        amount = Amount(*(a - b for a, b in zip(ahead, behind, strict=True)))
        if any(amount):
            found[key] = amount
    return found


def added(parts: Iterable[Mapping[Key, Amount]]) -> Contributions:
    found: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for part in parts:
        for key, amount in part.items():
            sums = found[key]
            for place, value in enumerate(amount):
                sums[place] += value
    return {key: Amount(*amount) for key, amount in found.items() if any(amount)}


# The month with which the text of `months_learnt` begins: January 2020.
FIRST_MONTH = 2020 * 12


def months_learnt(person: Person) -> str:
    """A character for each month from FIRST_MONTH on: 1 if more was earned than taken back."""
    sums: dict[int, int] = defaultdict(int)
    for one in person.learnt:
        sums[one.month] += one.times
    found = {month for month, times in sums.items() if times > 0 and month >= FIRST_MONTH}
    last = max(found, default=NEVER)
    return "".join("1" if month in found else "0" for month in range(FIRST_MONTH, last + 1))


# -- as it is stored -------------------------------------------------------------------------------


def plain(person: Person) -> dict[str, Any]:
    """JSON, with each place written once."""
    places: dict[Place, int] = {}

    def at(place: Place) -> int:
        return places.setdefault(place, len(places))

    found: dict[str, Any] = {
        "home": list(person.home),
        "exempt": int(person.is_exempt),
        "learnt": [[m, k, at(p), t, h, c] for m, k, p, t, h, c in person.learnt],
        "lessons": [[m, lecture, at(p), t] for m, lecture, p, t in person.lessons],
        "years": [[y, at(p), k, t, c] for y, p, k, t, c in person.years],
    }
    return found | {"places": [list(place) for place in places]}


def person_of(stored: Mapping[str, Any]) -> Person:
    places = [tuple(place) for place in stored["places"]]
    return Person(
        home=tuple(stored["home"]),
        is_exempt=bool(stored["exempt"]),
        learnt=tuple(Learnt(m, k, places[p], t, h, c) for m, k, p, t, h, c in stored["learnt"]),
        lessons=tuple(Lesson(m, lecture, places[p], t) for m, lecture, p, t in stored["lessons"]),
        years=tuple(Year(y, places[p], k, t, c) for y, p, k, t, c in stored["years"]),
    )
