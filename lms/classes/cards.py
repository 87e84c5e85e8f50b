"""Classes as cards: a learner's classes with their state, a manager's with their numbers.

A fixed number of queries for any number of classes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.classes.asks import Asks, Done, class_asks, done_by
from lms.classes.criterion import Standing
from lms.classes.models import Enrolment, TrainingClass
from lms.classes.permissions import organised_units
from organizations.permissions import units_path_covers

# More classes than anybody learns in or looks after at a time; older ones follow on no page yet.
MOST_CLASSES = 100
ORDER = {"open": 0, "upcoming": 1, "ended": 2}


@dataclass
class ClassCard:
    """What templates/components/class_card.html shows."""

    id: int
    title: str
    url: str
    run_text: str
    organization_name: str
    starts_on: dt.date
    ends_on: dt.date
    state: str
    days_left: int | None
    required_done: int
    required_total: int
    elective_done: int
    elective_total: int
    elective_needed: int
    percent: int
    completed_at: dt.datetime | None = None
    progress_url: str = ""
    desk_url: str = ""
    description: str = ""
    rule_text: str = ""
    enrolled_count: int = 0
    completed_count: int = 0


def class_card(
    training_class: TrainingClass,
    standing: Standing,
    *,
    today: dt.date,
    completed_at: dt.datetime | None = None,
) -> ClassCard:
    state = training_class.state_on(today)
    return ClassCard(
        id=training_class.pk,
        title=training_class.title,
        url=reverse("classes:detail", args=[training_class.pk]),
        run_text=run_text(training_class),
        organization_name=training_class.organization.name,
        starts_on=training_class.starts_on,
        ends_on=training_class.ends_on,
        state=state,
        days_left=(training_class.ends_on - today).days if state == "open" else None,
        required_done=standing.required_done,
        required_total=standing.required_total,
        elective_done=standing.elective_done,
        elective_total=standing.elective_total,
        elective_needed=standing.elective_needed,
        percent=100 if completed_at else standing.percent,
        completed_at=completed_at,
        description=training_class.description,
    )


def run_text(run: TrainingClass) -> str:
    """ "Run 2, catch-up"."""
    number = _("Run %(number)s") % {"number": run.number}
    tier = run.get_tier_display()
    return pgettext("run and tier", "%(run)s, %(tier)s") % {"run": number, "tier": tier}


@dataclass
class LearnerClass:
    """A learner's class: the card, what it asks for and what of it is done."""

    card: ClassCard
    asks: Asks
    done: Done
    is_sequential: bool

    @property
    def is_pending(self) -> bool:
        return self.card.state == "open" and self.card.completed_at is None


def learner_classes(*, user: Any, now: dt.datetime | None = None) -> list[LearnerClass]:
    """The classes a person is enrolled in: open ones first, those that end soonest first.

    Four queries at most: enrolments, items, completions, sessions and readings.
    """
    today = timezone.localdate(now or timezone.now())
    enrolments = list(
        Enrolment.objects.open()
        .filter(user=user)
        .select_related("training_class__organization")
        .order_by("-training_class__ends_on", "-pk")[:MOST_CLASSES]
    )
    asks = class_asks(one.training_class for one in enrolments)
    done = done_by([user.pk], asks.values()).get(user.pk, {}) if asks else {}
    classes = []
    for enrolment in enrolments:
        own = asks[enrolment.training_class_id]
        card = class_card(
            enrolment.training_class,
            own.criterion.standing(done),
            today=today,
            completed_at=enrolment.completed_at,
        )
        sequential = enrolment.training_class.is_sequential
        classes.append(LearnerClass(card=card, asks=own, done=done, is_sequential=sequential))
    return sorted(classes, key=_urgency)


def _urgency(one: LearnerClass) -> tuple[int, int, int]:
    card = one.card
    last = card.ends_on.toordinal()
    return ORDER[card.state], card.completed_at is not None, last if card.state == "open" else -last


def managed_classes(*, user: Any, now: dt.datetime | None = None) -> list[ClassCard]:
    """Classes the person looks after, newest first, counting the learners within the scope who
    are asked.
    """
    today = timezone.localdate(now or timezone.now())
    classes = list(
        TrainingClass.objects.managed_by(user).select_related("organization")[:MOST_CLASSES]
    )
    if not classes:
        return []
    asks = class_asks(classes)
    counts = {
        pk: (enrolled, completed)
        for pk, enrolled, completed in Enrolment.objects.open()
        .asked()
        .visible_to(user)
        .filter(training_class__in=classes)
        .order_by()
        .values("training_class")
        .annotate(enrolled=Count("pk"), completed=Count("pk", filter=Q(completed_at__isnull=False)))
        .values_list("training_class", "enrolled", "completed")
    }
    organised = organised_units(user)
    cards = []
    for one in classes:
        card = class_card(one, asks[one.pk].criterion.standing({}), today=today)
        card.progress_url = reverse("classes:progress", args=[one.pk])
        if units_path_covers(organised, one.organization):
            card.desk_url = reverse("classes:desk", args=[one.pk])
        card.enrolled_count, card.completed_count = counts.get(one.pk, (0, 0))
        cards.append(card)
    return cards
