"""Every entry derived once more: from the sources, in the order in which a person's were booked.

Each person's entries are played again one after the other, so that what was cut is known to have
been taken by another. The seal holds what evidence does not say again exactly. People are walked
in the order of their ids, a batch at a time, so memory does not grow with them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from lms.ledger.books import books_hold, closings, ledger_lock, rules_known, was_closed
from lms.ledger.crediting import Credit, Days, Fact, credited
from lms.ledger.entries import Key, fact_of, fits, person_settle, spans_of
from lms.ledger.guards import guards_install, guards_missing
from lms.ledger.models import CreditEntry, DayOccupancy, YearClosing, YearStatement
from lms.ledger.rules import NOTHING, Rule, rule_in_force, shanghai_day
from lms.ledger.seals import is_sealed
from lms.ledger.sources import sources
from lms.ledger.statements import counted_hours, hours_plain
from lms.watching.rederiving import people_in_batches

# A fact is booked after its own commit, or by the next sweep (`config.schedule`).
ON_ITS_WAY = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Doubt:
    """`problem` is altered, missing, unfounded or guards; `row` is the id of the entry or frozen
    statement, the day, or the name of the trigger.
    """

    problem: str
    table: str
    row: str
    user: int | None = None
    about: str = ""
    fields: tuple[str, ...] = ()

    def text(self) -> str:
        named = f" ({', '.join(self.fields)})" if self.fields else ""
        who = f", person {self.user}" if self.user else ""
        about = f", {self.about}" if self.about else ""
        return f"{self.problem}{named}: {self.table} {self.row}{who}{about}"


def ledger_doubts() -> Iterator[Doubt]:
    """Whatever is altered, missing or without evidence; nothing is changed."""
    for name in guards_missing(connection):
        yield Doubt("guards", "trigger", name)
    for users in people_in_batches():
        yield from _Batch(users).doubts()


@transaction.atomic
def _looked_at_again(user: int) -> list[Doubt]:
    """Under the person's lock: what was only being booked while it was read is no doubt."""
    ledger_lock(user)
    return list(_Batch([user]).of_person(user))


