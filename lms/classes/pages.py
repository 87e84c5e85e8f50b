"""What the pages of a class show to one person. Templates get everything ready."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.classes.asks import Asks, done_by
from lms.classes.cards import class_card, learner_classes, managed_classes
from lms.classes.criterion import Criterion
from lms.classes.items import ITEM_PARTS, class_items, next_item
from lms.classes.models import (
    ClassChange,
    ClassItem,
    Enrolment,
    EnrolmentRequest,
    TrainingClass,
    hours_announced,
)
from lms.classes.permissions import can_organise, organised_units
from lms.watching.strips import lecture_strips

# Of what changed in a run its learners read so many lines.
CHANGES = 10
OFFERED = 20


def list_context(*, user: Any, now: dt.datetime | None = None) -> dict[str, Any]:
    today = timezone.localdate(now or timezone.now())
    offered = TrainingClass.objects.on_offer_to(user, today=today).select_related("organization")
    return {
        "classes": [one.card for one in learner_classes(user=user, now=now)],
        "offered": list(offered[:OFFERED]),
        "managed_classes": managed_classes(user=user, now=now),
        "organises": bool(organised_units(user)),
    }


def items_in_order(training_class: TrainingClass) -> list[ClassItem]:
    """Required items, then electives, each in the order of the class; with what cards show."""
    items = training_class.items.select_related(*ITEM_PARTS)
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
    asks = Asks.of(rows, training_class.electives_needed)
    done = done_by([user.pk], [asks]).get(user.pk, {})
    lectures = [row.lecture for row in rows if row.lecture is not None]
    strips = lecture_strips(user=user, lectures=lectures)
    items = class_items(
        rows,
        strips=strips,
        done=done,
        request=request,
        now=now,
        is_sequential=training_class.is_sequential,
    )
    enrolment = Enrolment.objects.open().filter(user=user, training_class=training_class).first()
    standing = asks.criterion.standing(done)
    card = class_card(
        training_class,
        standing,
        today=timezone.localdate(now),
        completed_at=enrolment.completed_at if enrolment else None,
    )
    card.rule_text = rule_text(asks.criterion)
    if TrainingClass.objects.managed_by(user).filter(pk=training_class.pk).exists():
        card.progress_url = reverse("classes:progress", args=[training_class.pk])
    organises = can_organise(user, training_class.organization)
    requests = EnrolmentRequest.objects.filter(training_class=training_class, user=user)
    return {
        "training_class": card,
        "hours": hours_announced(rows),
        "enrolled": enrolment is not None,
        "next_item": next_item(items, standing),
        "required_items": [item for item in items if item.is_required],
        "elective_items": [item for item in items if not item.is_required],
        "sessions": [item for item in items if item.is_to_come and item.starts_at],
        "is_sequential": training_class.is_sequential,
        "changes": [change_text(one) for one in training_class.changes.all()[:CHANGES]],
        "desk_url": reverse("classes:desk", args=[training_class.pk]) if organises else "",
        "can_ask": enrolment is None and training_class.is_open_to_ask and card.state != "ended",
        "request_made": requests.order_by("-pk").first() if enrolment is None else None,
    }


def rule_text(criterion: Criterion) -> str:
    """What completes the class, in one sentence; "" for a class that asks for nothing."""
    needed = criterion.electives_needed
    if criterion.required and needed:
        return ngettext(
            "The class is completed with all required items and %(count)s elective.",
            "The class is completed with all required items and %(count)s electives.",
            needed,
        ) % {"count": needed}
    if criterion.required:
        return _("The class is completed with all required items.")
    if needed:
        return ngettext(
            "The class is completed with %(count)s elective.",
            "The class is completed with %(count)s electives.",
            needed,
        ) % {"count": needed}
    return ""


def change_text(change: ClassChange) -> dict[str, Any]:
    """One line of what changed, with its day."""
    What = ClassChange.What
    texts = {
        What.ADDED: _("Added: %(title)s"),
        What.REMOVED: _("Taken out: %(title)s"),
        What.KIND: _("Required or elective changed: %(title)s"),
        What.ORDER: _("Order changed: %(title)s"),
        What.SESSION: _("Time or place changed: %(title)s"),
        What.DATES: _("New dates: %(detail)s"),
        What.NEEDED: _("Electives needed: %(detail)s"),
    }
    text = texts[What(change.what)] % {"title": change.title, "detail": change.detail}
    return {"text": text, "at": change.at}
