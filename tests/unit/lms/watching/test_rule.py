"""When a recording counts as watched, and what is still missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.watching.evidence import (
    CURRENT_RULE,
    RULES,
    Bitmap,
    coverage,
    is_complete,
    missing,
    union,
    whole_seconds,
)

lengths = st.integers(1, 4000)


@st.composite
def watched(draw: st.DrawFn) -> tuple[Bitmap, int]:
    seconds = draw(lengths)
    spans = draw(st.lists(st.tuples(st.integers(0, seconds), st.integers(0, seconds)), max_size=5))
    return union(Bitmap.span(start, end) for start, end in spans), seconds


@pytest.mark.parametrize(
    ("duration", "seconds"), [(0.2, 1), (1.0, 1), (59.4, 59), (59.5, 60), (60.04, 60)]
)
def test_a_recording_has_whole_seconds_of_evidence(duration, seconds):
    assert whole_seconds(duration) == seconds


@pytest.mark.parametrize(("seconds", "tail"), [(10, 0), (20, 1), (60, 3), (200, 10), (7200, 10)])
def test_the_forgiven_tail_is_five_percent_and_at_most_ten_seconds(seconds, tail):
    assert CURRENT_RULE.tail(seconds) == tail


def test_nine_tenths_outside_the_tail_are_enough():
    assert is_complete(Bitmap.span(0, 171), 200)
    assert not is_complete(Bitmap.span(0, 170), 200)


def test_the_tail_does_not_help_to_complete():
    assert not is_complete(Bitmap.span(0, 170) | Bitmap.span(190, 200), 200)


def test_watching_one_half_twice_is_one_half():
    half = Bitmap.span(0, 300)

    assert coverage(union([half, half]), 600) == pytest.approx(300 / 590)


def test_seeking_to_the_end_completes_nothing():
    assert not is_complete(Bitmap.span(595, 600), 600)


def test_touching_a_hundred_places_completes_nothing():
    assert not is_complete(Bitmap.of(range(0, 1000, 10)), 1000)


def test_the_rule_is_found_by_its_version():
    assert RULES[CURRENT_RULE.version] is CURRENT_RULE


@given(watched())
def test_coverage_is_a_share(case):
    assert 0 <= coverage(*case) <= 1


@given(lengths)
def test_everything_watched_is_complete_and_nothing_is_missing(seconds):
    assert is_complete(Bitmap.span(0, seconds), seconds)
    assert missing(Bitmap.span(0, seconds), seconds) == []


@given(watched(), st.integers(0, 4000))
def test_more_watching_never_takes_completion_away(case, second):
    bitmap, seconds = case
    more = bitmap | Bitmap.of([second])

    assert is_complete(more, seconds) >= is_complete(bitmap, seconds)


@given(watched())
def test_watching_what_is_missing_completes(case):
    bitmap, seconds = case
    rest = union(Bitmap.span(start, end) for start, end in missing(bitmap, seconds))

    assert len(bitmap & rest) == 0
    assert coverage(bitmap | rest, seconds) == 1


def test_missing_spans_are_merged_and_leave_the_tail_out():
    assert missing(Bitmap.span(60, 140) | Bitmap.span(150, 191), 200) == [(0, 60), (140, 150)]


def test_a_missing_span_that_reaches_into_the_tail_is_named_whole():
    assert missing(Bitmap.span(0, 100), 200) == [(100, 200)]
