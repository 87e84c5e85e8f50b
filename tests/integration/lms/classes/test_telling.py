"""Learners hear of their enrolment, and before the end of what they lack."""

import datetime as dt

import pytest
from celery import current_app
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from audit.models import AuditEntry
from lms.classes.asking import request_decide, request_make
from lms.classes.enrolments import (
    enrolment_create,
    enrolment_withdraw,
    enrolments_sweep,
    lecture_uncounted,
    people_enrol,
)
from lms.classes.models import ClassItem, Enrolment, ItemDone, TrainingClass
from lms.classes.planning import run_change
from lms.classes.tasks import ask_learners
from lms.classes.telling import learners_ask, learners_remind, learners_to_ask
from lms.watching.models import Completion
from notices.models import Message
from tests.factories import (
    CompletionFactory,
    LecturePageFactory,
    ReadingItemFactory,
    SessionItemFactory,
    TagFactory,
    TrainingClassFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def texts(person) -> list[str]:
    return list(Message.objects.visible_to(person).values_list("text", flat=True))


def ends_in(run, days):
    today = timezone.localdate()
    TrainingClass.objects.filter(pk=run.pk).update(
        starts_on=today - dt.timedelta(days=30), ends_on=today + dt.timedelta(days=days)
    )
    run.refresh_from_db()


@pytest.fixture
def learner(units):
    return UserFactory(home=units.branch)


@pytest.fixture
def run(training_class):
    ends_in(training_class, 3)
    return training_class


@pytest.fixture
def officer(units):
    return UserFactory(officer=True, unit=units.county)


def enrolled(run, person, actor=None):
    """Some time ago."""
    found = enrolment_create(training_class=run, user=person, actor=actor)
    rows = Enrolment.objects.filter(pk=found.pk)
    rows.update(enrolled_at=timezone.now() - dt.timedelta(days=9))


def complete(run, learner):
    for item in run.items.all():
        CompletionFactory(user=learner, lecture=item.lecture)
    enrolments_sweep()


def test_whoever_asked_in_vain_is_told_until_they_ask_again(run, learner, officer):
    TrainingClass.objects.filter(pk=run.pk).update(is_open_to_ask=True)
    request = request_make(training_class=run, user=learner)
    request_decide(request=request, user=officer, approve=False)
    learners_remind()
    assert texts(learner) == ["refused"]
    again = request_make(training_class=run, user=learner)
    assert texts(learner) == []
    request_decide(request=again, user=officer, approve=True)
    assert texts(learner) == ["enrolled"]


def test_an_enrolment_is_told_and_a_withdrawal_takes_it_back(run, learner, officer):
    enrolment = enrolment_create(training_class=run, user=learner, actor=officer)
    assert texts(learner) == ["enrolled"]
    assert Message.objects.get().path == reverse("classes:detail", args=[run.pk])
    enrolment_withdraw(enrolment=enrolment, actor=officer)
    assert texts(learner) == []


def test_whoever_enrols_themselves_needs_no_message(run, learner):
    enrolment_create(training_class=run, user=learner, actor=learner)
    assert texts(learner) == []


def test_many_are_told_with_their_enrolment(run, units, django_assert_max_num_queries):
    people = UserFactory.create_batch(20)
    homes = [(one.pk, units.branch.pk) for one in people]
    with django_assert_max_num_queries(30):
        people_enrol(training_class=run, homes=homes, origin=Enrolment.Origin.RULE)
    assert Message.objects.standing().filter(text="enrolled").count() == 20


def test_of_a_class_that_is_over_nobody_is_told(run, learner, officer):
    ends_in(run, -1)
    enrolment_create(training_class=run, user=learner, actor=officer)
    assert learners_remind() == 0
    assert texts(learner) == []


def test_a_completion_that_falls_is_told_even_when_the_class_is_over(run, learner, officer, units):
    gone = UserFactory(home=units.branch)
    for one in (learner, gone):
        enrolled(run, one, officer)
        complete(run, one)
    enrolment_withdraw(enrolment=Enrolment.objects.get(user=gone), actor=officer)
    ends_in(run, -1)
    Completion.objects.all().delete()
    for one in (learner, gone):
        lecture_uncounted(user_id=one.pk, lecture_id=run.items.first().lecture_id)
    assert (texts(learner), texts(gone)) == (["fallen"], [])


def test_who_lacks_something_is_reminded_once(run, learner, officer):
    enrolled(run, learner, officer)
    assert learners_remind() == 1
    assert learners_remind() == 0
    assert texts(learner) == ["ending"]


def test_who_is_exempt_is_not_reminded_and_loses_the_reminder(run, learner, officer, units):
    other = UserFactory(home=units.branch)
    for one in (learner, other):
        enrolled(run, one, officer)
    learners_remind()
    assert texts(learner) == texts(other) == ["ending"]
    TagFactory(user=learner, value="exempt")
    later = timezone.now() + dt.timedelta(days=3)
    assert learners_to_ask(run=run, user=officer, now=later) == 1
    learners_remind()
    assert texts(learner) == []
    assert texts(other) == ["ending"]
    learners_ask(run=run, user=officer, now=later)
    assert texts(learner) == []


def test_who_completes_the_class_has_it_taken_back(run, learner, officer):
    enrolled(run, learner, officer)
    learners_remind()
    complete(run, learner)
    assert texts(learner) == []
    assert learners_remind() == 0


def test_a_later_end_takes_the_reminder_back(run, learner, officer):
    enrolled(run, learner, officer)
    learners_remind()
    ends_in(run, 60)
    assert learners_remind() == 0
    assert texts(learner) == []


def test_a_class_that_asks_for_nothing_reminds_nobody(units, learner):
    empty = TrainingClassFactory(organization=units.county)
    empty.items.all().delete()
    ends_in(empty, 3)
    TrainingClass.objects.update(electives_needed=0)
    enrolled(empty, learner)
    assert learners_remind() == 0


def test_a_keeper_reminds_once_in_two_days_and_it_is_logged(run, learner, officer):
    enrolled(run, learner, officer)
    assert [learners_ask(run=run, user=officer) for _ in range(2)] == [1, 0]
    assert Message.objects.get(recipient=learner).edition == 2
    assert texts(learner) == ["asked"]
    entry = AuditEntry.objects.get(action="training_class.remind")
    assert (entry.actor, entry.detail["people"]) == (officer, 1)
    assert learners_remind() == 0
    later = timezone.now() + dt.timedelta(days=2, minutes=1)
    assert learners_ask(run=run, user=officer, now=later) == 1


def test_the_desk_has_a_worker_remind_and_says_how_many(run, learner, officer, client, monkeypatch):
    sent = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **facts: sent.append((name, facts)))
    enrolled(run, learner, officer)
    client.force_login(officer)
    desk = reverse("classes:desk", args=[run.pk])
    assert "正在提醒 1 人" in client.post(desk, {"act": "remind"}, follow=True).content.decode()
    [(name, facts)] = sent
    assert (name, facts["args"]) == (ask_learners.name, [run.pk, officer.pk])
    ask_learners(*facts["args"])
    assert texts(learner) == ["asked"]


