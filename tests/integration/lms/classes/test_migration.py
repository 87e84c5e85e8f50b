"""Classes from before plans, each with its items and learners."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from lms.classes.models import Enrolment, TrainingClass
from tests.factories import LecturePageFactory, OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = [("classes", "0003_initial")], [("classes", "0006_runs_have_plans")]


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
