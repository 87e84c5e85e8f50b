"""What stands out among play sessions, and that ordinary watching does not."""

import datetime as dt
import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lms.watching.noticing import (
    CADENCE_BEATS,
    CROWD,
    LEARNT,
    MOST_CUT,
    STEADY,
    Sitting,
    What,
    crowds,
    noticed,
)

# 8 o'clock in Shanghai.
START = dt.datetime(2026, 5, 20, 0, 0, tzinfo=dt.UTC)
MINUTE = 60


def sitting(key, *, at=0.0, lasts=1200.0, accepted=None, **more):
    """One that begins `at` seconds after 8 o'clock and lasts so many seconds."""
    began = START + dt.timedelta(seconds=at)
    return Sitting(
        key=key,
        person=more.pop("person", 7),
        started=began,
        ended=began + dt.timedelta(seconds=lasts),
        accepted=int(lasts) if accepted is None else accepted,
        **more,
    )


def whats(sittings):
    return [one.what for one in noticed(sittings)]


sittings = st.lists(
    st.builds(
        sitting,
        st.integers(0, 10**6),
        at=st.floats(0, 3 * 86400),
        lasts=st.floats(0, 9 * 3600),
        accepted=st.integers(0, 20_000),
        cut=st.integers(0, 5000),
        device=st.sampled_from(["", "a", "b"]),
        beats=st.integers(0, 60),
        gaps=st.none() | st.tuples(st.floats(0, 40), st.floats(0, 40)).map(sorted).map(tuple),
        in_a_room=st.booleans(),
    ),
    max_size=12,
    unique_by=lambda one: one.key,
)


# -- what stands out


def test_a_claim_far_beyond_the_clock_stands_out_with_the_most_of_the_day():
    [found] = noticed([sitting(1, cut=900), sitting(2, at=5000, cut=300), sitting(3, at=9000)])

    assert (found.what, found.sittings) == (What.CUT, (1, 2))
    assert dict(found.facts) == {"seconds": 900}


def test_a_few_seconds_beyond_the_clock_do_not():
    assert whats([sitting(1, cut=MOST_CUT - 1)]) == []


def test_two_devices_side_by_side_stand_out():
    [found] = noticed([sitting(1, device="a"), sitting(2, at=600, device="b")])

    assert (found.what, found.sittings) == (What.SIDE_BY_SIDE, (1, 2))
    assert dict(found.facts) == {"seconds": 600, "apart": 1}


def test_two_films_on_one_device_stand_out_and_are_told_as_such():
    [found] = noticed([sitting(1, device="a"), sitting(2, device="a")])

    assert dict(found.facts)["apart"] == 0


def test_the_room_and_a_device_at_the_same_time_stand_out():
    [found] = noticed([sitting(1, in_a_room=True, accepted=0), sitting(2, device="a")])

    assert dict(found.facts)["apart"] == 1


def test_an_even_cadence_that_nothing_breaks_stands_out():
    [found] = noticed([sitting(1, beats=40, gaps=(30.02, 30.11))])

    assert found.what == What.CADENCE
    assert dict(found.facts) == {"beats": 40, "seconds": 30}


def test_more_than_sixteen_hours_of_one_day_stand_out():
    day = [sitting(n, at=n * 3000, lasts=2900, accepted=2900) for n in range(-9, 19)]
    assert What.LONG_DAY not in whats(day[:10])

    found = noticed(sitting(n, at=n * 2050, lasts=2000) for n in range(29))
    assert [one.what for one in found] == [What.LONG_DAY]
    assert found[0].sittings[0] == 0


def test_many_people_who_learn_on_one_device_within_minutes_stand_out_each_alone():
    found = crowds([sitting(n, person=n, at=n * 60, device="a") for n in range(CROWD)])

    assert [one.what for one in found] == [What.CROWD] * CROWD
    assert {one.person for one in found} == set(range(CROWD))
    assert all(one.sittings == (one.person,) for one in found)
    assert all(dict(one.facts) == {"people": CROWD} for one in found)


