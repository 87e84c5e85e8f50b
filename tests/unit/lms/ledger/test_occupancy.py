"""Spans of wall-clock time, against sets of seconds."""

import datetime as dt
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lms.ledger.occupancy import (
    SHANGHAI,
    by_half_day,
    common,
    earliest,
    length,
    merged,
    without,
)

spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6)


def seconds(found):
    return {second for start, end in found for second in range(start, end)}


@given(spans)
def test_merging_keeps_every_second_once_and_in_order(one):
    found = merged(one)
    assert seconds(found) == seconds(one)
    assert length(found) == len(seconds(one))
    assert all(a[1] < b[0] for a, b in pairwise(found))


@given(spans, spans)
def test_what_is_without_and_what_is_common_are_those_of_sets(one, other):
    assert seconds(without(one, other)) == seconds(one) - seconds(other)
    assert seconds(common(one, other)) == seconds(one) & seconds(other)


@given(spans, st.integers(0, 80))
def test_the_earliest_are_the_smallest_seconds(one, count):
    assert sorted(seconds(earliest(one, count))) == sorted(seconds(one))[:count]


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=4))
def test_half_days_are_those_of_shanghai_and_lose_nothing(one):
    parts = list(by_half_day(one))
    assert merged(span for _, _, part in parts for span in part) == merged(one)
    for day, half, part in parts:
        for start, end in part:
            for second in (start, end - 1):
                at = dt.datetime.fromtimestamp(second, SHANGHAI)
                assert (at.date(), at.hour >= 12) == (day, half == 1)
