"""A run's copy of the items of its plan: made anew as long as it follows, frozen when it begins."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from cms.curated import CollectionItem
from lms.classes.models import ClassItem, ClassPlan, Item, ItemDone, PlanItem, TrainingClass

COPIED = ("kind", "title", "text", "link", "starts_at", "ends_at", "place", "hours")


@transaction.atomic
def items_copy(training_class: TrainingClass) -> None:
    """What the plan holds now. A lecture that stands there twice, by itself or in collections, is
    taken once, and is required if one of the places says so. Where somebody has done something
    already the copy stays as it is.
    """
    if ItemDone.objects.filter(item__training_class=training_class).exists():
        return
    training_class.items.all().delete()
    items = list(training_class.plan.items.select_related("lecture", "collection"))
    lectures = _lectures([one.collection_id for one in items if one.collection_id])
    made: list[ClassItem] = []
    by_lecture: dict[int, ClassItem] = {}
    for one in items:
        if one.content == Item.Content.COLLECTION:
            copies = [
                _copy(one, training_class, content=Item.Content.LECTURE, lecture_id=pk)
                for pk in lectures.get(one.collection_id or 0, [])
            ]
        else:
            copies = [_copy(one, training_class, content=one.content, lecture_id=one.lecture_id)]
        for copy in copies:
            known = by_lecture.get(copy.lecture_id or 0)
            if known is not None:
                if copy.is_required:
                    known.kind = copy.kind
                continue
            if copy.lecture_id:
                by_lecture[copy.lecture_id] = copy
            made.append(copy)
    for position, copy in enumerate(made):
        copy.position = position
    ClassItem.objects.bulk_create(made)


def _copy(
    one: PlanItem, training_class: TrainingClass, *, content: str, lecture_id: int | None
) -> ClassItem:
    facts = {name: getattr(one, name) for name in COPIED}
    return ClassItem(
        training_class=training_class,
        content=content,
        lecture_id=lecture_id,
        collection_id=one.collection_id,
        **facts,
    )


def _lectures(collections: list[int]) -> dict[int, list[int]]:
    """Collection → its published lectures, in their order."""
    found: dict[int, list[int]] = {}
    rows = CollectionItem.objects.filter(collection__in=collections, lecture__live=True)
    for collection, lecture in rows.order_by("collection", "position", "pk").values_list(
        "collection_id", "lecture_id"
    ):
        found.setdefault(collection, []).append(lecture)
    return found


def plan_copy(plan: ClassPlan, *, today: dt.date | None = None) -> int:
    """Bring a changed plan to its runs that have not begun; how many."""
    day = today or timezone.localdate()
    runs = plan.runs.filter(follows_plan=True, starts_on__gt=day)
    # Of two who change the plan at once the second copies what both have left.
    locked = list(runs.select_for_update(no_key=True).order_by("pk"))
    for run in locked:
        items_copy(run)
        TrainingClass.objects.filter(pk=run.pk).update(
            is_sequential=plan.is_sequential, electives_needed=plan.electives_needed
        )
    return len(locked)


def runs_begin(*, today: dt.date | None = None) -> int:
    """Copy once more and freeze the runs whose first day has come; how many."""
    day = today or timezone.localdate()
    begun = 0
    for pk in TrainingClass.objects.filter(follows_plan=True, starts_on__lte=day).values_list(
        "pk", flat=True
    ):
        with transaction.atomic():
            rows = TrainingClass.objects.select_for_update(no_key=True)
            run = rows.filter(pk=pk, follows_plan=True).first()
            if run is not None:
                items_copy(run)
                TrainingClass.objects.filter(pk=pk).update(follows_plan=False)
                begun += 1
    return begun
