"""Enrolling, withdrawing, and how a class comes to be completed."""

import datetime as dt

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from lms.classes.enrolments import (
    enrolment_create,
    enrolment_withdraw,
    enrolments_sweep,
)
from lms.classes.models import ClassItem, Enrolment
from lms.classes.tasks import sweep_enrolments
from lms.watching.beats import beat_record
from lms.watching.evidence import Bitmap
from lms.watching.models import Completion, PlaySession
from lms.watching.play import play_session_open, play_session_void
from lms.watching.tokens import play_claims
from tests.factories import (
    ClassItemFactory,
    CompletionFactory,
    EnrolmentFactory,
    LecturePageFactory,
    TrainingClassFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
START = timezone.now()


def watch(user, lecture, start=START):
    """Watch the minute of a lecture at normal speed."""
    opened = play_session_open(user=user, lecture=lecture, now=start)
    end = start + dt.timedelta(seconds=60)
    beat_record(
        claims=play_claims(opened.token, now=start),
        seq=1,
        position=60.0,
        seen=Bitmap.span(0, 60).to_bytes(),
        now=end,
    )
    return end


def learn(user, lectures):
    """Completions without the signals that beats send."""
    for number, lecture in enumerate(lectures):
        CompletionFactory(
            user=user, lecture=lecture, completed_at=START + dt.timedelta(days=number)
        )


def test_enrolling_keeps_the_home_branch_of_the_time(units, training_class):
    user = UserFactory(home=units.branch)
    enrolment = enrolment_create(training_class=training_class, user=user)
    user.memberships.update(organization=units.other_branch)

    enrolment.refresh_from_db()
    assert enrolment.organization == units.branch


def test_enrolling_twice_is_one_enrolment_and_one_entry(units, training_class):
    user = UserFactory(home=units.branch)
    for _ in range(2):
        enrolment_create(training_class=training_class, user=user)

    assert Enrolment.objects.count() == 1
    assert AuditEntry.objects.filter(action="enrolment.create").count() == 1


def test_somebody_withdrawn_can_come_back_with_the_history(units, training_class):
    user = UserFactory(home=units.branch)
    enrolment = enrolment_create(training_class=training_class, user=user)
    enrolment_withdraw(enrolment=enrolment)
    enrolment_withdraw(enrolment=enrolment)
    assert not Enrolment.objects.open().exists()

    again = enrolment_create(training_class=training_class, user=user)
    enrolment.refresh_from_db()
    assert again.pk != enrolment.pk
    assert enrolment.withdrawn_at is not None
    assert again.withdrawn_at is None
    assert AuditEntry.objects.filter(action="enrolment.withdraw").count() == 1


def test_watching_the_last_lecture_needed_completes_the_class(
    units, training_class, lectures, django_capture_on_commit_callbacks
):
    enrolment = EnrolmentFactory(training_class=training_class, enrolled_at=START)
    at = START
    for lecture in lectures:
        enrolment.refresh_from_db()
        assert enrolment.completed_at is None
        with django_capture_on_commit_callbacks(execute=True):
            at = watch(enrolment.user, lecture, start=at + dt.timedelta(minutes=5))

    enrolment.refresh_from_db()
    assert enrolment.completed_at == at


def test_the_sweep_finds_what_a_lost_signal_left(training_class, lectures):
    enrolment = EnrolmentFactory(training_class=training_class, enrolled_at=START)
    bystander = EnrolmentFactory(training_class=training_class)
    learn(enrolment.user, lectures)
    learn(bystander.user, lectures[:2])

    assert enrolments_sweep() == 1
    assert enrolments_sweep() == 0
    enrolment.refresh_from_db()
    assert enrolment.completed_at == START + dt.timedelta(days=2)
    bystander.refresh_from_db()
    assert bystander.completed_at is None


def test_the_sweep_notices_that_a_class_asks_for_less(training_class, lectures):
    enrolment = EnrolmentFactory(training_class=training_class)
    learn(enrolment.user, lectures[:2])
    training_class.electives_needed = 0
    training_class.save()
    sweep_enrolments()

    enrolment.refresh_from_db()
    assert enrolment.completed_at is not None


def test_the_sweep_leaves_withdrawn_people_and_old_classes_alone(lectures):
    long_ago = timezone.localdate() - dt.timedelta(days=200)
    old = TrainingClassFactory(required=lectures, starts_on=long_ago, ends_on=long_ago)
    now = TrainingClassFactory(required=lectures)
    user = UserFactory()
    EnrolmentFactory(training_class=old, user=user)
    EnrolmentFactory(training_class=now, user=user, withdrawn_at=START)
    learn(user, lectures)

    assert enrolments_sweep() == 0


def test_an_empty_class_is_completed_by_nobody():
    EnrolmentFactory()

    assert enrolments_sweep() == 0


def test_lectures_watched_before_the_enrolment_count(units, training_class, lectures):
    user = UserFactory(home=units.branch)
    learn(user, lectures)
    later = START + dt.timedelta(days=30)
    enrolment = enrolment_create(training_class=training_class, user=user, now=later)

    enrolment.refresh_from_db()
    assert enrolment.completed_at == later


def test_asking_for_more_later_does_not_take_a_completion_back(training_class, lectures):
    enrolment = EnrolmentFactory(training_class=training_class)
    learn(enrolment.user, lectures)
    enrolments_sweep()
    ClassItemFactory(training_class=training_class, lecture=LecturePageFactory())
    enrolments_sweep()

    enrolment.refresh_from_db()
    assert enrolment.completed_at is not None


def test_voided_evidence_takes_the_completion_of_the_class_back(
    lectures, django_capture_on_commit_callbacks
):
    training_class = TrainingClassFactory(required=lectures[:1])
    enrolment = EnrolmentFactory(training_class=training_class)
    with django_capture_on_commit_callbacks(execute=True):
        watch(enrolment.user, lectures[0])
    enrolment.refresh_from_db()
    assert enrolment.completed_at is not None

    play_session_void(session=PlaySession.objects.get())
    enrolment.refresh_from_db()
    assert enrolment.completed_at is None
    assert not Completion.objects.exists()


def test_a_lecture_stands_in_a_class_once(training_class, lectures):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        ClassItem.objects.create(training_class=training_class, lecture=lectures[0])
