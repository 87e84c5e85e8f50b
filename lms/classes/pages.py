"""What the pages of a class show to one person. Templates get everything ready."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.classes.cards import class_card, learner_classes, managed_classes
from lms.classes.criterion import Criterion
from lms.classes.enrolments import completed_by, criterion_from
from lms.classes.items import class_items, next_item
from lms.classes.models import ClassItem, Enrolment, TrainingClass
from lms.watching.strips import lecture_strips


def list_context(*, user: Any, now: dt.datetime | None = None) -> dict[str, Any]:
    return {
        "classes": [one.card for one in learner_classes(user=user, now=now)],
        "managed_classes": managed_classes(user=user, now=now),
    }


def items_in_order(training_class: TrainingClass) -> list[ClassItem]:
    """Required items, then electives, each in the order of the class; with what cards show."""
    items = training_class.items.select_related("lecture__asset", "lecture__organization")
    return sorted(items, key=lambda item: (not item.is_required, item.position, item.pk))


def detail_context(
    *,
    user: Any,
    training_class: TrainingClass,
    request: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> dict[str, Any]:
    """A fixed number of queries for any number of items."""
    now = now or timezone.now()
    rows = items_in_order(training_class)
    criterion = criterion_from(
        [(row.lecture_id, row.kind) for row in rows], training_class.electives_needed
    )
    done = completed_by([user.pk], criterion.lectures)[user.pk]
    strips = lecture_strips(user=user, lectures=[row.lecture for row in rows])
    items = class_items(rows, strips=strips, done=done, request=request, now=now)
    enrolment = Enrolment.objects.open().filter(user=user, training_class=training_class).first()
    standing = criterion.standing(done)
    card = class_card(
        training_class,
        standing,
        today=timezone.localdate(now),
        completed_at=enrolment.completed_at if enrolment else None,
    )
    card.rule_text = rule_text(criterion)
    if TrainingClass.objects.managed_by(user).filter(pk=training_class.pk).exists():
        card.progress_url = reverse("classes:progress", args=[training_class.pk])
    return {
        "training_class": card,
        "enrolled": enrolment is not None,
        "next_item": next_item(items, standing),
        "required_items": [item for item in items if item.lecture.is_required],
        "elective_items": [item for item in items if not item.lecture.is_required],
    }


def rule_text(criterion: Criterion) -> str:
    """What completes the class, in one sentence; "" for a class that asks for nothing."""
    needed = criterion.electives_needed
    if criterion.required and needed:
        return ngettext(
            "The class is completed with all required lectures and %(count)s elective.",
            "The class is completed with all required lectures and %(count)s electives.",
            needed,
        ) % {"count": needed}
    if criterion.required:
        return _("The class is completed with all required lectures.")
    if needed:
        return ngettext(
            "The class is completed with %(count)s elective lecture.",
            "The class is completed with %(count)s elective lectures.",
            needed,
        ) % {"count": needed}
    return ""
