"""What happened in classes, named again as often as somebody asks: for ledgers and reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Min, QuerySet

from lms.classes.models import ClassItem, Enrolment, ItemDone

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Attended:
    """One person at one offline session; wall-clock from `start` until `end`. `key`: its tick."""

    key: int
    person: int
    start: dt.datetime
    end: dt.datetime
    run: int
    item: int


@dataclass(frozen=True, slots=True)
class Completed:
    """One person who completed one run, whatever stretches of enrolment there were."""

    person: int
    run: int
    at: dt.datetime


def attended_sessions(*, rows: QuerySet[ItemDone] | None = None) -> Iterator[Attended]:
    """All attendances that stand, or those among `rows`, in the order in which they were ticked."""
    ticks = ItemDone.objects.all() if rows is None else rows
    found = ticks.filter(item__content=ClassItem.Content.SESSION, item__ends_at__isnull=False)
    fields = (
        "pk",
        "user_id",
        "item__starts_at",
        "item__ends_at",
        "item__training_class_id",
        "item_id",
    )
    for values in found.order_by("pk").values_list(*fields).iterator(chunk_size=CHUNK):
        yield Attended(*values)


def completed_classes() -> Iterator[Completed]:
    rows = Enrolment.objects.filter(completed_at__isnull=False)
    first = rows.order_by().values("user_id", "training_class_id").annotate(at=Min("completed_at"))
    for values in first.values_list("user_id", "training_class_id", "at").iterator(
        chunk_size=CHUNK
    ):
        yield Completed(*values)
