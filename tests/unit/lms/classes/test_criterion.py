"""When somebody has completed a class."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from lms.classes.criterion import Criterion

START = dt.datetime(2026, 5, 20, tzinfo=dt.UTC)
lectures = st.frozensets(st.integers(1, 12), max_size=6)


def day(number):
    return START + dt.timedelta(days=number)


@st.composite
def cases(draw):
    required, electives = draw(lectures), draw(lectures)
    done = draw(st.dictionaries(st.integers(1, 14), st.integers(0, 30).map(day), max_size=14))
    return Criterion(required, electives - required, draw(st.integers(0, 4))), done


def test_all_required_lectures_and_enough_electives_complete():
    criterion = Criterion(frozenset({1, 2}), frozenset({3, 4, 5}), electives_needed=2)

    assert not criterion.standing({1: day(1), 2: day(1), 3: day(1)}).complete
    assert criterion.standing({1: day(1), 2: day(1), 3: day(1), 5: day(1)}).complete


def test_more_electives_do_not_replace_a_required_lecture():
    criterion = Criterion(frozenset({1, 2}), frozenset({3, 4}), electives_needed=1)
    standing = criterion.standing({1: day(1), 3: day(1), 4: day(1)})

    assert not standing.complete
    assert standing.percent == 66


def test_a_class_that_asks_for_nothing_is_never_completed():
    criterion = Criterion(frozenset(), frozenset({1}), electives_needed=0)

    assert not criterion.standing({1: day(1)}).complete
    assert criterion.standing({1: day(1)}).percent == 0


def test_completion_is_reached_with_the_last_lecture_that_was_needed():
    criterion = Criterion(frozenset({1}), frozenset({2, 3}), electives_needed=1)

    assert criterion.reached({1: day(5), 2: day(9), 3: day(7)}) == day(7)
    assert criterion.reached({1: day(8), 2: day(9), 3: day(7)}) == day(8)


@given(cases())
def test_percent_says_a_hundred_exactly_when_complete(case):
    criterion, done = case
    standing = criterion.standing(done)

    assert 0 <= standing.percent <= 100
    assert (standing.percent == 100) == standing.complete
    assert (criterion.reached(done) is not None) == standing.complete


@given(cases(), st.integers(1, 14), st.integers(31, 60).map(day))
def test_learning_more_later_never_changes_what_was_reached(case, lecture, at):
    criterion, done = case
    before = criterion.reached(done)
    after = criterion.reached({lecture: at} | done)

    assert before is None or after == before
