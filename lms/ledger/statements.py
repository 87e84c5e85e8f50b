"""One person's statement of a year: what counted, from what, when, by which rule, what is missing.

A running year is worked out from the entries and from what the person is; a closed one shows the
figures that were frozen with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cms.durations import duration_text
from lms.ledger.books import rules_known
from lms.ledger.models import KINDS, CreditEntry, YearClosing, YearStatement
from lms.ledger.rules import NOTHING, Kind, Rule, rule_in_force
from lms.ledger.sources import sources
from lms.ledger.standings import people_standing
from lms.ledger.targets import Category


@dataclass
class Line:
    """One entry as people read it."""

    title: str
    source: str | Promise
    kind: str
    kind_label: str | Promise
    at: dt.datetime
    hours: Decimal
    full_hours: Decimal
    cut_text: str
    rule_version: int
    counts: bool
    # A reversal that stands in another year than what it takes back.
    is_correction: bool = False
    reversed_at: dt.datetime | None = None
    reversed_why: str = ""
    reversed_year: int | None = None


@dataclass
class Statement:
    year: int
    lines: list[Line]
    target: Decimal | None
    counted: Decimal
    by_kind: list[dict[str, Any]]
    is_exempt: bool = False
    months: dict[str, int] = field(default_factory=dict)
    closed_at: dt.datetime | None = None

    @property
    def missing(self) -> Decimal:
        return max((self.target or NOTHING) - self.counted, NOTHING)

    @property
    def percent(self) -> int:
        if not self.target:
            return 100
        return min(int(self.counted * 100 / self.target), 100)

    @property
    def changed_category(self) -> bool:
        return len([n for name, n in self.months.items() if n]) > 1


def counted_hours(rows: Iterable[CreditEntry], rules: dict[int, Rule]) -> dict[str, Decimal]:
    """Hours by kind, of entries that count by the rule they were booked by; reversals taken off."""
    found = {str(kind): NOTHING for kind in Kind}
    for one in rows:
        if is_counted(one, rules):
            found[one.kind] += one.hours
    return found


def hours_plain(by_kind: dict[str, Decimal]) -> dict[str, str]:
    """As a frozen statement keeps them."""
    return {kind: f"{hours:.2f}" for kind, hours in by_kind.items()}


def is_counted(entry: CreditEntry, rules: dict[int, Rule]) -> bool:
    """By its own rule; never by one that is not known, which `ledger_rederive` reports."""
    rule = rules.get(entry.rule_version)
    return rule is not None and entry.kind in rule.counted


def years_of(user_id: int, *, today: dt.date) -> list[int]:
    """The running one and those with entries or a frozen statement, newest first."""
    booked = CreditEntry.objects.filter(user=user_id).order_by().values_list("year", flat=True)
    closed = YearStatement.objects.filter(user=user_id).values_list("closing__year", flat=True)
    return sorted({today.year, *booked.distinct(), *closed}, reverse=True)


def person_statement(*, user_id: int, year: int, now: dt.datetime | None = None) -> Statement:
    rules = rules_known()
    rows = list(
        CreditEntry.objects.filter(user=user_id, year=year)
        .select_related("reversal", "reverses")
        .order_by("-at", "-pk")
    )
    frozen = (
        YearStatement.objects.filter(user=user_id, closing__year=year)
        .filter(closing__reopened_at=None)
        .select_related("closing")
        .first()
    )
    by_kind = counted_hours(rows, rules)
    found = Statement(
        year=year,
        lines=_lines(user_id, rows, rules),
        target=None,
        counted=sum(by_kind.values(), NOTHING),
        by_kind=_kinds(by_kind, rules),
    )
    if frozen is not None:
        found.closed_at = frozen.closing.closed_at
        found.target, found.counted = frozen.target, frozen.counted
        found.by_kind = _kinds({k: Decimal(v) for k, v in frozen.by_kind.items()}, rules)
        found.months, found.is_exempt = _counts(frozen.months)
        return found
    today = timezone.localdate(now)
    standing = people_standing([user_id], year=year, today=today)[user_id]
    found.target = standing.target
    found.months, _never = _counts(months_plain(standing.months))
    found.is_exempt = standing.is_exempt
    return found


def months_plain(months: Iterable[Any]) -> list[str]:
    """As they are stored: the category, "exempt", or "" for each month."""
    return [
        "exempt" if month.is_exempt and month.category else str(month.category or "")
        for month in months
    ]


def _counts(months: list[str]) -> tuple[dict[str, int], bool]:
    counts = {str(one): months.count(str(one)) for one in Category}
    return counts, bool(months) and months[-1] == "exempt"


def _kinds(by_kind: dict[str, Decimal], rules: dict[int, Rule]) -> list[dict[str, Any]]:
    counted = rule_in_force(rules.values(), timezone.localdate()).counted
    return [
        {"kind": kind, "label": label, "hours": by_kind[kind], "counts": kind in counted}
        for kind, label in KINDS
        if by_kind.get(kind) or kind in counted
    ]


def _lines(user_id: int, rows: list[CreditEntry], rules: dict[int, Rule]) -> list[Line]:
    """A reversal of the same year is shown at what it takes back, not as a line of its own."""
    shown = [
        one
        for one in rows
        if one.reverses_id is None or one.reverses.year != one.year  # type: ignore[union-attr]
    ]
    # What was worked out anew stands there once, as it is now.
    shown = [one for one in shown if not _superseded(one)]
    titles = {
        code: source.titles({one.subject for one in shown if one.source == code})
        for code, source in sources().items()
    }
    gone = [one for one in shown if getattr(one, "reversal", None) is not None]
    reasons = {
        code: source.reasons(user_id, {one.subject for one in gone if one.source == code})
        for code, source in sources().items()
        if gone
    }
    return [_line(one, rules, titles, reasons) for one in shown]


def _superseded(entry: CreditEntry) -> bool:
    back = getattr(entry, "reversal", None)
    return (
        back is not None and back.reason == CreditEntry.Reason.DERIVED and back.year == entry.year
    )


def _line(
    one: CreditEntry, rules: dict[int, Rule], titles: dict[str, Any], reasons: dict[str, Any]
) -> Line:
    back = getattr(one, "reversal", None)
    source = sources().get(one.source)
    title = titles.get(one.source, {}).get(one.subject) or _("no longer in the library")
    why = ""
    if back is not None:
        why = reasons.get(one.source, {}).get(one.subject) or str(back.get_reason_display())
    return Line(
        title=title,
        source=source.label if source else "",
        kind=one.kind,
        kind_label=dict(KINDS)[one.kind],
        at=one.at,
        hours=one.hours,
        full_hours=one.full_hours,
        cut_text=duration_text(one.cut) if one.cut and one.hours < one.full_hours else "",
        rule_version=one.rule_version,
        counts=is_counted(one, rules),
        is_correction=one.reverses_id is not None or one.year != timezone.localdate(one.at).year,
        reversed_at=back.booked_at if back is not None else None,
        reversed_why=why,
        reversed_year=back.year if back is not None and back.year != one.year else None,
    )


def closing_of(year: int) -> YearClosing | None:
    return YearClosing.objects.filter(year=year, reopened_at=None).first()


def first_year(today: dt.date) -> int:
    """The earliest year of which anything is still entered by hand."""
    return today.year - 1
