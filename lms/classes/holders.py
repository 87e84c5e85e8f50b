"""Classes of units that were merged into another."""

import datetime as dt

from django.utils import timezone

from lms.classes.models import TrainingClass


def classes_follow(*, today: dt.date | None = None) -> int:
    """Hand classes that are not over to the unit that took their holder over; how many were.

    Classes of the past keep the unit that held them.
    """
    day = today or timezone.localdate()
    handed = 0
    classes = TrainingClass.objects.filter(ends_on__gte=day)
    for one in classes.filter(organization__merged_into__isnull=False).select_related(
        "organization"
    ):
        unit = one.organization
        while unit.merged_into is not None:
            unit = unit.merged_into
        handed += TrainingClass.objects.filter(pk=one.pk).update(organization=unit)
    return handed
