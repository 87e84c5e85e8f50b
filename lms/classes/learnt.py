"""Which lectures were learnt for a class, asked by the ledger of hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.utils import timezone

from lms.classes.models import ClassItem, Enrolment
from lms.ledger.sources import Pair, class_finder


def contribute() -> None:
    class_finder(learnt_for_class)


def learnt_for_class(pairs: Collection[Pair]) -> set[Pair]:
    """Those of (person, lecture, instant) that fell into a running class with the lecture, while
    the person's enrolment was open.
    """
    items = ClassItem.objects.filter(lecture__in={lecture for _, lecture, _ in pairs})
    classes = defaultdict(set)
    for lecture, training_class in items.values_list("lecture_id", "training_class_id"):
        classes[lecture].add(training_class)
    enrolments = Enrolment.objects.filter(
        user__in={user for user, _, _ in pairs},
        training_class__in={pk for held in classes.values() for pk in held},
    )
    names = ("enrolled_at", "withdrawn_at", "training_class__starts_on", "training_class__ends_on")
    open_in = defaultdict(list)
    for user, training_class, *when in enrolments.values_list("user", "training_class", *names):
        open_in[user].append((training_class, *when))
    return {
        (user, lecture, at)
        for user, lecture, at in pairs
        for training_class, enrolled, withdrawn, first, last in open_in[user]
        if training_class in classes[lecture]
        and enrolled <= at
        and (withdrawn is None or at < withdrawn)
        and first <= timezone.localdate(at) <= last
    }
