"""Opening play sessions, taking beats, completing, voiding: the ordinary life of evidence."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client

from audit.models import AuditEntry
from lms.watching.beats import beat_record
from lms.watching.errors import NotPlayable, SessionGone, TokenRefused
from lms.watching.evidence import Bitmap
from lms.watching.models import Completion, PlaySession
from lms.watching.play import play_session_open, play_session_void
from lms.watching.signals import completion_withdrawn, lecture_completed
from lms.watching.tokens import play_claims
from tests.factories import LecturePageFactory, UserFactory, VideoAssetFactory
from tests.integration.lms.watching.conftest import (
    LENGTH,
    open_player,
    unprepared,
)

pytestmark = pytest.mark.django_db
TRIPS = 2 if connection.vendor == "postgresql" else 6
START = dt.datetime(2026, 5, 20, 8, 0, tzinfo=dt.UTC)


def at(seconds):
    return START + dt.timedelta(seconds=seconds)


def opened_claims(user, lecture, seconds=0):
    opened = play_session_open(user=user, lecture=lecture, now=at(seconds))
    return play_claims(opened.token, now=at(seconds))


def beat(claims, seconds, seen, seq=1, position=0.0):
    return beat_record(
        claims=claims, seq=seq, position=position, seen=seen.to_bytes(), now=at(seconds)
    )


@pytest.fixture
def heard():
    """What the signal told, as (user, lecture)."""
    told = []

    def receiver(sender, user_id, lecture_id, **kwargs):
        told.append((user_id, lecture_id))

    lecture_completed.connect(receiver)
    yield told
    lecture_completed.disconnect(receiver)


# -- opening


def test_opening_says_what_the_player_needs(member, lecture):
    answer = open_player(member, lecture).opened

    assert answer["duration"] == LENGTH
    assert answer["seconds"] == LENGTH
    assert (answer["seen"], answer["position"], answer["completed"]) == ("", 0, False)
    assert answer["missing"] == [[0, LENGTH]]
    assert answer["beat_url"] == "/watch/beat/"
    assert str(lecture.pk) in answer["playback_url"]


def test_opening_asks_to_sign_in(client, lecture):
    response = client.post("/watch/open/", {"lecture": lecture.pk}, "application/json")

    assert response.status_code == 401
    assert response.json()["message"]


def test_opening_needs_the_csrf_token(member, lecture):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)

    response = client.post("/watch/open/", {"lecture": lecture.pk}, "application/json")
    assert response.status_code == 403
    assert not PlaySession.objects.exists()


def test_an_unpublished_lecture_is_not_opened(member):
    open_player(member, LecturePageFactory(draft=True), status=403)

    assert not PlaySession.objects.exists()


def test_a_lecture_without_a_finished_recording_is_not_opened(member, lecture):
    lecture = unprepared(lecture)

    assert open_player(member, lecture, status=409).opened["message"]
    with pytest.raises(NotPlayable):
        play_session_open(user=member, lecture=lecture)


def test_a_lecture_that_does_not_exist_is_not_opened(member, lecture):
    lecture.pk = 987654

    assert open_player(member, lecture, status=404).opened["message"]


def test_a_closed_account_opens_nothing_but_its_open_session_goes_on(member, lecture):
    claims = opened_claims(member, lecture)
    member.is_active = False
    member.save()
    lecture.unpublish()

    assert beat(claims, 30, Bitmap.span(0, 30)).accepted == 30
    with pytest.raises(PermissionDenied):
        play_session_open(user=member, lecture=lecture, now=at(40))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"lecture": "x"}', b'{"lecture": true}'])
def test_a_malformed_opening_is_refused(client, member, body):
    client.force_login(member)

    response = client.post("/watch/open/", body, "application/json")
    assert response.status_code == 400


# -- beats


def test_a_beat_answers_with_where_things_stand(member, lecture, wall):
    player = open_player(member, lecture)
    wall.passes(30)
    answer = player.send(Bitmap.span(0, 30))

    assert (answer["accepted"], answer["cut"], answer["seq"]) == (30, 0, 1)
    assert answer["missing"] == [[30, LENGTH]]
    assert answer["completed_at"] is None


def test_beats_merge_in_any_order_and_the_highest_seq_has_the_position(member, lecture):
    claims = opened_claims(member, lecture)
    beat(claims, 60, Bitmap.span(0, 60), seq=2, position=60)
    heard = beat(claims, 61, Bitmap.span(0, 30), seq=1, position=30)

    session = PlaySession.objects.get()
    assert heard.seq == 2
    assert (session.last_seq, session.position) == (2, 60)
    assert bytes(session.seen) == Bitmap.span(0, 60).to_bytes()
    assert session.accepted == 60


def test_ten_minutes_offline_lose_nothing(member):
    lecture = LecturePageFactory(asset__duration=1800.0)
    claims = opened_claims(member, lecture)
    beat(claims, 30, Bitmap.span(0, 60))

    assert beat(claims, 630, Bitmap.span(0, 1260), seq=2).cut == 0


def test_the_row_keeps_the_times_and_the_most_that_was_cut(member, lecture):
    claims = opened_claims(member, lecture)
    beat(claims, 1, Bitmap.span(0, 100), seq=1)
    beat(claims, 40, Bitmap.span(0, 100), seq=2)

    session = PlaySession.objects.get()
    assert (session.started_at, session.last_beat_at) == (at(0), at(40))
    assert (session.accepted, session.cut) == (83, 95)


def test_a_position_beyond_the_end_is_the_end(member, lecture):
    beat(opened_claims(member, lecture), 5, Bitmap(), position=9999.0)

    assert PlaySession.objects.get().position == LENGTH


def test_evidence_of_two_sessions_is_disjoint_and_united(member, lecture):
    first = opened_claims(member, lecture)
    beat(first, 60, Bitmap.span(0, 60))
    second = opened_claims(member, lecture, 70)
    heard = beat(second, 120, Bitmap.span(30, 90))

    assert heard.watched.seen == Bitmap.span(0, 90)
    seen = [Bitmap.from_bytes(bytes(one.seen)) for one in PlaySession.objects.all()]
    assert len(seen[0] & seen[1]) == 0


def verbs_of(queries):
    statements = ";".join(query["sql"] for query in queries.captured_queries).split(";")
    verbs = [statement.split()[0] for statement in statements if statement.strip()]
    return [verb for verb in verbs if verb not in ("SAVEPOINT", "RELEASE")]


def test_a_beat_is_two_updates_and_two_reads_in_one_transaction(
    member, lecture, django_assert_max_num_queries
):
    claims = opened_claims(member, lecture)
    beat(claims, 10, Bitmap.span(0, 10))
    # SQLite is no other machine; there SAVEPOINT and RELEASE are the test's own.
    with django_assert_max_num_queries(TRIPS) as queries:
        beat(claims, 20, Bitmap.span(0, 20), seq=2)

    assert verbs_of(queries) == ["SELECT", "SELECT", "UPDATE", "UPDATE"]


def test_the_completing_beat_adds_one_insert(member, lecture, django_assert_max_num_queries):
    claims = opened_claims(member, lecture)
    # PostgreSQL has asked in one trip before it turned out to be the one that completes.
    with django_assert_max_num_queries(8) as queries:
        beat(claims, 60, Bitmap.span(0, 120))

    verbs = verbs_of(queries)
    assert verbs.count("INSERT") == 1
    assert verbs.count("UPDATE") == 2


def test_a_beat_over_http_asks_for_neither_session_nor_user(
    member, lecture, django_assert_max_num_queries
):
    player = open_player(member, lecture)
    # The signed-in browser sends its cookies along; nobody looks at them.
    body = {"token": player.opened["token"], "seq": 1, "position": 0, "seen": ""}
    with django_assert_max_num_queries(TRIPS) as queries:
        response = player.client.post("/watch/beat/", body, "application/json")

    assert response.status_code == 200
    assert not response.cookies
    asked = " ".join(query["sql"] for query in queries.captured_queries)
    assert "django_session" not in asked
    assert "organizations_user" not in asked


def test_rows_grow_per_session_not_per_beat(member, lecture):
    claims = opened_claims(member, lecture)
    for step in range(1, 20):
        beat(claims, step * 5, Bitmap.span(0, step * 5), seq=step)

    assert PlaySession.objects.count() == 1


def test_a_token_lives_seven_days(member, lecture):
    token = play_session_open(user=member, lecture=lecture, now=START).token
    week = dt.timedelta(days=7)
    assert play_claims(token, now=START + week).user_id == member.pk
    with pytest.raises(TokenRefused):
        play_claims(token, now=START + week + dt.timedelta(seconds=1))


def test_a_deleted_persons_beat_is_told_that_it_does_not_count(member, lecture):
    claims = opened_claims(member, lecture)
    PlaySession.objects.all().delete()
    with pytest.raises(SessionGone):
        beat(claims, 10, Bitmap.span(0, 10))


# -- resuming


def test_one_resumes_on_another_device_where_one_stopped(member, lecture):
    beat(opened_claims(member, lecture), 45, Bitmap.span(0, 45), position=44.5)

    assert play_session_open(user=member, lecture=lecture, now=at(7200)).position == 44.5


def test_a_session_that_was_only_opened_does_not_forget_the_position(member, lecture):
    beat(opened_claims(member, lecture), 45, Bitmap.span(0, 45), position=44.5)
    opened_claims(member, lecture, 100)

    assert play_session_open(user=member, lecture=lecture, now=at(7200)).position == 44.5


def test_a_completed_lecture_starts_again(member, lecture):
    beat(opened_claims(member, lecture), 120, Bitmap.span(0, LENGTH), position=LENGTH)

    assert play_session_open(user=member, lecture=lecture, now=at(200)).position == 0


def test_somebody_who_jumped_to_the_end_resumes_at_what_is_missing(member, lecture):
    beat(opened_claims(member, lecture), 60, Bitmap.span(0, 30), position=LENGTH)

    assert play_session_open(user=member, lecture=lecture, now=at(200)).position == 30


# -- completing


def test_completion_is_written_once_with_its_rule(
    member, lecture, heard, django_capture_on_commit_callbacks
):
    claims = opened_claims(member, lecture)
    with django_capture_on_commit_callbacks(execute=True):
        beat(claims, 60, Bitmap.span(0, 103))
        assert beat(claims, 61, Bitmap.span(0, 103), seq=2).watched.completed_at == at(60)
        beat(claims, 120, Bitmap.span(0, LENGTH), seq=3)

    completion = Completion.objects.get()
    assert completion.completed_at == at(60)
    assert (completion.rule_version, completion.covered) == (1, 103)
    assert heard == [(member.pk, lecture.pk)]


def test_the_signal_waits_for_the_commit(
    member, lecture, heard, django_capture_on_commit_callbacks
):
    claims = opened_claims(member, lecture)
    with django_capture_on_commit_callbacks():
        beat(claims, 60, Bitmap.span(0, LENGTH))

        assert heard == []


def test_a_failing_receiver_does_not_fail_the_beat(
    member, lecture, django_capture_on_commit_callbacks
):
    def broken(sender, **kwargs):
        raise RuntimeError("a room of its own trouble")

    lecture_completed.connect(broken)
    try:
        claims = opened_claims(member, lecture)
        with django_capture_on_commit_callbacks(execute=True):
            answer = beat(claims, 60, Bitmap.span(0, LENGTH))
    finally:
        lecture_completed.disconnect(broken)

    assert answer.watched.completed_at == at(60)


def test_sessions_of_different_days_complete_together(member, lecture):
    beat(opened_claims(member, lecture), 60, Bitmap.span(0, 60))
    later = opened_claims(member, lecture, 86400)
    answer = beat(later, 86400 + 60, Bitmap.span(60, 110))

    assert answer.watched.completed_at == at(86400 + 60)


def test_a_second_lecture_with_the_same_recording_completes_with_its_first_beat(member, lecture):
    beat(opened_claims(member, lecture), 60, Bitmap.span(0, LENGTH))
    twin = LecturePageFactory(asset=lecture.asset)
    beat(opened_claims(member, twin, 100), 101, Bitmap())

    assert set(Completion.objects.values_list("lecture_id", flat=True)) == {lecture.pk, twin.pk}


def test_a_new_recording_starts_with_no_evidence(member, lecture):
    beat(opened_claims(member, lecture), 60, Bitmap.span(0, LENGTH))
    lecture.asset = VideoAssetFactory(ready=True, duration=float(LENGTH))
    lecture.save()

    opened = play_session_open(user=member, lecture=lecture, now=at(200))
    assert opened.watched.seen == Bitmap()


# -- voiding


def test_voiding_takes_the_completion_back_and_is_logged(member, lecture):
    claims = opened_claims(member, lecture)
    beat(claims, 60, Bitmap.span(0, LENGTH))
    told = []

    def receiver(sender, user_id, lecture_id, **kwargs):
        told.append((user_id, lecture_id))

    completion_withdrawn.connect(receiver)
    try:
        play_session_void(session=PlaySession.objects.get(), now=at(100))
        play_session_void(session=PlaySession.objects.get(), now=at(200))
    finally:
        completion_withdrawn.disconnect(receiver)

    assert PlaySession.objects.get().voided_at == at(100)
    assert not Completion.objects.exists()
    assert told == [(member.pk, lecture.pk)]
    assert AuditEntry.objects.filter(action="play_session.void").count() == 1


def test_voiding_one_session_keeps_a_completion_that_the_others_carry(member, lecture):
    beat(opened_claims(member, lecture), 60, Bitmap.span(0, 110))
    beat(opened_claims(member, lecture, 100), 160, Bitmap.span(110, LENGTH))
    play_session_void(session=PlaySession.objects.get(accepted=10))

    assert Completion.objects.exists()


def test_no_copy_of_voided_seconds_survives_in_another_session(member, lecture):
    beat(opened_claims(member, lecture), 60, Bitmap.span(0, LENGTH))
    beat(opened_claims(member, lecture, 100), 101, Bitmap.span(0, LENGTH))
    play_session_void(session=PlaySession.objects.get(accepted=LENGTH))

    opened = play_session_open(user=member, lecture=lecture, now=at(200))
    assert opened.watched.seen == Bitmap()


def test_two_people_do_not_share_a_budget(lecture):
    for user in UserFactory.create_batch(2):
        assert beat(opened_claims(user, lecture), 30, Bitmap.span(0, 60)).accepted == 60
