"""What facts earn beside each other: no second counts twice, and honest people lose none."""

import dataclasses
import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lms.ledger.crediting import Days, Fact, credited
from lms.ledger.occupancy import SHANGHAI, length, merged, without
from lms.ledger.rules import FIRST_RULE, Kind

DAY = int(dt.datetime(2026, 5, 20, 8, 0, tzinfo=SHANGHAI).timestamp())
HOUR = 3600


def lecture(key=1, start=0, end=1800, *, needed=None, seconds=1800) -> Fact:
    return Fact(
        source="completion",
        key=key,
        user_id=1,
        kind=Kind.SELF_STUDY,
        at=dt.datetime.fromtimestamp(DAY + end, dt.UTC),
        subject=key,
        windows=((DAY + start, DAY + end),),
        needed=end - start if needed is None else needed,
        seconds=seconds,
    )


def session(key, start, end) -> Fact:
    return dataclasses.replace(
        lecture(key, start, end), source="gathering", kind=Kind.COLLECTIVE, seconds=None
    )


def booked(facts, days=None):
    days = Days() if days is None else days
    found = []
    for fact in facts:
        credit = credited(FIRST_RULE, fact, days)
        days.hold(fact.key, credit, rule=FIRST_RULE, is_session=fact.is_session)
        found.append(credit)
    return found


def test_a_lecture_earns_its_band():
    (credit,) = booked([lecture()])
    assert (credit.hours, credit.cut) == (Decimal("0.50"), 0)


def test_a_lecture_played_faster_earns_its_band_and_holds_the_time_that_it_took():
    (credit,) = booked([lecture(end=900, needed=1800)])
    assert (credit.hours, length(credit.spans)) == (Decimal("0.50"), 900)


def test_time_that_another_holds_cuts_the_hours_in_proportion():
    room, own = booked([session(1, 0, 1800), lecture(2, 900, 2700)])
    assert room.hours == Decimal("0.66")
    assert (own.hours, own.full, own.cut) == (Decimal("0.25"), Decimal("0.50"), 900)


def test_what_lies_wholly_in_time_of_another_earns_nothing():
    _room, own = booked([session(1, 0, 7200), lecture(2, 900, 2700)])
    assert (own.hours, own.cut) == (0, 1800)


def test_somebody_who_turns_to_another_lecture_in_between_loses_nothing():
    inner = lecture(1, 600, 1500, seconds=900)
    outer = lecture(2, 0, 2000, needed=1000, seconds=1000)
    assert [one.cut for one in booked([inner, outer])] == [0, 0]


def test_sessions_earn_four_a_half_day_and_eight_a_day():
    morning, more, afternoon, evening = booked(
        [
            session(1, 0, 3 * HOUR),
            session(2, 3 * HOUR, 4 * HOUR),
            session(3, 5 * HOUR, 8 * HOUR),
            session(4, 12 * HOUR, 15 * HOUR),
        ]
    )
    assert (morning.hours, more.hours) == (Decimal("4.00"), Decimal("0.00"))
    assert (afternoon.hours, evening.hours) == (Decimal("4.00"), Decimal("0.00"))
    assert more.full == Decimal("1.33")


@given(st.integers(1, 3 * HOUR), st.integers(0, 3 * HOUR))
def test_noon_and_midnight_take_nothing_from_a_session(seconds, until):
    for cut in (4 * HOUR, 16 * HOUR):
        start = cut - min(until, seconds)
        [credit] = booked([session(1, start, start + seconds)])
        assert credit.hours == credit.full == FIRST_RULE.session_hours(seconds)


def test_hours_that_were_approved_are_taken_as_they_are():
    given_hours = dataclasses.replace(lecture(), hours=Decimal("6.5"), windows=())
    assert booked([given_hours])[0].hours == Decimal("6.50")


facts = st.lists(
    st.tuples(st.booleans(), st.integers(0, 40), st.integers(1, 30), st.integers(1, 60)),
    max_size=8,
).map(
    lambda rows: [
        session(number, start * 900, (start + span) * 900)
        if together
        else lecture(number, start * 900, (start + span) * 900, needed=needed * 450)
        for number, (together, start, span, needed) in enumerate(rows, 1)
    ]
)


@given(facts)
def test_credited_time_never_overlaps_and_lies_in_the_windows(many):
    days = Days()
    credits = booked(many, days)
    held = [span for credit in credits for span in credit.spans]
    assert length(merged(held)) == length(held)
    for fact, credit in zip(many, credits, strict=True):
        assert without(credit.spans, fact.windows) == []
        assert length(credit.spans) + credit.cut == credit.needed
        assert 0 <= credit.hours <= credit.full


@given(facts)
def test_a_day_of_sessions_is_never_worth_more_than_eight(many):
    days = Days()
    booked(many, days)
    by_half = {}
    for hours in days.sessions.values():
        for half, worth in hours.items():
            by_half[half] = by_half.get(half, 0) + worth
    assert all(worth <= 4 for worth in by_half.values())


@given(facts)
def test_days_come_back_from_their_rows_as_they_were(many):
    days = Days()
    booked(many, days)
    again = Days.of(days.rows())
    assert again.rows() == days.rows()
    assert again.taken() == days.taken()


@given(facts, st.data())
def test_what_is_released_is_free_again(many, data):
    if not many:
        return
    days = Days()
    booked(many, days)
    gone = data.draw(st.sampled_from(many))
    days.release(gone.key)
    again = credited(FIRST_RULE, gone, days)
    assert length(again.spans) == again.needed - again.cut
    assert without(again.spans, days.taken()) == merged(again.spans)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 10)), min_size=1, max_size=5))
def test_whoever_watches_one_thing_at_a_time_is_never_cut(turns):
    """Whatever the order of turning from one lecture to another and back."""
    clock, windows, worked = 0, {}, {}
    for which, minutes in turns:
        which %= 3
        start, end = clock, clock + minutes * 60
        first, _ = windows.get(which, (start, end))
        windows[which] = (first, end)
        worked[which] = worked.get(which, 0) + end - start
        clock = end
    many = [
        lecture(which + 1, start, end, needed=worked[which])
        for which, (start, end) in sorted(windows.items(), key=lambda one: one[1][1])
    ]
    assert [credit.cut for credit in booked(many)] == [0] * len(many)