def test_a_branch_that_learns_one_after_the_other_does_not():
    assert crowds([sitting(n, person=n, at=n * 1200, device="a") for n in range(60)]) == []


def test_who_only_looks_in_is_no_crowd():
    looked_in = [
        sitting(n, person=n, at=n, device="a", accepted=LEARNT - 1) for n in range(CROWD + 5)
    ]
    assert crowds(looked_in) == []


# -- what does not


def test_two_devices_in_turn_are_ordinary():
    assert whats([sitting(1, device="a"), sitting(2, at=1200, device="b")]) == []


def test_a_tab_that_was_left_open_runs_beside_nothing():
    """Paused at noon, gone on with in the evening, another device in between."""
    morning_and_evening = sitting(1, device="a", lasts=8 * 3600, accepted=1200)

    assert whats([morning_and_evening, sitting(2, at=3600, device="b")]) == []


def test_a_player_that_was_paused_once_is_no_machine():
    assert whats([sitting(1, beats=40, gaps=(4.0, 30.1))]) == []


def test_a_short_sitting_is_no_machine():
    assert whats([sitting(1, beats=CADENCE_BEATS - 1, gaps=(30.0, 30.0))]) == []


def test_a_whole_day_at_one_and_a_half_times_the_speed_is_ordinary():
    day = [sitting(n, at=n * 3600, lasts=3000, accepted=4500) for n in range(14)]

    assert whats(day) == []


@given(st.data())
def test_an_honest_person_with_two_devices_is_never_noticed(data):
    """One thing after the other, with pauses, at any speed, half an hour offline at most."""
    chance, at, own = random.Random(data.draw(st.integers(0, 2**32))), 0.0, []
    for number in range(data.draw(st.integers(0, 12))):
        at += chance.uniform(5, 3600)
        lasts = chance.uniform(0, 3600)
        own.append(
            sitting(
                number,
                at=at,
                lasts=lasts,
                accepted=int(lasts * chance.uniform(0, 2)),
                cut=chance.choice([0, 0, 3]),
                device=chance.choice("ab"),
                beats=int(lasts / 30) + 1,
                # The end of a film, a pause or a jump has its own message.
                gaps=(chance.uniform(0, 29), 30.2),
            )
        )
        at += lasts
    assert [one for one in noticed(own) if one.what != What.LONG_DAY] == []


# -- what holds for all


@given(sittings, st.randoms())
def test_the_order_in_which_sittings_come_does_not_matter(own, chance):
    shuffled = list(own)
    chance.shuffle(shuffled)

    assert noticed(shuffled) == noticed(own)


@given(sittings)
def test_once_a_day_each_and_only_on_what_is_there(own):
    found = noticed(own)
    keys = [(one.what, one.day) for one in found]

    assert len(keys) == len(set(keys))
    for one in found:
        assert one.sittings
        assert set(one.sittings) <= {each.key for each in own}
        assert all(isinstance(value, int) for _, value in one.facts)


@given(sittings)
def test_what_ran_side_by_side_did_run_for_long_and_steadily(own):
    by_key = {one.key: one for one in own}
    for found in noticed(own):
        if found.what == What.SIDE_BY_SIDE:
            held = [by_key[key] for key in found.sittings]
            assert len(held) >= 2
            assert dict(found.facts)["seconds"] >= 5 * MINUTE
            assert all(one.in_a_room or one.accepted >= STEADY * one.lasted for one in held)


@given(sittings, st.integers(0, 11))
def test_a_sitting_that_takes_part_in_nothing_changes_nothing(own, number):
    """Days later, without anything to notice."""
    quiet = replace(
        sitting(-1, at=30 * 86400, lasts=60, accepted=60), device="ab"[number % 2], cut=number
    )

    assert noticed([*own, quiet]) == noticed(own)
