"""Two keepers at one moment, and a worker that is killed: nobody is lost, nothing is done twice."""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from lms.classes.attendance import attendance_set, reading_finish
from lms.classes.enrolling import rule_work
from lms.classes.enrolments import enrolment_create, enrolments_complete
from lms.classes.models import Enrolment, EnrolmentRule, ItemDone, TrainingClass
from lms.classes.planning import ClassError, run_create, run_delete
from lms.classes.syllabus import item_add, item_remove
from tests.factories import (
    EnrolmentFactory,
    EnrolmentRuleFactory,
    ReadingItemFactory,
    SessionItemFactory,
    TrainingClassFactory,
    UserFactory,
)
from tests.integration.media_pipeline.test_worker_process import database_url
from tests.locks import until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def keepers(units):
    return [UserFactory(officer=True, unit=units.county) for _ in range(2)]


@pytest.fixture
def run(units):
    return TrainingClassFactory(organization=units.county)


def at_once(*acts: Callable[[], Any]) -> list[BaseException]:
    """Run the acts in threads that begin together; what they raised."""
    gate, failed = threading.Barrier(len(acts)), []

    def begin(act: Callable[[], Any]) -> None:
        try:
            gate.wait(20)
            act()
        except BaseException as problem:  # noqa: BLE001
            failed.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=begin, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failed


def test_two_keepers_enrol_the_same_person_once(run, keepers, units):
    person = UserFactory(home=units.branch)

    def enrol(keeper):
        return lambda: enrolment_create(training_class=run, user=person, actor=keeper)

    assert at_once(*map(enrol, keepers)) == []
    assert Enrolment.objects.count() == 1


def test_two_keepers_make_two_runs_with_two_numbers(run, keepers):
    day = timezone.localdate()

    def make(keeper):
        return lambda: run_create(
            plan=run.plan, user=keeper, key=uuid.uuid4(), organization=run.organization,
            title="班", starts_on=day, ends_on=day,
        )  # fmt: skip

    assert at_once(*map(make, keepers)) == []
    numbers = TrainingClass.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3]


def test_two_keepers_who_add_items_leave_both_in_an_order(run, keepers):
    def add(keeper, title):
        return lambda: item_add(
            holder=run, user=keeper, content="reading", title=title, text="正文"
        )

    assert at_once(add(keepers[0], "甲"), add(keepers[1], "乙")) == []
    assert {item.title for item in run.items.all()} == {"甲", "乙"}
    assert {item.position for item in run.items.all()} == {0, 1}


def test_two_keepers_who_tick_one_list_tick_each_person_once(run, keepers, units):
    session = SessionItemFactory(training_class=run)
    people = {
        EnrolmentFactory(training_class=run, user=UserFactory(home=units.branch)).user_id
        for _ in range(5)
    }

    def tick(keeper):
        return lambda: attendance_set(
            item=session, user=keeper, present=people, shown=people, now=timezone.now()
        )

    assert at_once(*map(tick, keepers)) == []
    assert ItemDone.objects.count() == len(people)


def test_a_tick_that_is_taken_back_leaves_no_completion_that_was_being_written(run, keepers, units):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    session = SessionItemFactory(training_class=run)
    enrolment = EnrolmentFactory(training_class=run, user=UserFactory(home=units.branch))
    tick = ItemDone.objects.create(item=session, user=enrolment.user, at=timezone.now())

    def complete():
        try:
            enrolments_complete([enrolment])
        finally:
            connection.close()

    other = threading.Thread(target=complete)
    with transaction.atomic():
        people = {enrolment.user_id}
        attendance_set(
            item=session, user=keepers[0], present=set(), shown=people, now=timezone.now()
        )
        other.start()
        until_somebody_waits()
    other.join(60)

    assert not ItemDone.objects.filter(pk=tick.pk).exists()
    enrolment.refresh_from_db()
    assert enrolment.completed_at is None


def while_waiting(act: Callable[[], Any], first: Callable[[], Any]) -> list[BaseException]:
    """Begin `act` while `first` is done and not committed; what it raised."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    failed: list[BaseException] = []

    def begin() -> None:
        try:
            act()
        except BaseException as problem:  # noqa: BLE001
            failed.append(problem)
        finally:
            connection.close()

    other = threading.Thread(target=begin)
    with transaction.atomic():
        first()
        connection.check_constraints()  # as a commit does, before it is over
        other.start()
        until_somebody_waits()
    other.join(60)
    return failed


def test_a_run_is_not_deleted_with_somebody_who_is_enrolled_at_that_moment(run, keepers, units):
    person = UserFactory(home=units.branch)
    failed = while_waiting(
        lambda: run_delete(run=run, user=keepers[0]),
        lambda: enrolment_create(training_class=run, user=person, actor=keepers[1]),
    )
    assert [type(one) for one in failed] == [ClassError]
    assert Enrolment.objects.filter(training_class=run, user=person).exists()


def test_a_text_that_is_finished_at_that_moment_is_not_taken_out(run, keepers, units):
    text = ReadingItemFactory(training_class=run)
    learner = EnrolmentFactory(training_class=run, user=UserFactory(home=units.branch)).user
    failed = while_waiting(
        lambda: item_remove(item=text, user=keepers[0]),
        lambda: reading_finish(item=text, user=learner, now=timezone.now()),
    )
    assert [type(one) for one in failed] == [ClassError]
    assert ItemDone.objects.filter(item=text, user=learner).exists()


def test_a_text_that_is_taken_out_at_that_moment_is_not_finished(run, keepers, units):
    text = ReadingItemFactory(training_class=run)
    learner = EnrolmentFactory(training_class=run, user=UserFactory(home=units.branch)).user
    failed = while_waiting(
        lambda: reading_finish(item=text, user=learner, now=timezone.now()),
        lambda: item_remove(item=text, user=keepers[0]),
    )
    assert failed == []
    assert not ItemDone.objects.exists()


WORKER = """
import sys, time, uuid
import django
django.setup()
from lms.classes import enrolling
enrolling.CHUNK = 2
enrol = enrolling.people_enrol
def slowly(**facts):
    time.sleep(0.2)
    return enrol(**facts)
enrolling.people_enrol = slowly
enrolling.rule_work(key=uuid.UUID(sys.argv[1]))
"""


def test_a_worker_killed_in_mid_rule_loses_and_doubles_nobody(run, units):
    people = {UserFactory(home=units.branch).pk for _ in range(24)}
    rule = EnrolmentRuleFactory(training_class=run, unit=units.county)
    environment = {**os.environ, "DATABASE_URL": database_url()}
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(rule.pk)], env=environment)
    try:
        deadline = time.monotonic() + 60
        while Enrolment.objects.count() < 4:
            assert worker.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    begun = Enrolment.objects.count()
    assert 4 <= begun < len(people)
    rule.refresh_from_db()
    # What was written is what the cursor says.
    assert (rule.state, rule.looked_at) == (EnrolmentRule.State.RUNNING, begun)
    EnrolmentRule.objects.update(lease_expires_at=timezone.now())
    assert rule_work(key=rule.pk)

    assert sorted(Enrolment.objects.values_list("user_id", flat=True)) == sorted(people)
    rule.refresh_from_db()
    assert (rule.state, rule.enrolled) == (EnrolmentRule.State.DONE, len(people))