class _Batch:
    def __init__(self, users: list[int]) -> None:
        self.users = users
        self.due = timezone.now() - ON_ITS_WAY
        self.rules = rules_known()
        self.closed = closings()
        self.facts: dict[int, dict[Key, Fact]] = defaultdict(dict)
        for source in sources().values():
            for fact in source.facts(users):
                self.facts[fact.user_id][fact.source, fact.key] = fact
        self.entries: dict[int, list[CreditEntry]] = defaultdict(list)
        for entry in CreditEntry.objects.filter(user__in=users).order_by("pk"):
            self.entries[entry.user_id].append(entry)
        self.days: dict[int, dict[object, list[list[object]]]] = defaultdict(dict)
        for row in DayOccupancy.objects.filter(user__in=users):
            if row.spans:
                self.days[row.user_id][row.day] = row.spans
        self.frozen: dict[tuple[int, int], YearStatement] = {}
        for statement in YearStatement.objects.filter(user__in=users):
            self.frozen[statement.user_id, statement.closing_id] = statement

    def doubts(self) -> Iterator[Doubt]:
        for user in self.users:
            if next(self.of_person(user), None) is not None:
                yield from _looked_at_again(user)

    def of_person(self, user: int) -> Iterator[Doubt]:
        entries, facts = self.entries[user], self.facts[user]
        reversals = {one.reverses_id: one for one in entries if one.reverses_id}
        by_id = {one.pk: one for one in entries}
        held, booked = Days(), set[Key]()
        for entry in entries:
            if entry.reverses_id is not None:
                held.release(entry.reverses_id)
                wrong = _reversal_wrong(entry, by_id.get(entry.reverses_id), self.closed)
            else:
                key = (entry.source, entry.source_key)
                back = reversals.get(entry.pk)
                fact = None if back else facts.get(key)
                if back is None and fact is None:
                    yield Doubt("unfounded", *_row(entry))
                wrong = self._credit_wrong(entry, fact, held)
                if back is None:
                    booked.add(key)
                elif back.reason == CreditEntry.Reason.DERIVED and is_sealed(back):
                    wrong = []  # found out before: its reversal takes away what it says
            if wrong:
                yield Doubt("altered", *_row(entry), tuple(sorted(set(wrong))))
        for source, number in sorted(facts.keys() - booked):
            if facts[source, number].at > self.due:
                continue
            yield Doubt("missing", "ledger.CreditEntry", "", user, f"{source} {number}")
        yield from self._occupancy(user, held)
        for closing in self.closed:
            if closing.reopened_at is None:
                yield from self._statement(user, closing)

    def held(self, user: int) -> Days:
        """What the person's entries hold, one after the other."""
        held = Days()
        for entry in self.entries[user]:
            if entry.reverses_id is None:
                self._hold(entry, held)
            else:
                held.release(entry.reverses_id)
        return held

    def _hold(self, entry: CreditEntry, held: Days) -> None:
        rule = self.rules.get(entry.rule_version)
        if rule is not None:
            spans = tuple(spans_of(entry.spans))
            credit = Credit(entry.full_hours, entry.hours, spans, entry.seconds, 0)
            held.hold(entry.pk, credit, rule=rule, is_session=entry.length is None)

    def _credit_wrong(self, entry: CreditEntry, fact: Fact | None, held: Days) -> list[str]:
        wrong = [] if is_sealed(entry) else ["seal"]
        rule = self.rules.get(entry.rule_version)
        if rule is None:
            return [*wrong, "rule_version"]
        if fact is not None:
            wrong += self._unlike(entry, fact, rule, held)
        wrong += _year_wrong(entry, shanghai_day(entry.at).year, self.closed)
        self._hold(entry, held)
        return wrong

    def _unlike(self, entry: CreditEntry, fact: Fact, rule: Rule, held: Days) -> list[str]:
        due = rule_in_force(self.rules.values(), shanghai_day(fact.at))
        again = credited(rule, fact_of(entry, fact), held)
        found = {
            "hours": entry.hours == again.hours,
            "spans": tuple(spans_of(entry.spans)) == again.spans,
            "cut": entry.cut == again.cut,
            "evidence": fits(entry, fact, due),
        }
        return [name for name, right in found.items() if not right]

    def _occupancy(self, user: int, held: Days) -> Iterator[Doubt]:
        wanted = held.rows()
        for day in sorted({*wanted, *self.days[user]}, key=str):
            if wanted.get(day, []) != self.days[user].get(day, []):  # type: ignore[call-overload]
                yield Doubt("altered", "ledger.DayOccupancy", str(day), user)

    def _statement(self, user: int, closing: YearClosing) -> Iterator[Doubt]:
        """What was frozen is the sum of the entries that the closing saw. What the year asked of
        the person rests on a roster and a tree that may be put right later.
        """
        own = [one for one in self.entries[user] if one.year == closing.year]
        seen = [one for one in own if one.booked_at <= closing.closed_at]
        frozen, due = self.frozen.get((user, closing.pk)), counted_hours(seen, self.rules)
        year = f"year {closing.year}"
        if frozen is None:
            if seen and closing.finished_at is not None:
                yield Doubt("missing", "ledger.YearStatement", "", user, year)
            return
        found = {
            "counted": frozen.counted == sum(due.values(), NOTHING),
            "by_kind": frozen.by_kind == hours_plain(due),
        }
        if wrong := tuple(name for name, right in found.items() if not right):
            yield Doubt("altered", "ledger.YearStatement", str(frozen.pk), user, year, wrong)


def _row(entry: CreditEntry) -> tuple[str, str, int, str]:
    about = f"{entry.source} {entry.source_key}"
    return "ledger.CreditEntry", str(entry.pk), entry.user_id, about


SAME = ("user_id", "source", "source_key", "subject", "rule_version", "kind", "organization_id")


def _reversal_wrong(
    back: CreditEntry, entry: CreditEntry | None, closed: list[YearClosing]
) -> list[str]:
    wrong = [] if is_sealed(back) else ["seal"]
    if entry is None:
        return [*wrong, "reverses"]
    wrong += [name for name in SAME if getattr(back, name) != getattr(entry, name)]
    if back.hours != -entry.hours:
        wrong.append("hours")
    return wrong + _year_wrong(back, entry.year, closed)


def _year_wrong(entry: CreditEntry, due: int, closed: list[YearClosing]) -> list[str]:
    """The year that is due, or the one of booking when that was closed then."""
    if was_closed(closed, due, entry.booked_at):
        due = shanghai_day(entry.booked_at).year
    return [] if entry.year == due else ["year"]


# -- mending ---------------------------------------------------------------------------------------


def person_mend(user_id: int, doubts: list[Doubt]) -> None:
    """Append reversals and what is missing; what a day holds follows from the entries."""
    entries = [one for one in doubts if one.table == "ledger.CreditEntry"]
    wrong = {int(one.row) for one in entries if one.problem == "altered"}
    with transaction.atomic():
        books_hold()
        ledger_lock(user_id)
        _days_anew(user_id)
        person_settle(user_id=user_id, distrusted=wrong)


def _days_anew(user_id: int) -> None:
    rows = _Batch([user_id]).held(user_id).rows()
    DayOccupancy.objects.filter(user=user_id).exclude(day__in=rows).delete()
    for day, spans in rows.items():
        DayOccupancy.objects.update_or_create(user_id=user_id, day=day, defaults={"spans": spans})


def guards_mend() -> None:
    guards_install(connection)
