"""Acts on plans and runs. Each is confirmed on a page, atomic, and logged last.

Two keepers at once: the row of the plan or run is locked while it or its items change
(`lms.classes.syllabus`), so that neither is lost. A form that is sent twice makes one row
(`MadeOnce.key`).
"""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit import log
from lms.classes.copying import items_copy, plan_copy
from lms.classes.enrolments import class_wake
from lms.classes.models import ClassChange, ClassPlan, TrainingClass
from lms.classes.permissions import can_read_plan, check_can_organise
from lms.classes.telling import run_moved

What = ClassChange.What


class ClassError(Exception):
    """An act on a class is not possible; the message says why and what to do."""


# -- plans and runs --------------------------------------------------------------------------------


def plan_create(*, user: Any, key: uuid.UUID, **facts: Any) -> ClassPlan:
    check_can_organise(user, facts["organization"])
    return _made_once(ClassPlan, "class_plan.create", user=user, key=key, facts=facts)


@transaction.atomic
def plan_change(*, plan: ClassPlan, user: Any, **facts: Any) -> None:
    plan = holder_locked(plan, user)
    for name, value in facts.items():
        setattr(plan, name, value)
    plan.save(update_fields=list(facts))
    plan_copy(plan)
    log.record("class_plan.change", actor=user, target=plan, fields=sorted(facts))


def run_create(*, plan: ClassPlan, user: Any, key: uuid.UUID, **facts: Any) -> TrainingClass:
    """A run with the next number; the plan's items are copied."""
    check_can_organise(user, facts["organization"])
    if not can_read_plan(user, plan):
        check_can_organise(user, plan.organization)
    if facts["ends_on"] < facts["starts_on"]:
        raise ClassError(_("The class cannot end before it begins."))
    own = ("is_sequential", "electives_needed")
    of_plan = {name: getattr(plan, name) for name in own}
    facts = {"plan": plan, **of_plan, **facts}
    facts["follows_plan"] = all(facts[name] == of_plan[name] for name in own)
    return _made_once(TrainingClass, "training_class.create", user=user, key=key, facts=facts)


def _made_once(model: Any, action: str, *, user: Any, key: uuid.UUID, facts: Any) -> Any:
    for _again in range(5):
        if (found := model.objects.filter(key=key).first()) is not None:
            return found
        try:
            with transaction.atomic():
                if model is TrainingClass:
                    last = facts["plan"].runs.aggregate(last=Max("number"))["last"] or 0
                    facts["number"] = last + 1
                made = model.objects.create(key=key, **facts)
                if model is TrainingClass:
                    items_copy(made)
                    if made.starts_on <= timezone.localdate():
                        model.objects.filter(pk=made.pk).update(follows_plan=False)
                log.record(action, actor=user, target=made)
                return made
        except IntegrityError:
            # The same form a second time, or another keeper took the number.
            continue
    raise ClassError(_("Several people are making runs at this moment. Please try again."))


@transaction.atomic
def run_change(*, run: TrainingClass, user: Any, **facts: Any) -> None:
    run = holder_locked(run, user)
    before = {name: getattr(run, name) for name in facts}
    for name, value in facts.items():
        setattr(run, name, value)
    if run.ends_on < run.starts_on:
        raise ClassError(_("The class cannot end before it begins."))
    changed = [name for name in facts if facts[name] != before[name]]
    if not changed:
        return
    if {"is_sequential", "electives_needed"} & set(changed):
        run.follows_plan = False
    run.save(update_fields=[*changed, "follows_plan"])
    if {"starts_on", "ends_on"} & set(changed):
        days = f"{date_format(run.starts_on, 'Y-m-d')} – {date_format(run.ends_on, 'Y-m-d')}"
        learners_told(run, What.DATES, detail=days)
    if {"title", "starts_on", "ends_on"} & set(changed):
        run_moved(run)
    if "electives_needed" in changed:
        learners_told(run, What.NEEDED, detail=str(run.electives_needed))
        transaction.on_commit(partial(class_wake, run.pk))
    log.record("training_class.change", actor=user, target=run, fields=sorted(changed))


def plan_delete(*, plan: ClassPlan, user: Any) -> None:
    """Only without runs; a plan that was run is part of what happened."""
    with transaction.atomic():
        plan = holder_locked(plan, user)
        if plan.runs.exists():
            raise ClassError(_("This plan has runs, so it stays as part of their record."))
        key = plan.pk
        plan.delete()
        plan.pk = key
        log.record("class_plan.delete", actor=user, target=plan)


@transaction.atomic
def run_delete(*, run: TrainingClass, user: Any) -> None:
    """Only while nobody has ever learnt in it."""
    run = holder_locked(run, user, alone=True)
    if run.enrolments.exists():
        raise ClassError(_("This class has learners; it stays as part of their record."))
    key = run.pk
    run.items.all().delete()
    run.delete()
    run.pk = key
    log.record("training_class.delete", actor=user, target=run)


def holder_locked(holder: Any, user: Any, *, alone: bool = False) -> Any:
    """The row as it is now, kept from others until the act is over; only for who may change it.

    Rows that refer to it are written meanwhile, by whoever holds the end of the log, perhaps; not
    where it is held `alone`, to be deleted with them.
    """
    check_can_organise(user, holder.organization)
    rows = type(holder).objects.select_for_update(of=("self",), no_key=not alone)
    found = rows.select_related("organization").filter(pk=holder.pk).first()
    if found is None:
        raise ClassError(_("Somebody has deleted this meanwhile."))
    return found


def learners_told(run: TrainingClass, what: str, *, title: str = "", detail: str = "") -> None:
    """Of a run that has begun, a line that its learners read."""
    if run.state_on(timezone.localdate()) != "upcoming":
        ClassChange.objects.create(training_class=run, what=what, title=title, detail=detail)
