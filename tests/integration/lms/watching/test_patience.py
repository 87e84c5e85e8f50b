"""What a program earns that has patience, over HTTP, and what a person is shown of it."""

import random

import pytest
from django.test import Client

from lms.watching.beats import beat_record
from lms.watching.checks import checks_find
from lms.watching.evidence import MEDIA_PER_WALL, SLACK, Bitmap
from lms.watching.models import Completion, PlaySession, ViewingCheck
from lms.watching.tokens import PlayClaims
from tests.factories import LecturePageFactory, UserFactory, VideoAssetFactory
from tests.integration.lms.watching.conftest import (
    LENGTH,
    accepted_by,
    open_player,
)

pytestmark = pytest.mark.django_db
EVERYTHING = Bitmap.span(0, LENGTH)


def forged(player, wall, *, beats, every, speed=1.0):
    """A program that claims at an even pace, as much as the clock allows."""
    for beat in range(1, beats + 1):
        wall.passes(every)
        answer = player.send(Bitmap.span(0, int(beat * every * speed)))
    return answer


def whats(user):
    checks_find()
    return sorted(ViewingCheck.objects.filter(user=user).values_list("what", flat=True))


@pytest.fixture
def long_lecture(db):
    return LecturePageFactory(asset__duration=3600.0)


def test_forged_beats_of_plausible_pacing_earn_what_the_clock_allows_and_stand_out(
    member, long_lecture, wall
):
    """No pause, no jump, no end, one message every half minute to the tenth of a second."""
    forged(open_player(member, long_lecture), wall, beats=30, every=30)

    assert accepted_by(member) == 900
    assert whats(member) == ["cadence"]


def test_forged_beats_with_chance_in_them_cannot_be_told_from_watching(member, long_lecture, wall):
    """What docs/security.md says openly: it has to wait as long as the lecture lasts."""
    player, chance, at = open_player(member, long_lecture), random.Random(1), 0.0
    for _ in range(60):
        step = chance.uniform(10, 40)
        wall.passes(step)
        at += step
        player.send(Bitmap.span(0, int(at)))

    assert accepted_by(member) <= at + SLACK
    assert whats(member) == []


def test_a_faster_speed_than_the_player_has_is_cut_and_stands_out(member, long_lecture, wall):
    answer = forged(open_player(member, long_lecture), wall, beats=10, every=30, speed=8)

    assert accepted_by(member) <= 300 * MEDIA_PER_WALL + SLACK
    assert answer["cut"] >= 1700
    assert whats(member) == ["cut"]


def test_parallel_videos_earn_one_budget_and_stand_out(member, long_lecture, wall):
    other = LecturePageFactory(asset__duration=3600.0)
    players = [open_player(member, long_lecture), open_player(member, other)]
    for beat in range(1, 25):
        wall.passes(30 + beat % 3)
        for player in players:
            player.send(Bitmap.span(0, beat * 30))

    assert accepted_by(member) <= 24 * 33 * MEDIA_PER_WALL + SLACK
    assert whats(member) == ["side_by_side"]


def test_one_account_on_two_devices_at_once_stands_out_as_apart(member, long_lecture, wall):
    players = [
        open_player(member, lecture, device=device)
        for lecture, device in (
            (long_lecture, "phone"),
            (LecturePageFactory(asset__duration=3600.0), "computer"),
        )
    ]
    for beat in range(1, 25):
        wall.passes(30 + beat % 3)
        for player in players:
            player.send(Bitmap.span(0, beat * 30))

    assert whats(member) == ["side_by_side"]
    assert ViewingCheck.objects.get().facts["apart"] == 1
    devices = set(PlaySession.objects.values_list("device", flat=True))
    assert len(devices) == 2
    assert devices.isdisjoint({"phone", "computer", ""})


