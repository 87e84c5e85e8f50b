"""Booking: the one way into the ledger. A person's entries are settled with what the sources say
now, under the person's lock; twice is once.

A fact that is not booked is credited. A credit whose fact is gone is reversed, one whose fact has
changed is reversed and booked anew, and so is what had been cut for time or hours that a reversal
set free. Nothing is ever edited. What belongs to a closed year is booked to the open one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from lms.ledger.books import (
    books_hold,
    closings,
    days_read,
    days_write,
    homes_on,
    ledger_lock,
    rules_known,
    was_closed,
)
from lms.ledger.crediting import Credit, Days, Fact, credited
from lms.ledger.models import CreditEntry
from lms.ledger.occupancy import by_day, merged, without
from lms.ledger.rules import Kind, Rule, rule_in_force, shanghai_day
from lms.ledger.seals import entry_seal
from lms.ledger.signals import entries_written
from lms.ledger.sources import sources

Key = tuple[str, int]
Reason = CreditEntry.Reason


@dataclass
class Settled:
    """What settling did."""

    booked: list[CreditEntry] = field(default_factory=list)
    reversed: list[CreditEntry] = field(default_factory=list)


def person_settle(
    *,
    user_id: int,
    source: str = "",
    keys: Collection[int] | None = None,
    distrusted: Collection[int] = (),
    now: dt.datetime | None = None,
) -> Settled:
    """Bring a person's ledger to what the sources say: all of them, or one, or some of its rows.

    Entries whose ids are `distrusted` are reversed and booked anew whatever they hold.
    """
    with transaction.atomic():
        books_hold()
        ledger_lock(user_id)
        books = _Books(user_id, now or timezone.now())
        facts = {
            (fact.source, fact.key): fact
            for code, one in sources().items()
            if source in ("", code)
            for fact in one.facts([user_id], keys=keys)
        }
        return books.settle(facts, _standing(user_id, source, keys), distrusted)


def _standing(user_id: int, source: str, keys: Collection[int] | None) -> list[CreditEntry]:
    rows = CreditEntry.objects.standing().filter(user=user_id).order_by("pk")
    if source:
        rows = rows.filter(source=source)
    return list(rows if keys is None else rows.filter(source_key__in=keys))


def fits(entry: CreditEntry, fact: Fact, rule: Rule) -> bool:
    """Whether a credit is what its fact asks for, whatever else the day held.

    The windows of a lecture may have grown since: a late beat makes a sitting longer. The kind is
    that of the day on which it was earned; classes change.
    """
    stored, now = spans_of(entry.windows), merged(fact.windows)
    kind = fact.kind if fact.is_session else Kind(entry.kind)
    alone = credited(rule, fact_of(entry, fact), Days())
    return (
        entry.at == fact.at
        and entry.subject == fact.subject
        and entry.rule_version == rule.version
        and entry.kind == kind
        and entry.length == fact.seconds
        and entry.full_hours == alone.full
        and entry.seconds + entry.cut == alone.needed
        and (stored == now if fact.is_session else not without(stored, now))
    )


def fact_of(entry: CreditEntry, fact: Fact) -> Fact:
    """The fact as it was when it was booked."""
    return replace(fact, kind=Kind(entry.kind), windows=tuple(spans_of(entry.windows)))


def spans_of(rows: list[list[int]]) -> list[tuple[int, int]]:
    return [(start, end) for start, end in rows]


class _Books:
    """One person's ledger, open for writing. Only under the lock."""

    def __init__(self, user_id: int, now: dt.datetime) -> None:
        self.user_id = user_id
        self.rules = rules_known()
        self.closed = closings()
        # Never before a closing that is known here, whatever the clocks of two hosts say.
        self.now = max([now, *(one.closed_at for one in self.closed)])
        self.done = Settled()

    def settle(
        self,
        facts: dict[Key, Fact],
        standing: list[CreditEntry],
        distrusted: Collection[int] = (),
    ) -> Settled:
        booked: dict[Key, CreditEntry] = {}
        for entry in standing:
            key = (entry.source, entry.source_key)
            fact = facts.get(key)
            if entry.pk in distrusted:
                self.reverse(entry, Reason.DERIVED)
            elif fact is None:
                self.reverse(entry, Reason.EVIDENCE)
            elif not fits(entry, fact, self.rule_for(fact)):
                self.reverse(entry, Reason.DERIVED)
                if not fact.is_session:
                    # What it was learnt for then; classes change.
                    facts[key] = replace(fact, kind=Kind(entry.kind))
            else:
                booked[key] = entry
        missing = [fact for key, fact in facts.items() if key not in booked]
        for fact in sorted(missing, key=lambda one: (one.at, one.source, one.key)):
            self.book(fact)
        if self.done.reversed:
            self.restore()
        if self.done.booked or self.done.reversed:
            entries_written.send(CreditEntry, user_id=self.user_id)
        return self.done

    def rule_for(self, fact: Fact) -> Rule:
        return rule_in_force(self.rules.values(), shanghai_day(fact.at))

    def open_year(self, year: int) -> int:
        """The year, or the running one when it is closed."""
        return shanghai_day(self.now).year if was_closed(self.closed, year, self.now) else year

    def book(self, fact: Fact) -> CreditEntry:
        rule = self.rule_for(fact)
        days = [day for day, _ in by_day(fact.windows)]
        held = days_read(self.user_id, days)
        entry = self._written(fact, rule, credited(rule, fact, held))
        if entry.spans:
            credit = Credit(
                entry.full_hours, entry.hours, tuple(spans_of(entry.spans)), entry.seconds, 0
            )
            held.hold(entry.pk, credit, rule=rule, is_session=fact.is_session)
            days_write(self.user_id, held, days)
        self.done.booked.append(entry)
        return entry

    def _written(self, fact: Fact, rule: Rule, credit: Credit) -> CreditEntry:
        day = shanghai_day(fact.at)
        before = CreditEntry.objects.filter(
            user=self.user_id,
            source=fact.source,
            source_key=fact.key,
            rule_version=rule.version,
            reverses=None,
        )
        return _sealed(
            CreditEntry(
                user_id=self.user_id,
                source=fact.source,
                source_key=fact.key,
                subject=fact.subject,
                rule_version=rule.version,
                turn=before.count(),
                kind=str(fact.kind),
                at=fact.at,
                year=self.open_year(day.year),
                hours=credit.hours,
                full_hours=credit.full,
                seconds=credit.needed - credit.cut,
                cut=credit.cut,
                length=fact.seconds,
                windows=[list(span) for span in merged(fact.windows)],
                spans=[list(span) for span in credit.spans],
                organization_id=homes_on([(self.user_id, day)]).get((self.user_id, day)),
                booked_at=self.now,
            )
        )

    def reverse(self, entry: CreditEntry, reason: str) -> CreditEntry:
        """The same with the sign turned round; its time is free again."""
        back = _sealed(
            CreditEntry(
                **{name: getattr(entry, name) for name in _COPIED},
                year=self.open_year(entry.year),
                hours=-entry.hours,
                reverses=entry,
                reason=reason,
                booked_at=self.now,
            )
        )
        days = [day for day, _ in by_day(spans_of(entry.spans))]
        held = days_read(self.user_id, days)
        held.release(entry.pk)
        days_write(self.user_id, held, days)
        self.done.reversed.append(entry)
        return back

    def restore(self) -> None:
        """Book anew what gets more now that something else is gone."""
        gone = {one.pk for one in self.done.reversed}
        short = [one for one in _standing(self.user_id, "", None) if one.hours < one.full_hours]
        for entry in short:
            source = sources().get(entry.source)
            found = list(source.facts([self.user_id], keys=[entry.source_key])) if source else []
            if not found or entry.pk in gone:
                continue
            fact, rule = fact_of(entry, found[0]), self.rules[entry.rule_version]
            held = days_read(self.user_id, [day for day, _ in by_day(fact.windows)])
            held.release(entry.pk)
            if credited(rule, fact, held).hours > entry.hours:
                self.reverse(entry, Reason.DERIVED)
                self.book(fact)


_COPIED = (
    *("user_id", "source", "source_key", "subject", "rule_version", "turn", "kind", "at"),
    *("full_hours", "seconds", "cut", "length", "windows", "spans", "organization_id"),
)


def _sealed(entry: CreditEntry) -> CreditEntry:
    entry.hours, entry.full_hours = _stored(entry.hours), _stored(entry.full_hours)
    entry.seal = entry_seal(entry)
    entry.save(force_insert=True)
    return entry


def _stored(hours: Decimal) -> Decimal:
    return Decimal(f"{hours + 0:.2f}")
