"""What people try in order to have watched without watching, over HTTP. None of it works."""

import json

import pytest
from django.test import Client

from lms.watching.evidence import MEDIA_PER_WALL, SLACK, Bitmap
from lms.watching.models import Completion, PlaySession
from tests.factories import LecturePageFactory, UserFactory
from tests.integration.lms.watching.conftest import (
    LENGTH,
    accepted_by,
    bitmap_of,
    open_player,
)

pytestmark = pytest.mark.django_db
EVERYTHING = Bitmap.span(0, LENGTH)


def test_a_full_claim_in_the_first_second_after_a_day_idle_earns_only_the_slack(
    member, lecture, wall
):
    player = open_player(member, lecture)
    player.send(Bitmap.span(0, 3))
    wall.passes(86400)

    answer = open_player(member, lecture).send(EVERYTHING)

    assert answer["accepted"] <= SLACK
    assert answer["cut"] >= LENGTH - 3 - SLACK
    assert not answer["completed"]
    assert not Completion.objects.exists()


def test_a_first_ever_full_claim_earns_the_slack_and_is_reported_cut(member, lecture):
    answer = open_player(member, lecture).send(EVERYTHING)

    assert (answer["accepted"], answer["cut"]) == (SLACK, LENGTH - SLACK)
    assert not answer["completed"]


def test_forged_coverage_in_many_beats_earns_the_slack_once(member, lecture):
    player = open_player(member, lecture)
    for start in range(0, LENGTH, 4):
        player.send(Bitmap.span(0, start + 4))

    assert accepted_by(member) == SLACK


def test_the_slack_is_not_minted_again_by_new_sessions(member, lecture):
    for _ in range(5):
        open_player(member, lecture).send(EVERYTHING)

    assert accepted_by(member) == SLACK


def test_replayed_beats_add_nothing(member, lecture, wall):
    player = open_player(member, lecture)
    wall.passes(30)
    first = player.send(Bitmap.span(0, 30))
    again = [player.send(Bitmap.span(0, 30), seq=1) for _ in range(3)]

    assert first["accepted"] == 30
    assert [answer["accepted"] for answer in again] == [0, 0, 0]
    assert again[-1]["union"] == first["union"]


def test_two_videos_at_once_share_one_budget(member, lecture, wall):
    players = [open_player(member, lecture), open_player(member, LecturePageFactory())]
    wall.passes(20)
    for player in players:
        player.send(Bitmap.span(0, 40))

    assert accepted_by(member) <= 20 * MEDIA_PER_WALL + SLACK + 1


def test_the_same_video_in_two_tabs_counts_once(member, lecture, wall):
    one, other = open_player(member, lecture), open_player(member, lecture)
    wall.passes(60)
    one.send(Bitmap.span(0, 40))
    answer = other.send(Bitmap.span(20, 60))

    assert answer["accepted"] == 20
    assert bitmap_of(answer["union"]) == Bitmap.span(0, 60)


def test_half_watched_twice_stays_a_half(member, lecture, wall):
    for _ in range(2):
        player = open_player(member, lecture)
        wall.passes(120)
        answer = player.send(Bitmap.span(0, 60))

    assert not answer["completed"]
    assert answer["coverage"] == pytest.approx(60 / 114, abs=0.001)
    assert answer["missing"] == [[60, LENGTH]]


def test_dragging_to_the_end_does_not_complete(member, lecture, wall):
    player = open_player(member, lecture)
    wall.passes(600)
    answer = player.send(Bitmap.span(LENGTH - 5, LENGTH), position=LENGTH)

    assert not answer["completed"]
    assert not Completion.objects.exists()


def test_a_duration_percentage_or_time_from_the_client_is_not_read(member, lecture, wall):
    player = open_player(member, lecture)
    wall.passes(10)
    answer = player.send(
        Bitmap.span(0, 10),
        duration=10,
        seconds=10,
        percent=100,
        completed=True,
        now="2030-01-01T00:00:00Z",
        lecture=1,
        user=1,
    )

    assert answer["seconds"] == LENGTH
    assert not answer["completed"]


