"""The acts of an evening: planning, the screen, what is played, handing in."""

import datetime as dt
import itertools
import uuid

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import AuditEntry
from lms.gatherings.errors import AlreadyOpen, GatheringError, ScreenError
from lms.gatherings.models import Attendance, Gathering, RoomPlay, Screen
from lms.gatherings.opening import (
    gathering_call_off,
    gathering_go_on,
    gathering_plan,
    gathering_start,
    place_change,
)
from lms.gatherings.pairing import room_of, screen_new, screen_pair
from lms.gatherings.room import room_beat
from lms.gatherings.tokens import screen_token
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
    wish = uuid.uuid4()
    made = plan(units, secretary, lecture=lecture, wish=wish)
    assert plan(units, secretary, lecture=lecture, wish=wish) == made
    for _twice in range(2):
        gathering_start(gathering=made, user=secretary, now=EVENING)
    assert Gathering.objects.get().state == Gathering.State.OPEN
    assert AuditEntry.objects.filter(action="gathering.start").count() == 1


def test_a_form_that_was_used_opens_nothing_else(units, secretary, lecture):
    wish = uuid.uuid4()
    made = plan(units, secretary, lecture=lecture, wish=wish)
    with pytest.raises(GatheringError):
        plan(units, secretary, lecture=LecturePageFactory(), wish=wish)
    gathering_call_off(gathering=made, user=secretary, now=EVENING)
    with pytest.raises(GatheringError):
        plan(units, secretary, lecture=lecture, wish=wish)
    assert Gathering.objects.get() == made


def test_a_second_form_for_the_same_session_is_told_and_changes_nothing(units, secretary, lecture):
    made = plan(units, secretary, lecture=lecture)
    with pytest.raises(AlreadyOpen) as told:
        plan(units, secretary, lecture=lecture, place="村小学")
    assert told.value.gathering == made
    assert Gathering.objects.get().place == PLACE


def test_the_place_is_changed_until_the_session_is_handed_in(room, units, secretary, members):
    made = room.gathering
    other = UserFactory(secretary=True, unit=units.other_branch)
    with pytest.raises(PermissionDenied):
        place_change(gathering=made, user=other, place="村小学")
    for _twice in range(2):
        place_change(gathering=made, user=secretary, place="村小学")
    assert Gathering.objects.get().place == "村小学"
    assert AuditEntry.objects.filter(action="gathering.place").count() == 1
    room.ticks(members[0])
    room.hands_in()
    with pytest.raises(GatheringError):
        place_change(gathering=made, user=secretary, place="别处")


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


def test_a_session_that_was_forgotten_plays_on_no_other_day(room, lecture, secretary):
    room.passes(3 * 86_400)
    screen = screen_new(now=room.now)
    with pytest.raises(GatheringError, match="2026年5月20日"):
        screen_pair(gathering=room.gathering, code=screen.code, user=secretary, now=room.now)
    with pytest.raises(ScreenError):
        room.opens(lecture)
    assert not RoomPlay.objects.exists()


def test_a_screen_that_was_left_on_ends_with_the_day_and_buys_no_time_after_it(
    units, lecture, secretary
):
    late = room_for(units, secretary, lecture, EVENING + dt.timedelta(hours=4))  # 23:30
    screen = screen_new(now=late.now)
    screen_pair(gathering=late.gathering, code=screen.code, user=secretary, now=late.now)
    late.opens(lecture)
    late.plays(0, LENGTH - 300)
    late.passes(3 * 3600)  # past midnight it goes on
    assert room_of(screen_token(screen), now=late.now) == late.gathering
    late.opens(lecture)
    late.passes(10 * 3600)
    with pytest.raises(ScreenError):
        room_of(screen_token(screen), now=late.now)
    late.seen = Bitmap.span(0, LENGTH)
    late.beats()  # held up by a lost line
    late.gathering.refresh_from_db()
    assert late.gathering.settled_at == EVENING + dt.timedelta(hours=16)
    assert late.gathering.plays.get().windows[-1][1] == int(late.gathering.settled_at.timestamp())


def test_a_session_that_is_handed_in_days_later_ended_on_its_day(room, members):
    room.ticks(members[0])
    room.passes(3 * 86_400)
    room.hands_in()
    room.gathering.refresh_from_db()
    assert room.gathering.closed_at == EVENING + dt.timedelta(hours=12)


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
