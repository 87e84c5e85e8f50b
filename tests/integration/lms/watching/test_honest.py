"""What happens to honest people, over HTTP: nothing that was really watched is lost, and nothing
of it is put before anybody to check.
"""

import pytest

from lms.watching.checks import checks_find
from lms.watching.evidence import Bitmap
from lms.watching.models import PlaySession, ViewingCheck
from lms.watching.tokens import LIFETIME
from tests.factories import LecturePageFactory
from tests.integration.lms.watching.conftest import bitmap_of, open_player

pytestmark = pytest.mark.django_db
HOUR = 3600


@pytest.fixture
def lecture(db):
    return LecturePageFactory(asset__duration=float(HOUR))


@pytest.fixture(autouse=True)
def nothing_stands_out():
    yield
    checks_find()
    assert not ViewingCheck.objects.exists()


def held(member):
    return sum(PlaySession.objects.filter(user=member).values_list("accepted", flat=True))


def test_ten_minutes_without_a_signal_lose_nothing(member, lecture, wall):
    player = open_player(member, lecture)
    wall.passes(30)
    player.send(Bitmap.span(0, 30))
    wall.passes(600)

    assert player.send(Bitmap.span(0, 630))["cut"] == 0
    assert held(member) == 630


def test_a_killed_tab_loses_nothing_of_what_the_next_page_sends(member, lecture, wall):
    dead = open_player(member, lecture)
    wall.passes(300)
    again = open_player(member, lecture)
    dead.send(Bitmap.span(0, 300))
    wall.passes(60)

    answer = again.send(Bitmap.span(290, 350))
    assert bitmap_of(answer["union"]) == Bitmap.span(0, 350)


@pytest.mark.parametrize("hours", [6, 24, 6 * 24])
def test_a_dead_battery_costs_nothing_when_the_phone_is_charged_later(member, lecture, wall, hours):
    """In the evening, on the next one, after six days: the phone kept the sitting, which is sent
    while its token lives.
    """
    player = open_player(member, lecture)
    wall.passes(30)
    player.send(Bitmap.span(0, 30))
    wall.passes(20 * 60)
    # What the open session had accrued is there for what it had played.
    wall.passes(hours * HOUR)

    assert player.send(Bitmap.span(0, 20 * 60))["cut"] == 0
    assert held(member) == 20 * 60


def test_a_lecture_that_a_dead_battery_ended_is_complete_the_next_evening(member, lecture, wall):
    player = open_player(member, lecture)
    wall.passes(25 * 60)
    player.send(Bitmap.span(0, 25 * 60))
    wall.passes(24 * HOUR)

    # Half an hour without a signal accrues, at twice the speed at most; more never does.
    answer = player.send(Bitmap.span(0, HOUR))
    assert (answer["cut"], answer["completed"]) == (0, True)


def test_a_sitting_that_comes_after_its_token_has_ended_is_refused(member, lecture, wall):
    player = open_player(member, lecture)
    wall.passes(LIFETIME.total_seconds() + 1)
    player.send(Bitmap.span(0, 30), status=403)

    assert held(member) == 0


@pytest.mark.parametrize("days", [-1, 1])
def test_a_device_whose_clock_is_a_day_wrong_counts_like_any_other(member, lecture, wall, days):
    player = open_player(member, lecture)
    wall.passes(60)
    # Nothing that a device says about the time is read.
    answer = player.send(Bitmap.span(0, 60), saved=days * 86_400_000, at=days * 86_400)

    assert (answer["accepted"], answer["cut"]) == (60, 0)


def test_two_devices_in_turn_add_up(member, lecture, wall):
    phone = open_player(member, lecture)
    wall.passes(600)
    phone.send(Bitmap.span(0, 600))
    computer = open_player(member, lecture)
    assert computer.opened["position"] == 600
    wall.passes(600)
    computer.send(Bitmap.span(600, 1200))
    wall.passes(600)

    answer = phone.send(Bitmap.span(0, 600) | Bitmap.span(1200, 1800))
    assert bitmap_of(answer["union"]) == Bitmap.span(0, 1800)


@pytest.mark.parametrize("speed", [1.5, 2.0])
def test_faster_play_counts_whole(member, lecture, wall, speed):
    player = open_player(member, lecture)
    for beat in range(1, 41):
        wall.passes(30)
        assert player.send(Bitmap.span(0, int(beat * 30 * speed)))["cut"] == 0
    wall.passes(2)  # the pause at the end has its own beat
    player.send(Bitmap.span(0, int(1200 * speed)))

    assert held(member) == int(1200 * speed)


def test_scrubbing_back_and_watching_again_takes_nothing_away(member, lecture, wall):
    player = open_player(member, lecture)
    wall.passes(600)
    player.send(Bitmap.span(0, 600), position=600.0)
    wall.passes(300)  # the last five minutes once more
    again = player.send(Bitmap.span(0, 600), position=600.0)
    wall.passes(300)
    answer = player.send(Bitmap.span(0, 900))

    assert (again["accepted"], again["cut"]) == (0, 0)
    assert bitmap_of(answer["union"]) == Bitmap.span(0, 900)


def test_a_lecture_taken_down_in_the_middle_keeps_what_was_watched(member, lecture, wall):
    player = open_player(member, lecture)
    wall.passes(60)
    lecture.unpublish()

    assert player.send(Bitmap.span(0, 60))["accepted"] == 60
    open_player(member, lecture, status=403)


def test_a_server_clock_that_jumps_back_takes_nothing_away(member, lecture, wall):
    player = open_player(member, lecture)
    wall.passes(60)
    player.send(Bitmap.span(0, 60))
    wall.passes(-240)
    player.send(Bitmap.span(0, 60))
    wall.passes(240 + 60)

    assert bitmap_of(player.send(Bitmap.span(0, 120))["union"]) == Bitmap.span(0, 120)
