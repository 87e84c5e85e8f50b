"""Acts on the items of a plan or a run: add, change, take out, move.

The holder's row is locked meanwhile. A plan brings its changes to the runs that have not begun; a
run goes its own way from its first change on, and tells its learners once it has begun.
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import log
from lms.classes.copying import plan_copy
from lms.classes.criterion import RULE
from lms.classes.enrolments import class_wake, completions_review
from lms.classes.models import (
    ClassChange,
    ClassItem,
    ClassPlan,
    Enrolment,
    Item,
    ItemDone,
    PlanItem,
    TrainingClass,
)
from lms.classes.planning import ClassError, holder_locked, learners_told
from lms.classes.signals import attendance_changed
from lms.ledger.statements import closing_of, first_year

MOST_ITEMS = 100
Holder = ClassPlan | TrainingClass
What = ClassChange.What


@transaction.atomic
def item_add(*, holder: Holder, user: Any, **facts: Any) -> Item:
    """At the end. A lecture that stands there already stays as it is; a run takes the lectures of a
    collection. Raises ClassError.
    """
    holder = holder_locked(holder, user)
    _check_times(holder, facts.get("starts_at"), facts.get("ends_at"))
    items = holder.items.all()
    if items.count() >= MOST_ITEMS:
        raise ClassError(_("That is enough for one class. Please take something out first."))
    lecture = facts.get("lecture")
    if lecture is not None and not lecture.live:
        raise ClassError(_("This lecture is no longer published. Please choose another."))
    if lecture is not None and (known := items.filter(lecture=lecture).first()) is not None:
        raise ClassError(_("“%(title)s” stands there already.") % {"title": known.name})
    if facts.get("title") and items.filter(**facts).exists():
        raise ClassError(_("“%(title)s” stands there already.") % {"title": facts["title"]})
    last = items.aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    if isinstance(holder, ClassPlan):
        made: Item = PlanItem.objects.create(plan=holder, position=position, **facts)
    elif facts["content"] == Item.Content.COLLECTION:
        made = _collection_add(holder, position, facts)
    else:
        made = ClassItem.objects.create(training_class=holder, position=position, **facts)
    _changed(holder, user, What.ADDED, made.name)
    return made


def _collection_add(run: TrainingClass, position: int, facts: dict[str, Any]) -> ClassItem:
    """The lectures of the collection that are not there yet."""
    there = run.items.values("lecture")
    rows = (
        facts["collection"]
        .items.filter(lecture__live=True)
        .exclude(lecture__in=there.filter(lecture__isnull=False))
    )
    made = [
        ClassItem(
            training_class=run,
            position=position + number,
            lecture_id=one.lecture_id,
            content=Item.Content.LECTURE,
            kind=facts["kind"],
            collection=facts["collection"],
            hours=facts.get("hours"),
        )
        for number, one in enumerate(rows)
    ]
    if not made:
        raise ClassError(_("This collection holds no lecture that is not there already."))
    ClassItem.objects.bulk_create(made)
    return made[0]


@transaction.atomic
def item_change(*, item: PlanItem | ClassItem, user: Any, **facts: Any) -> None:
    """Title, text, time, place, hours, required or elective."""
    holder = holder_locked(_holder(item), user)
    found = (
        type(item).objects.select_for_update(of=("self",), no_key=True).filter(pk=item.pk).first()
    )
    if found is None:
        raise ClassError(_("Somebody has taken this out meanwhile."))
    item = found
    changed = {name for name, value in facts.items() if value != getattr(item, name)}
    retimed = bool(changed & {"starts_at", "ends_at"})
    moved = retimed or "place" in changed
    for name, value in facts.items():
        setattr(item, name, value)
    if retimed:
        _check_times(holder, item.starts_at, item.ends_at)
    item.save(update_fields=list(facts))
    if isinstance(item, ClassItem) and retimed and item.ends_at:
        people = _ticks_anew(item)
        # Nothing was undone: what rests on a rule that nobody knows stays as it is.
        completions_review(
            Enrolment.objects.filter(training_class=holder, user__in=people, completion_rule=RULE)
        )
        attendance_changed.send(ClassItem, item_id=item.pk, user_ids=people)
    what = What.SESSION if moved else What.KIND if "kind" in changed else None
    _changed(holder, user, what, item.name, review="kind" in changed)


def _ticks_anew(item: ClassItem) -> list[int]:
    """Presence at another time is another fact: the ledger's sweep knows it by its key."""
    assert item.ends_at is not None
    ticks = list(item.done.all())
    item.done.all().delete()
    for tick in ticks:
        tick.pk, tick.at = None, min(item.ends_at, timezone.now())
    ItemDone.objects.bulk_create(ticks)
    return [tick.user_id for tick in ticks]


