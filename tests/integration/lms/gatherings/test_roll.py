"""The roll of an evening, the code in the room, and who decides on it."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import AuditEntry
from cms.periods import Period
from cms.unit_figures import Asked
from lms.gatherings.deciding import gathering_approve, gathering_void, roll_seal
from lms.gatherings.errors import GatheringError
from lms.gatherings.figures import Together, held_by_branch, held_in_all
from lms.gatherings.models import Attendance, Gathering
from lms.gatherings.opening import (
    gathering_hand_in,
)
from lms.gatherings.rolls import Mark, roll_mark, roll_people, roll_scan
from lms.gatherings.tokens import DOOR_SECONDS, door_check, door_token
from tests.factories import LecturePageFactory, UserFactory
from tests.integration.lms.gatherings.conftest import EVENING, LENGTH, room_for

pytestmark = pytest.mark.django_db


def present(gathering) -> set[int]:
    rows = Attendance.objects.filter(gathering=gathering, is_present=True)
    return set(rows.values_list("user_id", flat=True))


# -- the roll --------------------------------------------------------------------------------------


def test_home_and_floating_members_stand_on_the_roll(room, secretary, members, floating):
    UserFactory(home=None)
    assert set(roll_people(room.gathering)) == {
        secretary.pk,
        floating.pk,
        *(one.pk for one in members),
    }


def test_a_mark_that_was_kept_on_a_phone_does_not_undo_a_newer_one(room, members, secretary):
    room.passes(600)
    room.ticks(members[0], present=False)
    room.ticks(members[0], present=True, age=300.0)
    assert present(room.gathering) == set()
    room.ticks(members[0], members[1], age=0.0)
    assert present(room.gathering) == {members[0].pk, members[1].pk}


def test_two_keepers_at_once_lose_nothing_of_each_other(room, units, members):
    operator = UserFactory(operator=True, unit=units.branch)
    room.ticks(members[0])
    roll_mark(
        gathering=room.gathering,
        user=operator,
        marks=[Mark(members[1].pk, True)],
        now=room.now,
        guests=(4, 0.0),
    )
    room.ticks(members[2])
    room.gathering.refresh_from_db()
    assert present(room.gathering) == {one.pk for one in members}
    assert room.gathering.guests == 4


def test_marks_sent_twice_are_logged_once(room, members):
    room.ticks(*members)
    room.ticks(*members)
    assert AuditEntry.objects.filter(action="gathering.tick").count() == len(members)


def test_somebody_who_is_not_on_the_roll_cannot_be_ticked(room, secretary):
    stranger = UserFactory()
    done = roll_mark(
        gathering=room.gathering, user=secretary, marks=[Mark(stranger.pk, True)], now=room.now
    )
    assert done.unknown == [stranger.pk]
    assert present(room.gathering) == set()


def test_a_roll_of_a_unit_that_one_does_not_manage_stays_as_it_is(room, units, members):
    other = UserFactory(secretary=True, unit=units.other_branch)
    with pytest.raises(PermissionDenied):
        roll_mark(
            gathering=room.gathering, user=other, marks=[Mark(members[0].pk, True)], now=room.now
        )
    assert not Attendance.objects.exists()


def test_a_number_of_guests_that_cannot_be_keeps_no_tick_back(room, members):
    marks = [Mark(members[0].pk, True)]
    done = roll_mark(
        gathering=room.gathering, user=room.keeper, marks=marks, guests=(20_000, 0.0), now=room.now
    )
    assert done.too_many_guests
    assert present(room.gathering) == {members[0].pk}


def test_a_sign_in_in_the_last_minute_is_no_whole_evening(room, lecture, members):
    roll_scan(gathering=room.gathering, user=members[0], now=room.now)
    room.opens(lecture)
    room.plays(0, 240)
    roll_scan(gathering=room.gathering, user=members[1], now=room.now)
    room.plays(240, LENGTH)
    roll_scan(gathering=room.gathering, user=members[2], now=room.now)
    came = [Attendance.objects.get(user=one).came_at for one in members]
    assert came == [None, None, room.now]


def test_nobody_signs_in_days_after_the_session(room, members):
    with pytest.raises(GatheringError):
        roll_scan(gathering=room.gathering, user=members[0], now=room.now + dt.timedelta(days=2))
    night = room.now + dt.timedelta(hours=5)
    assert roll_scan(gathering=room.gathering, user=members[0], now=night)


def test_of_a_forgotten_session_only_what_was_ticked_on_its_day_is_taken(room, members):
    room.passes(3 * 86_400)
    evening = 3 * 86_400.0 - 600
    done = roll_mark(
        gathering=room.gathering,
        user=room.keeper,
        marks=[Mark(members[0].pk, True, age=evening), Mark(members[1].pk, True)],
        guests=(4, 0.0),
        now=room.now,
    )
    assert (present(room.gathering), done.is_day_over) == ({members[0].pk}, True)
    room.gathering.refresh_from_db()
    assert room.gathering.guests == 0
    room.hands_in()
    room.ticks(members[1])  # a correction, which the township sees
    assert present(room.gathering) == {members[0].pk, members[1].pk}


@pytest.mark.parametrize(
    ("came", "left"),
    [
        (dt.time(20, 0), dt.time(19, 45)),  # reversed
        (dt.time(7, 40), None),  # half a day before
        (None, dt.time(19, 0)),  # gone before it began
        (dt.time(23, 50), None),  # long after it was over
    ],
)
def test_times_that_cannot_be_are_told_and_change_nothing(room, members, came, left):
    room.ticks(members[0], came=dt.time(19, 40))
    room.passes(3600)
    room.hands_in()
    done = roll_mark(
        gathering=room.gathering,
        user=room.keeper,
        marks=[Mark(members[0].pk, True, came=came, left=left)],
        now=room.now,
    )
    row = Attendance.objects.get()
    assert (done.odd, row.came_at, row.left_at) == (
        [members[0].pk],
        EVENING + dt.timedelta(minutes=10),
        None,
    )


def test_a_session_that_runs_past_midnight_has_times_of_the_next_day(
    units, secretary, lecture, members
):
    late = room_for(units, secretary, lecture, EVENING + dt.timedelta(hours=4))  # 23:30
    late.passes(3600)
    late.ticks(members[0], came=dt.time(23, 40), left=dt.time(0, 15))
    row = Attendance.objects.get()
    assert row.left_at - row.came_at == dt.timedelta(minutes=35)


def test_an_empty_roll_is_not_handed_in(room, secretary):
    with pytest.raises(GatheringError):
        room.hands_in()
    roll_mark(gathering=room.gathering, user=secretary, marks=[], guests=(3, 0.0), now=room.now)
    for _twice in range(2):
        gathering_hand_in(gathering=room.gathering, user=secretary, now=room.now)
    assert AuditEntry.objects.filter(action="gathering.hand_in").count() == 1


# -- the code in the room --------------------------------------------------------------------------


def test_a_code_opens_for_half_a_minute_and_only_its_own_session(room, units, secretary):
    token = door_token(room.gathering, now=room.now)
    door_check(token, room.gathering, now=room.now + dt.timedelta(seconds=DOOR_SECONDS))
    with pytest.raises(GatheringError):
        door_check(token, room.gathering, now=room.now + dt.timedelta(seconds=60))
    other = room_for(units, secretary, LecturePageFactory())
    with pytest.raises(GatheringError):
        door_check(token, other.gathering, now=room.now)
    with pytest.raises(GatheringError):
        door_check(token[:-1], room.gathering, now=room.now)


def test_who_was_taken_back_does_not_sign_in_again(room, members):
    roll_scan(gathering=room.gathering, user=members[0], now=room.now)
    room.ticks(members[0], present=False)
    with pytest.raises(GatheringError):
        roll_scan(gathering=room.gathering, user=members[0], now=room.now)
    assert present(room.gathering) == set()


def test_one_account_stands_on_the_roll_once(room, members):
    for _twenty in range(20):
        roll_scan(gathering=room.gathering, user=members[0], now=room.now)
    row = Attendance.objects.get()
    assert (row.way, row.scanned_at) == ("scan", room.now)
    assert AuditEntry.objects.filter(action="gathering.sign_in").count() == 1


# -- the township ----------------------------------------------------------------------------------


def test_nobody_decides_on_what_they_held_or_attended(room, units, lecture, members):
    both = UserFactory(officer=True, unit=units.township, home=units.branch)
    above = UserFactory(secretary=True, unit=units.county)
    room.ticks(both, *members)
    room.hands_in()
    seen = roll_seal(room.gathering)
    for actor in (room.keeper, both, UserFactory(officer=True, unit=units.sibling)):
        with pytest.raises(PermissionDenied):
            gathering_approve(gathering=room.gathering, actor=actor, seen=seen, now=room.now)
    gathering_approve(gathering=room.gathering, actor=above, seen=seen, now=room.now)


def test_who_kept_the_roll_for_a_while_does_not_decide_on_it(room, units, secretary, members):
    officer = UserFactory(officer=True, unit=units.township)
    for keeper, is_there in ((officer, True), (secretary, False), (secretary, True)):
        mark = Mark(members[0].pk, is_there)
        roll_mark(gathering=room.gathering, user=keeper, marks=[mark], now=room.now)
    room.hands_in()
    with pytest.raises(PermissionDenied):
        room.is_approved_by(officer)


def test_who_scanned_and_was_taken_back_does_not_decide_either(room, units, members):
    officer = UserFactory(officer=True, unit=units.township)
    roll_scan(gathering=room.gathering, user=officer, now=room.now)
    room.ticks(officer, present=False)
    room.ticks(members[0])
    room.hands_in()
    with pytest.raises(PermissionDenied):
        room.is_approved_by(officer)


def test_nobody_approves_a_roll_that_they_have_not_seen(room, lecture, members, officer):
    room.ticks(members[0])
    room.hands_in()
    room.gathering.refresh_from_db()
    seen = roll_seal(room.gathering)
    room.ticks(members[1])
    with pytest.raises(GatheringError, match="名册"):
        gathering_approve(gathering=room.gathering, actor=officer, seen=seen, now=room.now)
    room.gathering.refresh_from_db()
    assert room.gathering.state == "handed_in"


def test_a_reason_is_asked_for(room, lecture, members, officer):
    room.ticks(members[0])
    room.hands_in()
    room.is_approved_by(officer)
    with pytest.raises(GatheringError):
        gathering_void(gathering=room.gathering, actor=officer, reason="  ", now=room.now)
    assert Gathering.objects.get().state == "approved"


def test_figures_keep_persons_and_attendances_apart(
    units, room, secretary, lecture, members, officer
):
    for evening in (room, room_for(units, secretary, LecturePageFactory())):
        roll_mark(
            gathering=evening.gathering, user=secretary, now=evening.now, guests=(5, 0.0),
            marks=[Mark(members[0].pk, True), Mark(members[1].pk, True)],
        )  # fmt: skip
        evening.hands_in()
        evening.is_approved_by(officer)
    waiting = room_for(units, secretary, LecturePageFactory())
    waiting.ticks(members[2])
    waiting.hands_in()
    day = Period(EVENING.date(), EVENING.date())
    for unit, below in ((units.city, units.county), (units.branch, units.branch)):
        asked = Asked(unit, (), day, "")
        assert held_by_branch(asked) == {below.path: Together(2, 2, 14)}
        assert held_in_all(asked) == Together(2, 2, 14)
    assert held_by_branch(Asked(units.other_branch, (), day, "")) == {}
    assert held_in_all(Asked(units.other_branch, (), day, "")) == Together()
