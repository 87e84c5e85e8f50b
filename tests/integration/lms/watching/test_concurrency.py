"""Beats of one person that arrive at the same moment, on different connections."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from lms.watching.beats import beat_record
from lms.watching.evidence import MEDIA_PER_WALL, SLACK, Bitmap
from lms.watching.models import Completion, PersonClock, PlaySession
from lms.watching.play import play_session_open
from lms.watching.signals import lecture_completed
from lms.watching.tokens import play_claims
from tests.factories import LecturePageFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(jobs):
    def run(job):
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_parallel_beats_spend_one_budget_and_complete_once(wall):
    user = UserFactory()
    lectures = [LecturePageFactory(asset__duration=40.0) for _ in range(2)]
    claims = [
        play_claims(play_session_open(user=user, lecture=lecture).token)
        for lecture in lectures
        for _ in range(3)
    ]
    wall.passes(25)
    everything = Bitmap.span(0, 40).to_bytes()

    heard = at_once(
        [
            lambda one=one: beat_record(claims=one, seq=1, position=40.0, seen=everything)
            for one in claims
        ]
    )

    accepted = sum(PlaySession.objects.values_list("accepted", flat=True))
    assert accepted == sum(one.accepted for one in heard) == 25 * MEDIA_PER_WALL + SLACK
    assert PersonClock.objects.get().budget == -SLACK / MEDIA_PER_WALL
    assert Completion.objects.count() == 1


def test_a_persons_first_sessions_opened_at_once_share_one_clock():
    user, lecture = UserFactory(), LecturePageFactory()
    at_once([lambda: play_session_open(user=user, lecture=lecture)] * 4)

    assert PlaySession.objects.count() == 4
    assert PersonClock.objects.count() == 1


def test_the_completing_beat_is_committed_and_told_once(wall):
    told = []

    def receiver(sender, user_id, lecture_id, **kwargs):
        told.append((user_id, Completion.objects.filter(user=user_id).count()))

    lecture_completed.connect(receiver)
    try:
        user = UserFactory()
        opened = play_session_open(user=user, lecture=LecturePageFactory(asset__duration=40.0))
        wall.passes(60)
        for seq in (1, 2):
            beat_record(
                claims=play_claims(opened.token),
                seq=seq,
                position=40.0,
                seen=Bitmap.span(0, 40).to_bytes(),
            )
    finally:
        lecture_completed.disconnect(receiver)

    assert told == [(user.pk, 1)]
