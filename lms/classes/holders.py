"""Classes, their plans and rules, of units that were merged into another."""

import datetime as dt
from typing import Any

from django.utils import timezone

from lms.classes.models import ClassPlan, EnrolmentRule, TrainingClass
from organizations.models import Organization


def classes_follow(*, today: dt.date | None = None) -> int:
    """Hand classes that are not over, with plans and rules, to the unit that took theirs over; how
    many classes were.

    Classes of the past keep the unit that held them. A rule that stayed with a unit that is gone
    would meet nobody.
    """
    day = today or timezone.localdate()
    running = TrainingClass.objects.filter(ends_on__gte=day)
    _follow(ClassPlan.objects.all(), "organization")
    _follow(EnrolmentRule.objects.filter(training_class__in=running), "unit")
    return _follow(running, "organization")


def _follow(rows: Any, field: str) -> int:
    handed = 0
    for one in rows.filter(**{f"{field}__merged_into__isnull": False}).select_related(field):
        unit: Organization = getattr(one, field)
        while unit.merged_into is not None:
            unit = unit.merged_into
        handed += rows.model.objects.filter(pk=one.pk).update(**{field: unit})
    return handed
