"""The acts of an evening: planning, the screen, the roll, the code in the room, handing in."""

import datetime as dt
import itertools

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import AuditEntry
from lms.gatherings.deciding import gathering_approve, gathering_void, roll_seal
from lms.gatherings.errors import GatheringError, ScreenError
from lms.gatherings.figures import branch_figures
from lms.gatherings.models import Attendance, Gathering, RoomPlay, Screen
from lms.gatherings.opening import (
    gathering_call_off,
    gathering_go_on,
    gathering_hand_in,
    gathering_plan,
    gathering_start,
)
from lms.gatherings.pairing import room_of, screen_new, screen_pair
from lms.gatherings.rolls import Mark, roll_mark, roll_people, roll_scan
from lms.gatherings.room import room_beat
from lms.gatherings.tokens import DOOR_SECONDS, door_check, door_token, screen_token
from lms.watching.evidence import SLACK, Bitmap
from tests.factories import LecturePageFactory, ProgrammeFactory, UserFactory
from tests.integration.lms.gatherings.conftest import EVENING, LENGTH, PLACE, room_for

pytestmark = pytest.mark.django_db


def plan(units, keeper, **more):
    said = {"organization": units.branch, "on": EVENING.date(), "place": PLACE, "now": EVENING}
    return gathering_plan(user=keeper, **(said | more))


def present(gathering) -> set[int]:
    rows = Attendance.objects.filter(gathering=gathering, is_present=True)
    return set(rows.values_list("user_id", flat=True))


# -- opening ---------------------------------------------------------------------------------------


def test_opening_twice_is_one_session(units, secretary, lecture):
    made = plan(units, secretary, lecture=lecture)
    assert plan(units, secretary, lecture=lecture) == made
    for _twice in range(2):
        gathering_start(gathering=made, user=secretary, now=EVENING)
    assert Gathering.objects.get().state == Gathering.State.OPEN
    assert AuditEntry.objects.filter(action="gathering.start").count() == 1


def test_a_programme_brings_its_published_lectures_in_order(units, secretary, lecture):
    second, gone = LecturePageFactory(), LecturePageFactory()
    programme = ProgrammeFactory(
        organization=units.branch, on=EVENING.date(), lectures=[second, gone, lecture]
    )
    gone.live = False
    gone.save(update_fields=["live"])
    made = plan(units, secretary, programme=programme)
    assert [item.lecture for item in made.items.order_by("position")] == [second, lecture]


def test_a_planned_session_begins_on_its_day(units, secretary, lecture):
    tomorrow = EVENING + dt.timedelta(days=1)
    made = plan(units, secretary, lecture=lecture, on=tomorrow.date())
    with pytest.raises(GatheringError, match="21"):
        gathering_start(gathering=made, user=secretary, now=EVENING)
    assert gathering_start(gathering=made, user=secretary, now=tomorrow).state == "open"


def test_a_day_that_is_over_is_for_paper(units, secretary, lecture):
    with pytest.raises(GatheringError):
        plan(units, secretary, lecture=lecture, on=EVENING.date() - dt.timedelta(days=1))


def test_nobody_opens_for_a_unit_that_is_not_theirs(units, secretary, lecture):
    with pytest.raises(PermissionDenied):
        plan(units, secretary, lecture=lecture, organization=units.other_branch)
    assert not Gathering.objects.exists()


def test_a_session_that_was_called_off_leaves_room_for_another(units, secretary, lecture):
    made = plan(units, secretary, lecture=lecture)
    gathering_call_off(gathering=made, user=secretary, now=EVENING)
    assert plan(units, secretary, lecture=lecture) != made


# -- the screen ------------------------------------------------------------------------------------


def test_a_screen_gets_the_session_whose_keeper_writes_its_code(room, secretary):
    screen = screen_new(now=room.now)
    token = screen_token(screen)
    with pytest.raises(ScreenError):
        room_of(token, now=room.now)
    code = f"{screen.code[:3]} {screen.code[3:]}"
    for _twice in range(2):
        screen_pair(gathering=room.gathering, code=code, user=secretary, now=room.now)
    assert room_of(token, now=room.now) == room.gathering


def test_a_code_that_is_old_or_wrong_connects_nothing(room, secretary):
    screen = screen_new(now=room.now)
    room.passes(11 * 60)
    for code in (screen.code, "", "12345"):
        with pytest.raises(GatheringError):
            screen_pair(gathering=room.gathering, code=code, user=secretary, now=room.now)
    assert not Screen.objects.filter(gathering=room.gathering).exists()


def test_a_second_screen_ends_the_first(room, secretary):
    screens = [screen_new(now=room.now) for _ in range(2)]
    for one in screens:
        screen_pair(gathering=room.gathering, code=one.code, user=secretary, now=room.now)
    with pytest.raises(ScreenError):
        room_of(screen_token(screens[0]), now=room.now)
    assert room_of(screen_token(screens[1]), now=room.now) == room.gathering


def test_the_screen_ends_with_the_session(room, secretary, members):
    screen = screen_new(now=room.now)
    screen_pair(gathering=room.gathering, code=screen.code, user=secretary, now=room.now)
    room.ticks(members[0])
    room.hands_in()
    with pytest.raises(ScreenError):
        room_of(screen_token(screen), now=room.now)


# -- what is played --------------------------------------------------------------------------------


def test_a_claim_of_the_whole_film_at_once_counts_what_the_clock_allows(room, lecture):
    room.opens(lecture)
    room.passes(60)
    room.seen = Bitmap.span(0, LENGTH)
    heard = room.beats()
    assert heard.accepted <= 60 + SLACK
    assert not heard.is_complete


