"""When a room played: whatever beats come in whatever order, no second is told twice."""

from hypothesis import given
from hypothesis import strategies as st

from lms.gatherings.played import JOINED, attended, latest, was_there_throughout, windows_after
from lms.ledger.occupancy import length, merged

OPENED = 1_000
# (recording, seconds since the beat before, share of them that was played)
BEATS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 900), st.integers(0, 100)), max_size=20
)


@given(BEATS)
def test_recordings_never_share_a_second_and_lose_none(beats):
    windows = {0: [], 1: [], 2: []}
    told, at = 0, OPENED
    for which, passed, share in beats:
        at += passed
        accepted = passed * share // 100
        told += accepted
        others = [span for one in windows if one != which for span in windows[one]]
        windows[which] = windows_after(
            windows[which], others, at=at, accepted=accepted, opened=OPENED
        )
    spans = [span for one in windows.values() for span in one]
    together = length(merged(spans))
    assert together == sum(length(one) for one in windows.values())
    assert told <= together <= told + JOINED * len(beats)
    assert all(OPENED <= start < end <= at for start, end in spans)


@given(st.lists(st.integers(20, 40), min_size=1, max_size=60))
def test_windows_do_not_grow_with_the_number_of_beats(gaps):
    windows, at = [], OPENED
    for gap in gaps:
        at += gap
        windows = windows_after(windows, [], at=at, accepted=gap - 1, opened=OPENED)
    assert len(windows) == 1


def test_a_break_parts_two_windows():
    windows = windows_after([], [], at=1_100, accepted=60, opened=OPENED)
    windows = windows_after(windows, [], at=1_400, accepted=30, opened=OPENED)
    assert windows == [(1_040, 1_100), (1_370, 1_400)]


def test_the_last_seconds_are_taken():
    assert latest([(0, 10), (20, 30)], 15) == [(5, 10), (20, 30)]


def test_presence_cuts_what_was_played():
    windows = [(100, 200), (300, 400)]
    assert attended(windows, came=150, left=350) == [(150, 200), (300, 350)]
    assert attended(windows, came=500) == []
    assert attended([]) == []


def test_who_comes_during_a_break_was_there_for_what_followed_only():
    windows = [(100, 200), (300, 400)]
    assert was_there_throughout(windows, came=90, left=400)
    assert was_there_throughout(windows)
    assert not was_there_throughout(windows, came=250)
    assert not was_there_throughout([])
