"""What training classes keep about a learner."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from lms.classes.models import ClassImport, Enrolment, ItemDone
from organizations.privacy.holdings import QueryRows, Section, register
from organizations.privacy.retention import Kind, cleaned
from organizations.privacy.rules import Fate, declare, declare_act


def contribute() -> None:
    register("classes", classes)
    register("attendance", attendance)
    declare(
        "classes.Enrolment",
        {"user": Fate.KEEP},
        rest=(
            *("training_class", "organization", "enrolled_at", "completed_at", "withdrawn_at"),
            *("origin", "rule", "unfit_since", "completion_rule", "evidence", "seal"),
        ),
        why="The figures of a class rest on it.",
    )
    declare(
        "classes.ItemDone",
        {"user": Fate.KEEP, "recorded_by": Fate.KEEP},
        rest=("item", "at", "recorded_at"),
        why="Attendance at a session and texts read: the figures of a class rest on them.",
    )
    declare(
        "classes.EnrolmentRequest",
        {"user": Fate.DELETE, "decided_by": Fate.DETACH},
        rest=("training_class", "state", "asked_at", "decided_at"),
    )
    declare(
        "classes.EnrolmentRule",
        {"created_by": Fate.KEEP},
        rest=(
            *("uuid", "training_class", "unit", "tags", "role", "lacking", "of_class"),
            *("stays_fresh", "state", "created_at", "begun_at", "finished_at", "cursor", "found"),
            *("looked_at", "enrolled", "fence", "attempts", "lease_owner", "lease_expires_at"),
        ),
        why="Who set a rule that enrolled others; it names units and tags, nobody else.",
    )
    declare(
        "classes.ClassImport",
        {"who": Fate.DELETE},
        rest=("uuid", "training_class", "file_name", "state", "rows", "created_at"),
    )
    declare_act("class_imports", imports_forget)
    cleaned(Kind.ROSTER_IMPORTS, lambda before: ClassImport.objects.filter(created_at__lt=before))


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
            "way": _("How you were enrolled"),
        },
        rows=QueryRows(
            found.order_by("-enrolled_at", "pk"),
            lambda enrolment: {
                "title": enrolment.training_class.title,
                "unit": enrolment.organization.name if enrolment.organization else "",
                "enrolled": enrolment.enrolled_at,
                "completed": enrolment.completed_at,
                "withdrawn": enrolment.withdrawn_at,
                "way": enrolment.get_origin_display(),
            },
        ),
        icon="class",
    )


def attendance(person: Any) -> Section:
    found = ItemDone.objects.filter(user=person).select_related("item__training_class")
    return Section(
        title=_("Sessions attended and texts read"),
        why=_("To show what you are to learn, and to tell the class what has been learnt."),
        kept=_(
            "For good, because figures rest on it; without your name once you have deleted "
            "your data."
        ),
        labels={"title": _("Title"), "class": _("Class"), "at": _("Time")},
        rows=QueryRows(
            found.order_by("-at", "pk"),
            lambda one: {
                "title": one.item.title,
                "class": one.item.training_class.title,
                "at": one.at,
            },
        ),
        icon="class",
    )


def imports_forget(person: Any) -> int:
    """Take a person out of the lists that were handed in; they are few, and none is old."""
    forgotten = 0
    own = {person.phone, person.code} - {None, ""}
    for one in ClassImport.objects.only("pk", "rows").iterator():
        named = [
            row
            for row in one.rows
            if row["person"] == person.pk or own & {row["phone"], row["code"]}
        ]
        for row in named:
            row.update(name="", phone="", code="")
        if named:
            ClassImport.objects.filter(pk=one.pk).update(rows=one.rows)
            forgotten += len(named)
    return forgotten