def test_a_beat_that_comes_twice_counts_once(room, lecture):
    room.opens(lecture)
    room.plays(0, 300)
    assert room.beats().accepted == 0
    play = room.gathering.plays.get()
    assert (play.accepted, play.windows) == (
        300,
        [[int(EVENING.timestamp()), int(EVENING.timestamp()) + 300]],
    )


def test_a_lost_line_of_ten_minutes_loses_nothing(room, lecture):
    room.opens(lecture)
    room.plays(0, LENGTH, every=600)
    assert room.gathering.plays.get().accepted == LENGTH


def test_a_line_that_is_lost_for_the_whole_film_loses_nothing(room):
    film = LecturePageFactory(asset__duration=5400.0)
    room.gathering.items.create(lecture=film, position=1)
    room.opens(film)
    room.plays(0, 5400, every=5400)
    assert room.gathering.plays.get().accepted == 5400


def test_a_screen_that_another_one_followed_tells_of_its_own_time_only(room, lecture, secretary):
    first, second = screen_new(now=room.now), screen_new(now=room.now)
    screen_pair(gathering=room.gathering, code=first.code, user=secretary, now=room.now)
    room.opens(lecture)
    room.passes(60)
    screen_pair(gathering=room.gathering, code=second.code, user=secretary, now=room.now)
    room.passes(600)
    heard = room_beat(
        play_id=room.playing.play.pk,
        screen_id=first.pk,
        position=0.0,
        seen=Bitmap.span(0, LENGTH).to_bytes(),
        now=room.now,
    )
    assert heard.accepted <= 60 + SLACK


def test_what_a_lost_line_held_up_is_taken_after_handing_in(room, lecture, members):
    room.opens(lecture)
    room.plays(0, 600)
    room.passes(600)
    room.seen |= Bitmap.span(600, LENGTH)
    room.ticks(members[0])
    room.hands_in()
    room.passes(3600)
    assert room.beats().is_complete
    assert room.gathering.plays.get().windows[-1][1] == int(EVENING.timestamp()) + LENGTH


def test_time_after_the_session_is_over_buys_nothing(room, lecture, members):
    room.opens(lecture)
    room.plays(0, 60)
    room.ticks(members[0])
    room.hands_in()
    room.passes(3600)
    room.seen = Bitmap.span(0, LENGTH)
    assert room.beats().accepted <= SLACK


def test_two_recordings_told_at_one_moment_share_no_minute(room, lecture):
    second = LecturePageFactory(asset__duration=300.0)
    room.gathering.items.create(lecture=second, position=1)
    first = room.opens(lecture)
    room.passes(LENGTH)
    other = room.opens(second)
    room.passes(300)
    for playing, seconds in ((first, LENGTH), (other, 300)):
        room.playing, room.seen = playing, Bitmap.span(0, seconds)
        assert room.beats().accepted == seconds
    spans = sorted(span for play in room.gathering.plays.all() for span in play.windows)
    assert sum(end - start for start, end in spans) == LENGTH + 300
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(spans))


def test_a_lecture_taken_down_in_mid_session_keeps_what_was_played(room, lecture):
    room.opens(lecture)
    room.plays(0, 600)
    lecture.live = False
    lecture.save(update_fields=["live"])
    room.plays(600, 900)
    assert room.gathering.plays.get().accepted == 900
    with pytest.raises(GatheringError):
        room.opens(lecture)


def test_nothing_is_taken_once_the_township_has_decided(room, lecture, members, officer):
    room.opens(lecture)
    room.plays(0, 600)
    room.ticks(members[0])
    room.hands_in()
    room.is_approved_by(officer)
    room.seen = Bitmap.span(0, LENGTH)
    with pytest.raises(ScreenError):
        room.beats()


def test_what_was_handed_in_too_early_goes_on_the_same_day(room, lecture, members, officer):
    room.opens(lecture)
    room.plays(0, 600)
    room.ticks(*members)
    room.hands_in()
    room.gathering.refresh_from_db()
    unspent = room.gathering.budget
    room.passes(600)
    for _twice in range(2):
        gathering_go_on(gathering=room.gathering, user=room.keeper, now=room.now)
    room.opens(lecture)
    room.gathering.refresh_from_db()
    assert room.gathering.budget == unspent  # the pause has bought nothing
    room.seen = Bitmap.span(0, 600)
    room.plays(600, LENGTH)
    room.hands_in()
    room.gathering.refresh_from_db()
    assert room.gathering.closed_at == room.now
    assert RoomPlay.objects.get().accepted == LENGTH


def test_a_session_goes_on_only_on_its_day_and_before_the_decision(room, lecture, members, officer):
    room.opens(lecture)
    room.plays(0, LENGTH)
    room.ticks(*members)
    room.hands_in()
    tomorrow = room.now + dt.timedelta(days=1)
    with pytest.raises(GatheringError):
        gathering_go_on(gathering=room.gathering, user=room.keeper, now=tomorrow)
    room.is_approved_by(officer)
    with pytest.raises(GatheringError):
        gathering_go_on(gathering=room.gathering, user=room.keeper, now=room.now)


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
    day = EVENING.date()
    rows = branch_figures(units.city, day, day).values_list(
        "name", "sessions", "persons", "attendances"
    )
    assert list(rows) == [(units.branch.name, 2, 2, 14)]
    assert not branch_figures(units.other_branch, day, day).exists()