def test_a_recorded_session_played_again_earns_nothing(member, lecture, wall):
    recorded = []
    player = open_player(member, lecture)
    for beat in range(1, 5):
        wall.passes(30)
        recorded.append(Bitmap.span(0, beat * 30))
        player.send(recorded[-1])
    before = accepted_by(member)
    again = open_player(member, lecture)
    for claim in recorded:
        wall.passes(30)
        again.send(claim)

    assert accepted_by(member) == before == 120


def test_a_session_recorded_from_somebody_else_is_theirs_alone(member, lecture, wall):
    other = UserFactory()
    theirs = open_player(other, lecture)
    wall.passes(60)
    # Sent by the member's browser, with the member's cookies.
    Client().force_login(member)
    theirs.send(Bitmap.span(0, 60))

    assert (accepted_by(member), accepted_by(other)) == (0, 60)


def test_a_hidden_tab_that_sends_nothing_earns_no_more_than_half_an_hour(member, lecture, wall):
    """And that only by what it then claims to have played."""
    player = open_player(member, LecturePageFactory(asset__duration=6 * 3600.0))
    wall.passes(6 * 3600)
    answer = player.send(Bitmap.span(0, 6 * 3600))

    assert answer["accepted"] <= 1800 * MEDIA_PER_WALL + SLACK
    assert whats(member) == ["cut"]


def test_a_headless_player_at_sixteen_times_the_speed_earns_twice_the_time(
    member, long_lecture, wall
):
    player = open_player(member, long_lecture)
    for beat in range(1, 16):
        wall.passes(15)
        player.send(Bitmap.span(0, beat * 15 * 16))

    assert accepted_by(member) <= 15 * 15 * MEDIA_PER_WALL + SLACK
    assert not Completion.objects.exists()
    assert whats(member) == ["cut"]


def test_a_stale_session_earns_nothing_of_the_new_version(member, lecture, wall):
    stale = open_player(member, lecture)
    lecture.asset = VideoAssetFactory(ready=True, duration=float(LENGTH))
    lecture.save()
    wall.passes(LENGTH)
    # What was watched of the old version counts as that, and brings its completion.
    assert stale.send(EVERYTHING)["completed"]

    fresh = open_player(member, lecture)
    assert fresh.opened["seen"] == ""
    assert {one.asset_id for one in Completion.objects.all()} != {lecture.asset_id}


def test_a_lecture_taken_down_opens_for_nobody(member, lecture):
    lecture.unpublish()

    open_player(member, lecture, status=403)
    assert not PlaySession.objects.exists()


@pytest.mark.parametrize("jump", [3600, 86400, 86400 * 400])
def test_a_server_clock_that_jumps_ahead_gives_half_an_hour_at_most(
    member, long_lecture, wall, jump
):
    player = open_player(member, long_lecture)
    wall.passes(10)
    player.send(Bitmap.span(0, 10))
    session = PlaySession.objects.get()
    claims = PlayClaims(session.pk, member.pk, session.lecture_id, session.asset_id, 3600)
    wall.passes(jump)
    beat_record(claims=claims, seq=9, position=0.0, seen=Bitmap.span(0, 3600).to_bytes())

    assert accepted_by(member) <= 1810 * MEDIA_PER_WALL + SLACK


def test_a_server_clock_that_jumps_back_mints_nothing(member, long_lecture, wall):
    player = open_player(member, long_lecture)
    for _ in range(5):
        wall.passes(60)
        player.send(Bitmap.span(0, 3600))
        wall.passes(-60)

    assert accepted_by(member) <= 60 * MEDIA_PER_WALL + SLACK


def test_twenty_hours_in_a_day_stand_out(member, wall):
    wall.now = wall.now.replace(hour=17, minute=0)  # one o'clock at night in Shanghai
    for _ in range(5):
        player = open_player(member, LecturePageFactory(asset__duration=4 * 3600.0))
        for beat in range(1, 11):
            wall.passes(1400 + beat % 3)
            player.send(Bitmap.span(0, beat * 1400))

    assert whats(member) == ["long_day"]
