"""Classes from before plans, each with its items and learners; completions from before rules."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from lms.classes.models import Enrolment, TrainingClass
from lms.classes.rederiving import class_doubts
from tests.factories import (
    CompletionFactory,
    EnrolmentFactory,
    LecturePageFactory,
    OrganizationFactory,
    TrainingClassFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, PLANNED = [("classes", "0003_initial")], [("classes", "0006_runs_have_plans")]
AFTER = [("classes", "0009_completion_has_its_rule")]


def migrate(to: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(to)
    return executor.loader.project_state(to).apps


@pytest.fixture(autouse=True)
def migrated_again() -> Iterator[None]:
    yield
    migrate(AFTER)


def test_a_class_becomes_the_first_run_of_a_plan_with_the_same_items() -> None:
    unit, user = OrganizationFactory(county=True), UserFactory()
    lectures = LecturePageFactory.create_batch(2)
    old = migrate(BEFORE)
    day = dt.date(2026, 5, 1)
    made = old.get_model("classes", "TrainingClass").objects.create(
        title="班", organization_id=unit.pk, starts_on=day, ends_on=day, electives_needed=1
    )
    for number, lecture in enumerate(lectures):
        old.get_model("classes", "ClassItem").objects.create(
            training_class=made,
            lecture_id=lecture.pk,
            kind=("required", "elective")[number],
            position=number,
        )
    made.enrolments.create(user_id=user.pk)
    migrate(AFTER)

    run = TrainingClass.objects.get()
    assert (run.number, run.follows_plan, run.tier) == (1, False, "general")
    plan = run.plan
    assert (plan.title, plan.organization, plan.electives_needed) == ("班", unit, 1)
    for items in (plan.items, run.items):
        rows = [(item.lecture, item.kind, item.content) for item in items.all()]
        assert rows == [(lectures[0], "required", "lecture"), (lectures[1], "elective", "lecture")]
    assert Enrolment.objects.get().origin == "before"


def test_completions_get_what_they_rest_on_where_it_is_known() -> None:
    lectures = LecturePageFactory.create_batch(2)
    run = TrainingClassFactory(required=lectures[:1], electives=lectures[1:], electives_needed=1)
    known, unknown, learning = (EnrolmentFactory(training_class=run) for _ in range(3))
    begin = known.enrolled_at
    for number, lecture in enumerate(lectures, start=1):
        at = begin + dt.timedelta(hours=number)
        CompletionFactory(user=known.user, lecture=lecture, completed_at=at)
    old = migrate(PLANNED)
    rows = old.get_model("classes", "Enrolment").objects
    rows.filter(pk=known.pk).update(completed_at=begin + dt.timedelta(hours=2))
    rows.filter(pk=unknown.pk).update(completed_at=begin)
    migrate(AFTER)

    for one, rule in ((known, "items-1"), (unknown, "unknown-0"), (learning, "")):
        one.refresh_from_db()
        assert one.completion_rule == rule
    assert [key for key, _at in known.evidence["required"]] == [f"lecture:{lectures[0].pk}"]
    assert unknown.completed_at == begin
    assert list(class_doubts()) == []
    # The instant of which nothing else is known is held by the seal.
    Enrolment.objects.filter(pk=unknown.pk).update(completed_at=begin + dt.timedelta(days=1))
    assert [(one.row, one.fields) for one in class_doubts()] == [(unknown.pk, ("seal",))]