def test_without_a_broker_the_desk_says_that_nobody_was_reminded(
    run, learner, officer, client, monkeypatch
):
    def away(*args, **facts):
        raise OperationalError

    monkeypatch.setattr(current_app, "send_task", away)
    enrolled(run, learner, officer)
    client.force_login(officer)
    answer = client.post(reverse("classes:desk", args=[run.pk]), {"act": "remind"}, follow=True)
    assert "没有发出提醒" in answer.content.decode()


def test_an_old_reminder_by_hand_does_not_take_the_place_of_the_last_one(run, learner, officer):
    enrolled(run, learner, officer)
    learners_ask(run=run, user=officer)
    Message.objects.update(told_at=timezone.now() - dt.timedelta(days=20))
    assert learners_remind() == 1
    assert texts(learner) == ["ending"]


def test_whoever_was_just_enrolled_is_not_reminded_next_morning(run, learner, officer):
    enrolment_create(training_class=run, user=learner, actor=officer)
    assert learners_remind() == 0


def test_a_class_that_has_hardly_begun_reminds_nobody(run, learner, officer):
    enrolled(run, learner, officer)
    today = timezone.localdate()
    TrainingClass.objects.update(starts_on=today, ends_on=today + dt.timedelta(days=5))
    assert learners_remind() == 0


