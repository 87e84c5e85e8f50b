"""Periodic work of classes, run by the scheduler, and the wake-ups of rules."""

import logging
import uuid

from celery import shared_task

from lms.classes import enrolling
from lms.classes.copying import runs_begin
from lms.classes.credited import WORK as SETTLE
from lms.classes.credited import attendance_settle
from lms.classes.enrolments import WORK as REVIEW
from lms.classes.enrolments import class_sweep, enrolments_sweep
from lms.classes.holders import classes_follow
from lms.classes.models import TrainingClass
from lms.classes.ruling import WORK, rule_wake
from lms.classes.telling import ASK, learners_ask, learners_remind
from organizations.models import User

logger = logging.getLogger(__name__)
WAKES_PER_SWEEP = 20


@shared_task(name="lms.classes.tasks.sweep_enrolments")
def sweep_enrolments() -> None:
    classes_follow()
    runs_begin()
    found = enrolments_sweep()
    if found:
        logger.info("Class completions found by the sweep: %d", found)


@shared_task(name="lms.classes.tasks.sweep_rules", ignore_result=True)
def sweep_rules() -> None:
    """Wake workers for rules that wait, that a dead worker has left, or that are out of date."""
    for key in enrolling.rules_due()[:WAKES_PER_SWEEP]:
        rule_wake(key)


@shared_task(name=WORK, ignore_result=True)
def rule_work(key: str) -> None:
    """One pass of one rule."""
    enrolling.rule_work(key=uuid.UUID(key))


@shared_task(name="lms.classes.tasks.remind_learners", ignore_result=True)
def remind_learners() -> None:
    """Every morning: what is missing in classes that end soon."""
    learners_remind()


@shared_task(name=REVIEW, ignore_result=True)
def review_class(class_id: int) -> None:
    for one in TrainingClass.objects.filter(pk=class_id):
        class_sweep(one)


@shared_task(name=ASK, ignore_result=True)
def ask_learners(class_id: int, user_id: int) -> None:
    run = TrainingClass.objects.select_related("organization").get(pk=class_id)
    learners_ask(run=run, user=User.objects.get(pk=user_id))


@shared_task(name=SETTLE, ignore_result=True)
def settle_attendance(item_id: int, user_ids: list[int]) -> None:
    attendance_settle(item_id=item_id, user_ids=user_ids)
