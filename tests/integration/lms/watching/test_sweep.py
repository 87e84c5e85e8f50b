"""Evidence that reached the criterion gets its completion, however it came to be without."""

import datetime as dt

import pytest

from audit.models import AuditEntry
from lms.watching.completions import completions_log, completions_missing
from lms.watching.evidence import Bitmap
from lms.watching.models import Completion
from lms.watching.play import play_session_void
from lms.watching.signals import lecture_completed
from lms.watching.tasks import sweep_completions
from lms.watching.tokens import LIFETIME
from tests.factories import CompletionFactory, LecturePageFactory, PlaySessionFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 5, 20, 8, 0, tzinfo=dt.UTC)


def session(seen, **kwargs):
    return PlaySessionFactory(
        seen=seen.to_bytes(),
        accepted=len(seen),
        **{"started_at": NOW, "last_beat_at": NOW + dt.timedelta(minutes=1), **kwargs},
    )


def test_the_union_of_sessions_is_completed(django_capture_on_commit_callbacks):
    told = []

    def receiver(sender, user_id, lecture_id, **kwargs):
        told.append((user_id, lecture_id))

    first = session(Bitmap.span(0, 30), started_at=NOW - dt.timedelta(days=3))
    last = session(Bitmap.span(30, 60), user=first.user, lecture=first.lecture)
    lecture_completed.connect(receiver)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            assert completions_missing(now=NOW) == 1
            assert completions_missing(now=NOW) == 0
    finally:
        lecture_completed.disconnect(receiver)

    completion = Completion.objects.get()
    assert (completion.user, completion.lecture) == (first.user, first.lecture)
    assert completion.completed_at == last.last_beat_at
    assert told == [(first.user_id, first.lecture_id)]


def test_what_is_not_complete_or_not_counted_or_was_heard_of_long_ago_is_left_alone():
    long_ago = NOW - dt.timedelta(days=3)
    session(Bitmap.span(0, 50))
    session(Bitmap.span(0, 60), voided_at=NOW)
    session(Bitmap.span(0, 60), started_at=long_ago, last_beat_at=long_ago)
    done = session(Bitmap.span(0, 60))
    CompletionFactory(user=done.user, lecture=done.lecture)

    assert completions_missing(now=NOW) == 0
    assert Completion.objects.count() == 1


def test_what_arrives_on_the_last_day_of_its_token_is_found():
    session(Bitmap.span(0, 60), started_at=NOW - LIFETIME, last_beat_at=NOW)

    assert completions_missing(now=NOW) == 1


def test_finding_candidates_takes_one_query(django_assert_num_queries):
    lecture = LecturePageFactory()
    for user in UserFactory.create_batch(5):
        session(Bitmap.span(0, 20), user=user, lecture=lecture)

    with django_assert_num_queries(1):
        completions_missing(now=NOW)


def test_the_task_sweeps():
    now = dt.datetime.now(dt.UTC)
    session(Bitmap.span(0, 60), started_at=now, last_beat_at=now)
    sweep_completions()

    assert Completion.objects.count() == 1


# -- the audit log ---------------------------------------------------------------------------------


def logged():
    return AuditEntry.objects.filter(action="completion.reach").order_by("position")


def test_a_completion_is_an_entry_of_the_log_once_with_ids_alone():
    completion = CompletionFactory()
    for _ in range(2):
        sweep_completions()

    entry = logged().get()
    assert (entry.target_type, entry.target_id) == ("organizations.User", str(completion.user_id))
    assert entry.detail == {
        "completion": completion.pk,
        "lecture": completion.lecture_id,
        "asset": str(completion.asset_id),
        "rule": 1,
        "seconds": 60,
        "at": completion.completed_at.isoformat(timespec="seconds"),
    }


def test_completions_are_logged_in_batches_and_a_sweep_ends_somewhere(monkeypatch):
    monkeypatch.setattr("lms.watching.completions.BATCH", 2)
    lecture = LecturePageFactory()
    made = [CompletionFactory(lecture=lecture, user=user) for user in UserFactory.create_batch(5)]
    assert completions_log(most=3) == 3
    assert completions_log() == 2
    assert completions_log() == 0
    assert [one.detail["completion"] for one in logged()] == [one.pk for one in made]


def test_a_completion_that_is_taken_back_is_told_by_the_entry_of_the_act():
    done = session(Bitmap.span(0, 60))
    completions_missing(now=NOW)
    completions_log()
    play_session_void(session=done)

    assert logged().count() == 1
    entry = AuditEntry.objects.get(action="play_session.void")
    assert entry.detail == {"user": done.user_id, "lectures": [done.lecture_id]}
