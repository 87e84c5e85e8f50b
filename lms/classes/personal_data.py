"""What training classes keep about a learner."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from lms.classes.models import Enrolment
from organizations.privacy.holdings import QueryRows, Section, register
from organizations.privacy.rules import Fate, declare


def contribute() -> None:
    register("classes", classes)
    declare(
        "classes.Enrolment",
        {"user": Fate.KEEP},
        rest=("training_class", "organization", "enrolled_at", "completed_at", "withdrawn_at"),
        why="The figures of a class rest on it.",
    )


def classes(person: Any) -> Section:
    found = Enrolment.objects.filter(user=person).select_related("training_class", "organization")
    return Section(
        title=_("Training classes"),
        why=_("To show what you are to learn, and to tell the class what has been learnt."),
        kept=_(
            "For good, because figures rest on it; without your name once you have deleted "
            "your data."
        ),
        labels={
            "title": _("Class"),
            "unit": _("Your branch at the time"),
            "enrolled": _("Enrolled"),
            "completed": _("Completed"),
            "withdrawn": _("Withdrawn"),
        },
        rows=QueryRows(
            found.order_by("-enrolled_at", "pk"),
            lambda enrolment: {
                "title": enrolment.training_class.title,
                "unit": enrolment.organization.name if enrolment.organization else "",
                "enrolled": enrolment.enrolled_at,
                "completed": enrolment.completed_at,
                "withdrawn": enrolment.withdrawn_at,
            },
        ),
        icon="class",
    )
