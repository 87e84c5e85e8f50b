"""What runs ask for, and what of it people have done: read from evidence, attendance and readings.

A fixed number of queries for any number of people and runs.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from lms.classes.criterion import Criterion
from lms.classes.models import ClassItem, Enrolment, ItemDone, TrainingClass
from lms.watching.models import Completion

# By item: the instant at which it was done.
Done = dict[int, dt.datetime]


@dataclass(frozen=True)
class Asks:
    """A run's criterion over its items, and which of these are lectures (item → lecture)."""

    criterion: Criterion
    lectures: dict[int, int]

    @classmethod
    def of(cls, items: Iterable[ClassItem], electives_needed: int) -> Asks:
        rows = list(items)
        return cls(
            Criterion(
                required=frozenset(one.pk for one in rows if one.is_required),
                electives=frozenset(one.pk for one in rows if not one.is_required),
                electives_needed=electives_needed,
            ),
            {one.pk: one.lecture_id for one in rows if one.lecture_id is not None},
        )


def class_asks(classes: Iterable[TrainingClass]) -> dict[int, Asks]:
    """By run. One query; none without runs."""
    needed = {one.pk: one.electives_needed for one in classes}
    if not needed:
        return {}
    items: dict[int, list[ClassItem]] = defaultdict(list)
    rows = ClassItem.objects.filter(training_class__in=needed).order_by()
    for item in rows.only("kind", "lecture_id", "training_class_id"):
        items[item.training_class_id].append(item)
    return {pk: Asks.of(items[pk], electives) for pk, electives in needed.items()}


def able_now(run: TrainingClass) -> QuerySet[Enrolment]:
    """Open enrolments of those who are asked and lack something that they can learn at this moment:
    a lecture that is published, a text. A session is waited for or over, a lecture that was taken
    down comes back; `Item.can_be_next` says the same of one person.
    """
    items = list(run.items.order_by().select_related("lecture"))
    now = [one for one in items if one.is_reading or (one.lecture and one.lecture.live)]
    required = [one for one in now if one.is_required]
    electives = [one for one in now if not one.is_required]
    learners = Enrolment.objects.open().asked().filter(training_class=run, completed_at=None)
    return learners.annotate(
        required_done=_done_of(required),
        electives_done=_done_of(electives),
        chosen=_done_of(one for one in items if not one.is_required),
    ).filter(
        Q(required_done__lt=len(required))
        | Q(electives_done__lt=len(electives), chosen__lt=run.electives_needed)
    )


def _done_of(items: Iterable[ClassItem]) -> Combinable:
    """How many of these items the person of an enrolment has done."""
    rows = list(items)
    lectures = [one.lecture_id for one in rows if one.lecture_id is not None]
    others = [one.pk for one in rows if one.lecture_id is None]
    person = OuterRef("user")
    learnt = Completion.objects.filter(user=person, lecture__in=lectures)
    ticked = ItemDone.objects.filter(user=person, item__in=others)
    return _count_of(learnt, "lecture") + _count_of(ticked, "item")


def _count_of(rows: QuerySet[Any], what: str) -> Coalesce:
    counted = rows.order_by().values("user").annotate(n=Count(what, distinct=True))
    return Coalesce(Subquery(counted.values("n")), 0)


def done_by(user_ids: Iterable[int], asks: Iterable[Asks]) -> dict[int, Done]:
    """By person. Of a lecture the first completion where there are several. Two queries at most."""
    people = list(user_ids)
    by_lecture: dict[int, list[int]] = defaultdict(list)
    others: list[int] = []
    for one in asks:
        for item, lecture in one.lectures.items():
            by_lecture[lecture].append(item)
        others += one.criterion.items - one.lectures.keys()
    done: dict[int, Done] = defaultdict(dict)
    if by_lecture:
        rows = Completion.objects.filter(user__in=people, lecture__in=list(by_lecture))
        for user, lecture, at in rows.values_list("user_id", "lecture_id", "completed_at"):
            for item in by_lecture[lecture]:
                done[user][item] = min(done[user].get(item, at), at)
    if others:
        ticks = ItemDone.objects.filter(user__in=people, item__in=others)
        for user, item, at in ticks.values_list("user_id", "item_id", "at"):
            done[user][item] = at
    return done