def test_other_days_take_reminders_back_and_the_enrolment_says_the_new_ones(
    run, learner, units, officer
):
    other = UserFactory(home=units.branch)
    for one in (learner, other):
        enrolled(run, one, officer)
    Enrolment.objects.filter(user=other).update(enrolled_at=timezone.now())
    learners_remind()
    last = run.ends_on + dt.timedelta(days=1)
    run_change(run=run, user=officer, ends_on=last)
    assert texts(learner) == []
    message = Message.objects.get(recipient=other)
    assert str(last.day) in message.words
    assert timezone.localdate(message.expires_at) == last + dt.timedelta(days=1)
    assert message.edition == 1


def test_only_who_holds_the_class_reminds(run, units):
    with pytest.raises(PermissionDenied):
        learners_ask(run=run, user=UserFactory(officer=True, unit=units.other_county))


# -- what cannot be done now is no reason to remind ------------------------------------------------


def meets(run, *, days=2, **more):
    """A session of the run so many days from now."""
    at = timezone.now() + dt.timedelta(days=days)
    return SessionItemFactory(
        training_class=run, starts_at=at, ends_at=at + dt.timedelta(hours=2), **more
    )


def learns(run, learner):
    """Every lecture of it; nobody has swept yet."""
    for item in run.items.filter(lecture__isnull=False):
        CompletionFactory(user=learner, lecture=item.lecture)


@pytest.mark.parametrize("days", [2, -2], ids=["to come", "missed"])
def test_who_has_only_a_session_left_is_not_reminded(run, learner, officer, days):
    meets(run, days=days)
    enrolled(run, learner, officer)
    learns(run, learner)
    assert learners_remind() == 0
    assert learners_to_ask(run=run, user=officer) == 0
    assert learners_ask(run=run, user=officer) == 0
    assert texts(learner) == ["enrolled"]


def test_who_has_a_session_and_a_lecture_left_is_reminded(run, learner, officer):
    meets(run)
    enrolled(run, learner, officer)
    assert learners_remind() == 1


def test_a_reminder_goes_when_only_a_session_is_left(run, learner, officer):
    meets(run)
    enrolled(run, learner, officer)
    learners_remind()
    learns(run, learner)
    assert learners_remind() == 0
    assert texts(learner) == []


def test_a_text_that_was_not_read_is_a_reason(run, learner, officer):
    text = ReadingItemFactory(training_class=run)
    enrolled(run, learner, officer)
    learns(run, learner)
    assert learners_to_ask(run=run, user=officer) == 1
    ItemDone.objects.create(item=text, user=learner, at=timezone.now())
    assert learners_to_ask(run=run, user=officer) == 0


def test_a_lecture_that_was_taken_down_is_no_reason(run, learner, officer):
    enrolled(run, learner, officer)
    for item in run.items.all():
        item.lecture.unpublish()
    assert learners_remind() == 0


def test_electives_are_a_reason_only_while_more_of_them_are_asked_for(units, learner, officer):
    first, second = LecturePageFactory(), LecturePageFactory()
    run = TrainingClassFactory(
        organization=units.county, required=[], electives=[first, second], electives_needed=1
    )
    ends_in(run, 3)
    meets(run)
    enrolled(run, learner, officer)
    assert learners_to_ask(run=run, user=officer) == 1
    CompletionFactory(user=learner, lecture=first)
    assert learners_to_ask(run=run, user=officer) == 0


def test_an_elective_session_to_come_is_no_reason(units, learner, officer):
    run = TrainingClassFactory(organization=units.county, electives_needed=1)
    run.items.all().delete()
    ends_in(run, 3)
    meets(run, kind=ClassItem.Kind.ELECTIVE)
    enrolled(run, learner, officer)
    assert learners_to_ask(run=run, user=officer) == 0


def test_the_desk_counts_whom_it_would_remind(run, learner, officer, client):
    meets(run)
    enrolled(run, learner, officer)
    client.force_login(officer)
    desk = reverse("classes:desk", args=[run.pk])
    assert "确定提醒 1 人" in client.get(desk).content.decode()
    learns(run, learner)
    assert "确定提醒" not in client.get(desk).content.decode()
