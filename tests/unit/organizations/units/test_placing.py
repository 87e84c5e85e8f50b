"""Rows of the tree's past follow the tree, one state a day, and never touch days before."""

import datetime as dt
import itertools

from hypothesis import given
from hypothesis import strategies as st

from organizations.units.placing import Place, Row, changes_between

START = dt.date(2026, 1, 1)
places = st.builds(
    Place,
    parent=st.sampled_from([1, 2]),
    name=st.sampled_from(["甲", "乙"]),
    kind=st.just("branch"),
    path=st.sampled_from(["00010001", "00020001"]),
)
# Acts in the order of time: (days since the act before, state after it; None is closed).
histories = st.lists(
    st.tuples(st.integers(min_value=0, max_value=2), st.none() | places), min_size=1, max_size=12
)


def play(history: list[tuple[int, Place | None]]) -> tuple[list[Row], dict[dt.date, Place | None]]:
    """Rows that result from the acts, and the state at the end of each day."""
    rows: dict[int, Row] = {}
    keys = itertools.count(1)
    day, said = START, {}
    for days, state in history:
        day += dt.timedelta(days=days)
        said[day] = state
        near = [row for row in rows.values() if row.valid_to in (None, day)]
        changes = changes_between({7: state}, near, day)
        for pk in changes.delete:
            assert rows.pop(pk).valid_from == day
        for pk in changes.close:
            rows[pk] = Row(pk, 7, rows[pk].valid_from, day, rows[pk].place)
        for pk in changes.reopen:
            rows[pk] = Row(pk, 7, rows[pk].valid_from, None, rows[pk].place)
        for _ in changes.insert:
            assert state is not None
            pk = next(keys)
            rows[pk] = Row(pk, 7, day, None, state)
    return sorted(rows.values(), key=lambda row: row.valid_from), said


def in_force(rows: list[Row], day: dt.date) -> list[Place]:
    return [
        row.place
        for row in rows
        if row.valid_from <= day and (row.valid_to is None or row.valid_to > day)
    ]


@given(histories)
def test_every_day_has_the_state_of_its_end(history: list[tuple[int, Place | None]]) -> None:
    rows, said = play(history)
    state: Place | None = None
    for number in range((max(said) - START).days + 3):
        day = START + dt.timedelta(days=number)
        state = said.get(day, state)
        assert in_force(rows, day) == ([state] if state else [])


@given(histories)
def test_rows_are_no_more_than_the_changes(history: list[tuple[int, Place | None]]) -> None:
    rows, _ = play(history)
    for before, after in itertools.pairwise(rows):
        assert before.valid_to is not None
        assert before.valid_from < before.valid_to <= after.valid_from
        assert before.place != after.place or before.valid_to < after.valid_from
    assert all(row.valid_to is None or row.valid_from < row.valid_to for row in rows)


def test_an_act_undone_on_its_day_leaves_no_row() -> None:
    there, back = Place(1, "甲", "branch", "00010001"), Place(2, "甲", "branch", "00020001")
    rows, _ = play([(0, there), (5, back), (0, there)])
    assert [(row.valid_from, row.valid_to) for row in rows] == [(START, None)]
