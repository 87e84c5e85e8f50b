"""The roster as it stands, as far as some rows ask for it: units, people, their ties. Pure.

Gathered in `people_facts`; what rows mean for it is in `people_plan` and `people_ties`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

HOME, HOST, LEARNER = "home", "floating_host", "learner"
BRANCH = "branch"


@dataclass(frozen=True, slots=True)
class Unit:
    pk: int
    code: str
    name: str
    kind: str
    is_open: bool
    in_scope: bool


@dataclass(slots=True)
class Tie:
    pk: int
    unit: int
    kind: str
    since: dt.date
    until: dt.date | None

    def is_open(self, today: dt.date) -> bool:
        return self.until is None or self.until > today


@dataclass(slots=True)
class Person:
    """Somebody on record. `is_gone`: left altogether. `in_scope`: the uploader keeps this person's
    data, and kept them at the end of somebody who is gone, who may come back then.
    `keeps_account`, where it has to be asked, tells whether the uploader may also change phone
    and code, which open the way into the account. `may_leave`: no post stands in the way.
    `is_own`: the uploader, whose ties and tags another one changes.
    """

    pk: int
    code: str | None
    name: str
    phone: str | None
    erased: bool = False
    in_scope: bool = False
    keeps_account: Callable[[], bool] | None = None
    may_leave: bool = True
    is_own: bool = False
    is_gone: bool = False
    ties: list[Tie] = field(default_factory=list)
    tags: dict[str, set[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Facts:
    units: dict[int, Unit] = field(default_factory=dict)
    units_by_code: dict[str, Unit] = field(default_factory=dict)
    # Open units within scope; a name that several bear has several.
    units_by_name: dict[str, list[Unit]] = field(default_factory=dict)
    by_code: dict[str, Person] = field(default_factory=dict)
    by_phone: dict[str, Person] = field(default_factory=dict)
    # Names of people who belong to a unit today, of rows without code and phone.
    namesakes: set[tuple[int, str]] = field(default_factory=set)
