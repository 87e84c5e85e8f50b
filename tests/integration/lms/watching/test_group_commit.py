"""Beats that are committed together on PostgreSQL; SQLite takes in one after the other."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from django.utils import translation

from lms.watching import deciding, group_commit
from lms.watching.beats import beat_record
from lms.watching.errors import SessionGone
from lms.watching.evidence import Bitmap
from lms.watching.group_commit import group
from lms.watching.models import PersonClock, PlaySession
from lms.watching.play import play_session_open
from lms.watching.tokens import play_claims
from tests.factories import LecturePageFactory, UserFactory
from tests.services import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def postgres():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time.")


@pytest.fixture
def patient(postgres, monkeypatch):
    """A batch waits as long as a test takes."""
    monkeypatch.setattr(group_commit, "PATIENCE", "60s")


@pytest.fixture
def lecture():
    return LecturePageFactory(asset__duration=600.0)


def claims_of(lecture, user=None):
    return play_claims(play_session_open(user=user or UserFactory(), lecture=lecture).token)


def send(claims, *, seq=1, seconds=5):
    try:
        return beat_record(
            claims=claims,
            seq=seq,
            position=float(seconds),
            seen=Bitmap.span(0, seconds).to_bytes(),
        )
    finally:
        connection.close()


@contextmanager
def other_database_session():
    connection.ensure_connection()
    with psycopg.connect(connection.connection.info.dsn) as other:
        yield other


@contextmanager
def stuck(claims):
    """A batch is on its way and cannot write; yields what holds it up and its beat's future."""
    with other_database_session() as other, ThreadPoolExecutor(16) as pool:
        other.execute(
            "SELECT 1 FROM watching_playsession WHERE id = %s FOR UPDATE", [claims.session_id]
        )
        first = pool.submit(send, claims)
        wait_for(lambda: waits_for_a_lock(), seconds=20, what="A batch that waits")
        yield other, first, pool


def waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] > 0


def cut(other):
    """The server ends the connection of the batches."""
    pid = group.connection.connection.info.backend_pid
    other.execute("SELECT pg_terminate_backend(%s)", [pid])


def gathered(count):
    wait_for(lambda: len(group.waiting) == count, seconds=20, what=f"{count} waiting beats")


def test_beats_that_arrive_meanwhile_share_a_transaction(patient, lecture, wall):
    first, *others = [claims_of(lecture) for _ in range(7)]
    wall.passes(60)
    with stuck(first) as (other, heard, pool):
        later = [pool.submit(send, one) for one in others]
        gathered(6)
        other.rollback()
        assert heard.result().accepted == 5
        assert [one.result().accepted for one in later] == [5] * 6

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text), sum(accepted) FROM watching_playsession")
        assert cursor.fetchone() == (2, 35)
    assert set(PersonClock.objects.values_list("budget", flat=True)) == {60 - 2.5}


def test_two_beats_of_one_person_are_never_in_one_batch(patient, lecture, wall):
    first, claims = claims_of(lecture), claims_of(lecture)
    wall.passes(60)
    with stuck(first) as (other, _, pool):
        one = pool.submit(send, claims, seq=1, seconds=5)
        gathered(1)
        two = pool.submit(send, claims, seq=2, seconds=9)
        gathered(2)
        other.rollback()
        assert (one.result().accepted, two.result().accepted) == (5, 4)

    assert PlaySession.objects.get(pk=claims.session_id).last_seq == 2


def test_whoever_is_locked_elsewhere_holds_nobody_up(postgres, lecture, wall):
    locked, free = claims_of(lecture), claims_of(lecture)
    wall.passes(60)
    with other_database_session() as other, ThreadPoolExecutor(2) as pool:
        other.execute(
            "SELECT 1 FROM watching_personclock WHERE user_id = %s FOR UPDATE", [locked.user_id]
        )
        waiting = pool.submit(send, locked)
        wait_for(waits_for_a_lock, seconds=20, what="The beat of who is locked")
        assert pool.submit(send, free).result(20).accepted == 5
        assert not waiting.done()
        other.rollback()
        assert waiting.result().accepted == 5


def test_a_row_that_somebody_holds_keeps_nobody_else_waiting(postgres, lecture, wall):
    held, free = claims_of(lecture), claims_of(lecture)
    wall.passes(60)
    with stuck(held) as (other, heard, pool):
        assert pool.submit(send, free).result(20).accepted == 5
        assert not heard.done()
        other.rollback()
        assert heard.result(20).accepted == 5


def test_a_fault_of_one_beat_is_nobody_elses(patient, lecture, wall, monkeypatch):
    first, faulty, good = (claims_of(lecture) for _ in range(3))
    wall.passes(60)

    def decided(beat, *rest):
        if beat.claims == faulty:
            raise ArithmeticError
        return deciding.decided(beat, *rest)

    monkeypatch.setattr(group_commit, "decided", decided)
    with stuck(first) as (other, _, pool):
        later = [pool.submit(send, one) for one in (faulty, good)]
        gathered(2)
        other.rollback()
        assert [one.result().accepted for one in later] == [5, 5]


def test_a_refusal_is_worded_for_whoever_reads_it(lecture):
    claims = claims_of(lecture)
    PlaySession.objects.all().delete()
    with translation.override("en"), pytest.raises(SessionGone) as refused:
        send(claims)
    with translation.override("zh-hans"):
        assert str(refused.value) == "这次观看记录已作废，请刷新页面后重新观看。"


def test_a_voided_viewing_is_refused_alone(patient, lecture, wall):
    first, gone, good = (claims_of(lecture) for _ in range(3))
    wall.passes(60)
    PlaySession.objects.filter(pk=gone.session_id).update(voided_at=wall.now)
    with stuck(first) as (other, _, pool):
        refused, heard = pool.submit(send, gone), pool.submit(send, good)
        gathered(2)
        other.rollback()
        assert heard.result().accepted == 5
        with pytest.raises(SessionGone):
            refused.result()

    assert PersonClock.objects.get(pk=gone.user_id).budget == 0


def test_a_batch_that_the_database_throws_away_is_taken_in_one_by_one(patient, lecture, wall):
    first, *others = [claims_of(lecture) for _ in range(4)]
    wall.passes(60)
    with stuck(first) as (other, heard, pool):
        later = [pool.submit(send, one) for one in others]
        gathered(3)
        cut(other)
        other.rollback()
        assert [one.result().accepted for one in (heard, *later)] == [5] * 4


def test_a_connection_that_broke_since_the_last_beat_is_made_anew(lecture, wall):
    claims = claims_of(lecture)
    wall.passes(10)
    send(claims)
    if connection.vendor == "postgresql":
        with other_database_session() as other:
            cut(other)
    assert send(claims, seq=2, seconds=9).accepted == 4


def test_a_beat_that_is_refused_leaves_no_transaction_open(lecture):
    claims = claims_of(lecture)
    PlaySession.objects.all().delete()
    with pytest.raises(SessionGone):
        send(claims)
    if connection.vendor == "postgresql":
        status = group.connection.connection.info.transaction_status
        assert status == psycopg.pq.TransactionStatus.IDLE
    assert PersonClock.objects.get().budget == 0


def test_many_beats_of_many_threads_are_all_heard(lecture, wall):
    everybody = [claims_of(lecture) for _ in range(8)]
    wall.passes(300)
    start = threading.Barrier(8)

    def watch(claims):
        start.wait()
        return sum(send(claims, seq=n, seconds=n).accepted for n in range(1, 13))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(watch, everybody)) == [12] * 8
    assert set(PlaySession.objects.values_list("accepted", "beats")) == {(12, 12)}
    assert not group.busy
