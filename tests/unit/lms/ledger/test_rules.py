"""Versions of the rule: bands, sessions, and terms that are none."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.ledger.rules import (
    FIRST_RULE,
    Kind,
    Rule,
    RuleError,
    rounded,
    rule_from,
    rule_in_force,
)


@pytest.mark.parametrize(
    ("minutes", "hours"),
    [(1, "0.25"), (15, "0.25"), (16, "0.50"), (30, "0.50"), (31, "1.00"), (240, "1.00")],
)
def test_a_lecture_earns_by_its_length(minutes, hours):
    for kind in (Kind.SELF_STUDY, Kind.CLASS):
        assert FIRST_RULE.lecture_hours(kind, minutes * 60) == Decimal(hours)


def test_a_session_earns_by_its_span():
    assert FIRST_RULE.session_hours(45 * 60) == 1
    assert FIRST_RULE.session_hours(90 * 60) == 2
    assert FIRST_RULE.session_hours(0) == 0


@given(st.integers(0, 20_000), st.integers(0, 20_000))
def test_more_is_never_worth_less(one, other):
    less, more = sorted((one, other))
    assert FIRST_RULE.lecture_hours(Kind.CLASS, less) <= FIRST_RULE.lecture_hours(Kind.CLASS, more)
    assert FIRST_RULE.session_hours(less) <= FIRST_RULE.session_hours(more)


def test_terms_come_back_as_they_were():
    assert rule_from(1, FIRST_RULE.valid_from, FIRST_RULE.terms()) == FIRST_RULE


BROKEN = [
    {"bands": {}},
    {"bands": {"self_study": []}},
    {"bands": {"self_study": [[15, "0.25"]]}},
    {"bands": {"self_study": [[30, "0.25"], [15, "0.50"], [None, "1"]]}},
    {"bands": {"self_study": [[15, "0.50"], [None, "0.25"]]}},
    {"bands": {"self_study": [[15, "-1"], [None, "0.25"]]}},
    {"bands": {"dancing": [[None, "1"]]}},
    {"bands": {"self_study": [[None, "0.333"]]}},
    {"session_minutes": 0},
    {"half_day_most": "9"},
    {"day_most": "x"},
    {"counted": ["dancing"]},
]


@pytest.mark.parametrize("change", BROKEN)
def test_terms_that_leave_something_open_are_none(change):
    with pytest.raises(RuleError):
        rule_from(2, dt.date(2026, 1, 1), FIRST_RULE.terms() | change)


def test_the_newest_rule_that_had_begun_is_in_force():
    def version(number: int, year: int) -> Rule:
        return rule_from(number, dt.date(year, 1, 1), FIRST_RULE.terms())

    known = [FIRST_RULE, version(2, 2026), version(3, 2028)]
    assert rule_in_force(known, dt.date(1990, 1, 1)).version == 1
    assert rule_in_force(known, dt.date(2025, 12, 31)).version == 1
    assert rule_in_force(known, dt.date(2026, 1, 1)).version == 2
    assert rule_in_force(reversed(known), dt.date(2030, 1, 1)).version == 3


@given(st.decimals(0, 100, allow_nan=False))
def test_hours_are_never_rounded_up(hours):
    assert 0 <= hours - rounded(hours) < Decimal("0.01")
