"""The wall-clock budget: no more than time allows, and nothing lost by honest people."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.watching.evidence import (
    MEDIA_PER_WALL,
    MOST_UNSPENT,
    SLACK,
    Bitmap,
    Clock,
    accept,
    union,
)

START = dt.datetime(2026, 5, 20, 8, 0, tzinfo=dt.UTC)
LECTURE = 3 * 3600


def at(seconds: float) -> dt.datetime:
    return START + dt.timedelta(seconds=seconds)


class Person:
    """What the server keeps of one person, without a server."""

    def __init__(self, now: dt.datetime = START) -> None:
        self.clock = Clock.fresh(now).opened(now)
        self.held: dict[str, Bitmap] = {}

    def open(self, now: dt.datetime) -> None:
        self.clock = self.clock.opened(now)

    def beat(self, now: dt.datetime, claimed: Bitmap, recording: str = "a") -> int:
        clock = self.clock.heard(now)
        held = self.held.get(recording, Bitmap())
        accepted, _ = accept(claimed, held, clock.allowed)
        self.clock = clock.spent(len(accepted))
        self.held[recording] = held | accepted
        return len(accepted)

    @property
    def total(self) -> int:
        return sum(len(bitmap) for bitmap in self.held.values())


claims = st.one_of(
    st.just(Bitmap.span(0, LECTURE)),
    st.builds(Bitmap.of, st.sets(st.integers(0, LECTURE), max_size=50)),
    st.builds(Bitmap.span, st.integers(0, LECTURE), st.integers(0, LECTURE)),
)
gaps = st.one_of(
    st.just(0.0), st.floats(0, 60), st.floats(0, 3600), st.sampled_from([1799.0, 1800.0, 86400.0])
)
events = st.lists(
    st.tuples(gaps, st.sampled_from(["open", "beat"]), st.sampled_from("abc"), claims), max_size=40
)


@given(events)
def test_no_interleaving_of_beats_and_sessions_earns_more_than_the_open_time_allows(story):
    person, now, last, open_time = Person(), 0.0, 0.0, 0.0
    for gap, act, recording, claimed in story:
        now += gap
        open_time += min(now - last, MOST_UNSPENT)
        last = now
        if act == "open":
            person.open(at(now))
        else:
            person.beat(at(now), claimed, recording)
        assert person.total <= open_time * MEDIA_PER_WALL + SLACK + 1e-3


@given(st.lists(st.tuples(st.sampled_from(["open", "beat"]), st.sampled_from("abc")), max_size=60))
def test_without_wall_time_there_is_only_the_slack_once(story):
    person = Person()
    for act, recording in story:
        if act == "open":
            person.open(START)
        else:
            person.beat(START, Bitmap.span(0, LECTURE), recording)

    assert person.total <= SLACK


@given(st.lists(st.floats(-7200, 7200), max_size=30))
def test_a_server_clock_that_jumps_back_adds_nothing(jumps):
    person, now, seen = Person(), 0.0, [0.0]
    for jump in jumps:
        now += jump
        seen.append(now)
        person.open(at(now))
        person.beat(at(now), Bitmap.span(0, LECTURE))

    assert person.total <= (max(seen) - seen[0]) * MEDIA_PER_WALL + SLACK + 1e-3


@given(st.permutations(range(8)))
def test_the_order_in_which_queued_beats_arrive_does_not_matter(order):
    """Cumulative bitmaps of one play at normal speed, all delivered at its end."""
    person = Person()
    for step in order:
        person.beat(at(240), Bitmap.span(0, 30 * (step + 1)))

    assert person.held["a"] == Bitmap.span(0, 240)


@given(events)
def test_the_budget_stays_between_the_debt_and_the_cap(story):
    person, now = Person(), 0.0
    for gap, act, recording, claimed in story:
        now += gap
        if act == "open":
            person.open(at(now))
        else:
            person.beat(at(now), claimed, recording)
        assert -SLACK / MEDIA_PER_WALL <= person.clock.budget <= MOST_UNSPENT


@pytest.mark.parametrize("speed", [1.0, 1.5, 2.0])
def test_honest_play_with_a_beat_every_half_minute_loses_nothing(speed):
    person = Person()
    for step in range(1, 41):
        person.beat(at(30 * step), Bitmap.span(0, int(30 * step * speed)))

    assert person.held["a"] == Bitmap.span(0, int(1200 * speed))


@given(st.lists(st.floats(1, 60), min_size=1, max_size=40), st.sampled_from([1.0, 1.5, 2.0]))
def test_honest_play_with_beats_at_any_time_loses_nothing(waits, speed):
    """The last, partly played second counts as soon as half of it was played."""
    person, now = Person(), 0.0
    for wait in waits:
        now += wait
        claimed = Bitmap.span(0, int(now * speed + 0.5))
        person.beat(at(now), claimed)
        assert person.held["a"] == claimed


@pytest.mark.parametrize("speed", [1.0, 1.5, 2.0])
def test_ten_minutes_without_a_signal_lose_nothing(speed):
    person = Person()
    person.beat(at(30), Bitmap.span(0, int(30 * speed)))
    person.beat(at(630), Bitmap.span(0, int(630 * speed)))

    assert person.held["a"] == Bitmap.span(0, int(630 * speed))


def test_evidence_that_waited_on_the_device_survives_a_long_silence():
    person = Person()
    person.beat(at(3 * 3600), Bitmap.span(0, 1200))

    assert len(person.held["a"]) == 1200


def test_a_full_claim_right_after_a_day_idle_earns_only_the_slack():
    person = Person()
    person.beat(at(600), Bitmap())
    person.open(at(86400))

    assert person.beat(at(86401), Bitmap.span(0, LECTURE)) == 2 * 1 + SLACK


def test_debt_outlives_idleness():
    person = Person()
    assert person.beat(START, Bitmap.span(0, LECTURE)) == SLACK
    person.clock = Clock(person.clock.budget, START, START)
    person.open(at(86400))

    assert person.beat(at(86400), Bitmap.span(0, LECTURE)) == 0


def test_two_recordings_at_once_share_one_budget():
    person = Person()
    for step in range(1, 21):
        person.beat(at(30 * step), Bitmap.span(0, 60 * step), "a")
        person.beat(at(30 * step), Bitmap.span(0, 60 * step), "b")

    assert person.total <= 600 * MEDIA_PER_WALL + SLACK


def test_a_second_session_does_not_take_the_first_ones_time_away():
    person = Person()
    person.open(at(600))

    assert person.beat(at(600), Bitmap.span(0, 600)) == 600


def test_what_was_cut_off_is_accepted_when_time_has_paid_for_it():
    person = Person()
    assert person.beat(at(1), Bitmap.span(0, 60)) == 5
    assert person.beat(at(30), Bitmap.span(0, 60)) == 55


def test_watching_again_costs_nothing_and_earns_nothing():
    person = Person()
    person.beat(at(300), Bitmap.span(0, 300))
    budget = person.clock.budget

    assert person.beat(at(300), Bitmap.span(0, 300)) == 0
    assert person.clock.budget == budget


def test_merging_is_the_same_for_sessions_on_two_devices():
    left, right = Bitmap.span(0, 40), Bitmap.span(30, 90)
    assert union([left, right]) == union([right, left, left]) == Bitmap.span(0, 90)