@transaction.atomic
def item_remove(*, item: PlanItem | ClassItem, user: Any) -> None:
    """Raises ClassError where somebody attended the session or read the text."""
    holder = holder_locked(_holder(item), user)
    # Whoever finishes the text at this moment is waited for.
    found = type(item).objects.select_for_update(of=("self",)).filter(pk=item.pk).first()
    if found is None:
        return
    if isinstance(found, ClassItem) and ItemDone.objects.filter(item=found).exists():
        raise ClassError(
            _("People have done “%(title)s” already, so it stays. You can make it an elective.")
            % {"title": found.name}
        )
    name = found.name
    found.delete()
    _changed(holder, user, What.REMOVED, name, review=True)


@transaction.atomic
def item_move(*, item: PlanItem | ClassItem, user: Any, later: bool, place: int) -> None:
    """One place on, from where its mover saw it: a second tap moves nothing."""
    holder = holder_locked(_holder(item), user)
    rows = list(holder.items.all())
    seen = next((number for number, one in enumerate(rows) if one.pk == item.pk), None)
    to = place + (1 if later else -1)
    if seen != place or not 0 <= to < len(rows):
        return
    rows[place], rows[to] = rows[to], rows[place]
    for number, one in enumerate(rows):
        type(item).objects.filter(pk=one.pk).update(position=number)
    _changed(holder, user, What.ORDER, item.name)


def _changed(
    holder: Holder, user: Any, what: str | None, title: str, *, review: bool = False
) -> None:
    """What follows from a change of items: copies, what learners read, completions, the log."""
    if isinstance(holder, ClassPlan):
        plan_copy(holder)
        log.record("class_plan.change", actor=user, target=holder, what=str(what or "text"))
        return
    TrainingClass.objects.filter(pk=holder.pk).update(follows_plan=False)
    if what is not None:
        learners_told(holder, what, title=title)
    if review:
        # Of what is asked for no longer nobody waits; a completion is not taken back by it.
        transaction.on_commit(partial(class_wake, holder.pk))
    log.record("training_class.change", actor=user, target=holder, what=str(what or "text"))


def _check_times(holder: Holder, begin: dt.datetime | None, end: dt.datetime | None) -> None:
    if isinstance(holder, TrainingClass) and (problem := times_problem(holder, begin, end)):
        raise ClassError(problem)


def times_problem(run: TrainingClass, begin: dt.datetime | None, end: dt.datetime | None) -> str:
    """Why a session cannot be then: it is of one day of its run, so what it earns is bounded."""
    if begin is None or end is None:
        return ""
    first, last = timezone.localdate(begin), timezone.localdate(end)
    if first != last:
        return _("A session begins and ends on one day. Please make one for each day.")
    if not run.starts_on <= first <= run.ends_on:
        return _("The session must lie within the dates of the class.")
    return day_problem(first, today=timezone.localdate())


def day_problem(day: dt.date, *, today: dt.date) -> str:
    """Why nobody's presence on this day is entered any more; "" when it is.

    The years of claims and of lists on paper: a tick for a closed year would move its hours into
    the running one (ADR 22).
    """
    if day.year < first_year(today):
        return _("Sessions are entered for this year and the last one. Please check the date.")
    if closing_of(day.year) is not None:
        return _(
            "The year %(year)s is closed, so no session is entered for it and nobody ticked any "
            "more. If somebody is missing, please ask the department that keeps the hours."
        ) % {"year": day.year}
    return ""


def _holder(item: PlanItem | ClassItem) -> Holder:
    return item.plan if isinstance(item, PlanItem) else item.training_class
