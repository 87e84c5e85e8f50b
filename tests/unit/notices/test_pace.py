"""Quiet hours and back-off, for every moment."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.pace import WAITS, next_allowed, quiet_hours, wait_after

ZONE = dt.timezone(dt.timedelta(hours=8))
TIMES = st.times().map(lambda time: time.replace(microsecond=0))
MOMENTS = st.dates(dt.date(2026, 1, 1), dt.date(2027, 1, 1)).flatmap(
    lambda day: TIMES.map(lambda time: dt.datetime.combine(day, time, ZONE))
)
QUIET = st.tuples(TIMES, TIMES).filter(lambda pair: pair[0] != pair[1])


@given(MOMENTS, QUIET)
def test_what_waited_for_the_end_of_the_quiet_hours_may_go(moment, quiet):
    later = next_allowed(moment, quiet)
    assert later >= moment
    assert later - moment < dt.timedelta(days=1)
    assert next_allowed(later, quiet) == later


@given(MOMENTS)
def test_without_quiet_hours_everything_may_go_at_once(moment):
    assert next_allowed(moment, None) == moment


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        ("2026-11-26 21:59", "2026-11-26 21:59"),
        ("2026-11-26 22:00", "2026-11-27 07:00"),
        ("2026-11-27 00:30", "2026-11-27 07:00"),
        ("2026-11-27 07:00", "2026-11-27 07:00"),
    ],
)
def test_a_night_ends_in_the_morning_after_it(moment, allowed):
    at = dt.datetime.fromisoformat(moment).replace(tzinfo=ZONE)
    expected = dt.datetime.fromisoformat(allowed).replace(tzinfo=ZONE)
    assert next_allowed(at, quiet_hours("22:00-07:00")) == expected


@pytest.mark.parametrize("text", ["22:00", "7-22", "22:00-22:00", "25:00-07:00"])
def test_quiet_hours_that_are_none_are_refused(text):
    with pytest.raises(ValueError):
        quiet_hours(text)


def test_no_text_is_no_quiet():
    assert quiet_hours(" ") is None


def test_each_wait_is_longer_than_the_one_before_and_there_is_a_last_one():
    waits = [wait_after(n) for n in range(1, len(WAITS) + 1)]
    assert waits == sorted(waits)
    assert wait_after(len(WAITS) + 1) is None
