"""What learning is worth in 学时, as data with a version. No Django.

A lecture earns by its length, in bands; a session by its span of wall-clock time, with a most per
half day and per day. Each kind may have bands of its own. Which kinds count towards a target is
part of the rule, so that neither is ever worked out anew for what was credited before.

Sources of the start values, where no text fixes them for members: 45 minutes are the convention
of a lesson; the bands are those of Yunnan's cadre academy, 4 a half day and 8 a day a unit rule of
the same kind (docs/ledger.md). The department sets its own.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
CENT = Decimal("0.01")
NOTHING = Decimal("0.00")
# More than anybody earns by one thing; what is beyond is a slip of the pen.
MOST_HOURS = Decimal("200.00")


class Kind(enum.StrEnum):
    SELF_STUDY = "self_study"
    CLASS = "class"
    COLLECTIVE = "collective"
    EXTERNAL = "external"


class RuleError(ValueError):
    """These are no terms of a rule; the message says which part is wrong, for programmers."""


def rounded(hours: Decimal) -> Decimal:
    """Hours as they are stored: two places, never rounded up."""
    return hours.quantize(CENT, ROUND_DOWN)


def shanghai_day(at: dt.datetime) -> dt.date:
    return at.astimezone(SHANGHAI).date()


@dataclass(frozen=True, slots=True)
class Band:
    """Lectures of up to so many whole minutes, both ends of the band of longer ones excluded;
    the last band has no end.
    """

    up_to_minutes: int | None
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Rule:
    version: int
    valid_from: dt.date
    bands: Mapping[Kind, tuple[Band, ...]]
    session_minutes: int
    half_day_most: Decimal
    day_most: Decimal
    counted: frozenset[Kind]

    def lecture_hours(self, kind: Kind, seconds: int) -> Decimal:
        """For a lecture of so many seconds: the first band that it fits in."""
        bands = self.bands.get(kind) or self.bands[Kind.SELF_STUDY]
        found = next(
            band
            for band in bands
            if band.up_to_minutes is None or seconds <= band.up_to_minutes * 60
        )
        return found.hours

    def session_hours(self, seconds: int) -> Decimal:
        """For a span of wall-clock time, without regard to what else the day held."""
        return rounded(Decimal(max(seconds, 0)) / (self.session_minutes * 60))

    def terms(self) -> dict[str, Any]:
        """As JSON holds them."""
        return {
            "bands": {
                str(kind): [[band.up_to_minutes, str(band.hours)] for band in bands]
                for kind, bands in sorted(self.bands.items())
            },
            "session_minutes": self.session_minutes,
            "half_day_most": str(self.half_day_most),
            "day_most": str(self.day_most),
            "counted": sorted(self.counted),
        }


def rule_from(version: int, valid_from: dt.date, terms: Mapping[str, Any]) -> Rule:
    """Raises RuleError for terms that would leave some lecture or session without an answer."""
    try:
        rule = Rule(
            version=version,
            valid_from=valid_from,
            bands={
                Kind(kind): tuple(Band(minutes, Decimal(hours)) for minutes, hours in bands)
                for kind, bands in terms["bands"].items()
            },
            session_minutes=int(terms["session_minutes"]),
            half_day_most=Decimal(terms["half_day_most"]),
            day_most=Decimal(terms["day_most"]),
            counted=frozenset(Kind(kind) for kind in terms["counted"]),
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as problem:
        raise RuleError(str(problem)) from problem
    _check(rule)
    return rule


def _check(rule: Rule) -> None:
    if Kind.SELF_STUDY not in rule.bands:
        raise RuleError("bands of self-study")
    for bands in rule.bands.values():
        ends = [band.up_to_minutes for band in bands]
        whole = [end for end in ends[:-1] if end is not None]
        if not ends or ends[-1] is not None or len(whole) != len(ends) - 1:
            raise RuleError("only the last band has no end")
        if any(end <= 0 for end in whole) or whole != sorted(set(whole)):
            raise RuleError("bands in order")
        hours = [band.hours for band in bands]
        if any(one != rounded(one) or not NOTHING <= one <= MOST_HOURS for one in hours):
            raise RuleError("hours of a band")
        if hours != sorted(hours):
            raise RuleError("a longer lecture is never worth less")
    if not 1 <= rule.session_minutes <= 24 * 60:
        raise RuleError("minutes of a session's hour")
    most = (rule.half_day_most, rule.day_most)
    if any(one != rounded(one) for one in most) or not NOTHING <= most[0] <= most[1] <= MOST_HOURS:
        raise RuleError("most per half day and day")


_MICRO = (Band(15, Decimal("0.25")), Band(30, Decimal("0.50")), Band(None, Decimal("1.00")))
# In force until the department sets its own; later versions are rows.
FIRST_RULE = Rule(
    version=1,
    valid_from=dt.date(2000, 1, 1),
    bands={Kind.SELF_STUDY: _MICRO, Kind.CLASS: _MICRO},
    session_minutes=45,
    half_day_most=Decimal("4.00"),
    day_most=Decimal("8.00"),
    counted=frozenset(Kind),
)


def rule_in_force(rules: Iterable[Rule], on: dt.date) -> Rule:
    """The newest of those that had begun by that day; the first one for days before all."""
    ordered = sorted(rules, key=lambda rule: rule.version)
    return next((one for one in reversed(ordered) if one.valid_from <= on), ordered[0])
