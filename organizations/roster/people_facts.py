"""The roster as it stands, gathered for some thousand rows at a time: a handful of queries.

Knows what the uploader keeps; the decisions about rows are in `people_plan`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower

from organizations import scope
from organizations.models import Membership, Organization, Post, Tag, User, dimension_of
from organizations.permissions import (
    ROSTER_KEEPERS,
    can_keep_account,
    last_ties,
    ties_that_count,
)
from organizations.roster.people_known import Facts, Person, Tie, Unit
from organizations.roster.people_rows import HIDDEN, PersonRow


class Reach:
    """Which units the rows of an import may touch: what the uploader keeps, within one unit.

    Without an uploader (the shell) everything.
    """

    def __init__(self, *, who: Any, unit: Organization | None) -> None:
        self.who = who
        within = [unit.path] if unit is not None else [""]
        if who is None:
            self.kept = [""]
            self.paths = within
            return
        self.kept = [one.path for one in scope.managed_units(who, roles=ROSTER_KEEPERS)]
        self.paths = [
            max(kept, limit, key=len)
            for kept in self.kept
            for limit in within
            if kept.startswith(limit) or limit.startswith(kept)
        ]

    def holds(self, path: str) -> bool:
        """Whether rows may name the unit."""
        return any(path.startswith(one) for one in self.paths)

    def keeps(self, path: str) -> bool:
        """Whether the uploader keeps the roster of the unit at all."""
        return any(path.startswith(one) for one in self.kept)


def _keeps_account(who: Any, pk: int) -> bool:
    return can_keep_account(who, User.objects.get(pk=pk))


class FactsLoader:
    """Facts for chunk after chunk; the units are read once."""

    def __init__(self, reach: Reach, *, today: dt.date) -> None:
        self.reach = reach
        self.today = today
        self.units: dict[int, Unit] = {}
        self.by_code: dict[str, Unit] = {}
        self.by_name: dict[str, list[Unit]] = defaultdict(list)
        self.paths: dict[int, str] = {}
        rows = Organization.objects.order_by().values_list(
            "pk", "code", "name", "kind", "path", "closed_on"
        )
        for pk, code, name, kind, path, closed_on in rows.iterator(chunk_size=5000):
            unit = Unit(pk, code, name, kind, closed_on is None, reach.holds(path))
            self.units[pk], self.paths[pk] = unit, path
            self.by_code[code.lower()] = unit
            if unit.is_open and unit.in_scope:
                self.by_name[name].append(unit)

    def facts(self, rows: Sequence[PersonRow]) -> Facts:
        people = self._people(rows)
        facts = Facts(
            units=self.units,
            units_by_code=self.by_code,
            units_by_name=self.by_name,
            by_code={person.code.lower(): person for person in people if person.code},
            by_phone={person.phone: person for person in people if person.phone},
            namesakes=self._namesakes(rows),
        )
        self._ties(people)
        return facts

    def _people(self, rows: Sequence[PersonRow]) -> list[Person]:
        codes = {row.code.lower() for row in rows if row.code}
        phones = {row.phone for row in rows if row.phone and row.phone != HIDDEN}
        found: dict[int, Person] = {}
        fields = ("pk", "code", "name", "phone", "erased_at", "is_active")
        everyone = User.objects.order_by()
        exact = {row.code for row in rows if row.code}
        for known in (
            everyone.filter(code__in=exact),
            everyone.filter(phone__in=phones),
        ):
            for pk, code, name, phone, erased_at, is_active in known.values_list(*fields):
                found[pk] = Person(
                    pk, code, name, phone, erased=erased_at is not None, is_gone=not is_active
                )
        missing = codes - {person.code.lower() for person in found.values() if person.code}
        if missing:  # written with other capitals
            spelt = everyone.annotate(lower=Lower("code")).filter(
                lower__in=missing, code__isnull=False
            )
            for pk, code, name, phone, erased_at, is_active in spelt.values_list(*fields):
                found[pk] = Person(
                    pk, code, name, phone, erased=erased_at is not None, is_gone=not is_active
                )
        return list(found.values())

    def _ties(self, people: list[Person]) -> None:
        if not people:
            return
        by_pk = {person.pk: person for person in people}
        ties = Membership.objects.filter(user__in=by_pk).order_by("valid_from", "pk")
        fields = ("pk", "user", "organization", "kind", "valid_from", "valid_to")
        for pk, user, unit, kind, since, until in ties.values_list(*fields):
            by_pk[user].ties.append(Tie(pk, unit, kind, since, until))
        tags = Tag.objects.current(self.today).filter(user__in=by_pk)
        for user, value in tags.values_list("user", "value"):
            by_pk[user].tags.setdefault(dimension_of(value), set()).add(value)
        posted = set(
            Post.objects.current(self.today).filter(user__in=by_pk).values_list("user", flat=True)
        )
        for person in people:
            self._judge(person, person.pk in posted)

    def _judge(self, person: Person, holds_post: bool) -> None:
        current = [tie for tie in person.ties if tie.is_open(self.today)]
        person.is_gone = person.is_gone and not current and not person.erased
        own = (
            last_ties([(tie.kind, tie.until, tie) for tie in person.ties])
            if person.is_gone
            else ties_that_count([(tie.kind, tie) for tie in current])
        )
        person.in_scope = any(self.reach.keeps(self.paths[tie.unit]) for tie in own)
        who = self.reach.who
        person.is_own = who is not None and person.pk == who.pk
        person.may_leave = not holds_post
        if who is not None and (holds_post or person.is_own):
            person.keeps_account = partial(_keeps_account, who, person.pk)
            person.may_leave = person.may_leave and not person.is_own

    def _namesakes(self, rows: Sequence[PersonRow]) -> set[tuple[int, str]]:
        nameless = {row.name for row in rows if row.name and not row.code and not row.phone}
        if not nameless:
            return set()
        ties = Membership.objects.current(self.today).filter(
            Q(user__name__in=nameless), user__erased_at=None
        )
        return set(ties.values_list("organization", "user__name"))