def test_seconds_beyond_the_end_are_not_counted(member, lecture, wall):
    player = open_player(member, lecture)
    wall.passes(600)

    assert player.send(Bitmap.span(LENGTH, LENGTH + 500))["accepted"] == 0


def test_someone_elses_play_session_cannot_be_claimed(member, lecture, wall):
    thief, victim = open_player(UserFactory(), lecture), open_player(member, lecture)
    wall.passes(600)
    # The token is signed as a whole; naming another session beside it changes nothing.
    thief.send(EVERYTHING, session=victim.opened["session"])

    assert accepted_by(member) == 0


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: "",
        lambda token: None,
        lambda token: 7,
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: "x" + token,
        lambda token: token.split(":")[0],
        lambda token: "{}:" + token.split(":")[1],
    ],
)
def test_a_forged_token_is_refused(member, lecture, forge, wall):
    player = open_player(member, lecture)
    wall.passes(60)
    answer = player.send(EVERYTHING, status=403, token=forge(player.opened["token"]))

    assert "。" in answer["message"] or "." in answer["message"]
    assert accepted_by(member) == 0


def test_a_token_of_another_server_is_refused(member, lecture, settings):
    player = open_player(member, lecture)
    settings.SECRET_KEY = "another server's secret, long enough to be one"

    player.send(EVERYTHING, status=403)


def test_a_token_signed_for_another_purpose_is_refused(member, lecture):
    from django.core import signing

    player = open_player(member, lecture)
    claims = signing.Signer(salt="lms.watching.play").unsign_object(player.opened["token"])

    player.send(EVERYTHING, status=403, token=signing.dumps(claims, salt="another"))


def test_a_voided_session_is_told_so(member, lecture, wall):
    from lms.watching.play import play_session_void

    player = open_player(member, lecture)
    wall.passes(60)
    play_session_void(session=PlaySession.objects.get())

    assert player.send(Bitmap.span(0, 10), status=409)["message"]
    assert accepted_by(member) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"seq": "1"},
        {"seq": -1},
        {"seq": 1.5},
        {"seq": True},
        {"seq": 2**31},
        {"position": "3"},
        {"position": -1},
        {"position": None},
        {"position": 1e300},
        {"seen": "not base64!"},
        {"seen": "AAA"},
        {"seen": None},
        {"seen": [1, 2]},
    ],
)
def test_a_malformed_beat_is_answered_with_a_sentence_and_leaves_nothing(
    member, lecture, changes, wall
):
    player = open_player(member, lecture)
    wall.passes(60)
    before = PlaySession.objects.values().get()

    assert player.send(EVERYTHING, status=400, **changes)["message"]
    assert PlaySession.objects.values().get() == before


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"position": NaN}', b"[" * 50_000]
)
def test_a_body_that_is_not_a_beat_is_refused(client, body):
    response = client.post("/watch/beat/", body, content_type="application/json")

    assert response.status_code == 400
    assert response.json()["message"]


def test_not_a_number_and_infinity_are_no_positions(member, lecture):
    player = open_player(member, lecture)
    for value in ("NaN", "Infinity", "-Infinity", "1" + "0" * 400):
        body = json.dumps({"token": player.opened["token"], "seq": 1, "seen": ""})
        response = Client().post(
            "/watch/beat/", body[:-1] + f', "position": {value}}}', content_type="text/plain"
        )
        assert response.status_code == 400


def test_a_body_over_64_kb_is_refused_unread(member, lecture):
    player = open_player(member, lecture)

    assert player.send(Bitmap.span(0, 600_000), status=413)["message"]
    assert accepted_by(member) == 0


def test_only_post_opens_and_beats(client):
    assert client.get("/watch/open/").status_code == 405
    assert client.get("/watch/beat/").status_code == 405
