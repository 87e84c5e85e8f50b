"""Online training classes (网上培训班): plans, their runs (期), who learns in them.

Progress in lectures is never stored per item: it is read from the completions of `lms.watching`, so
it can not disagree with the evidence. When a class is completed is decided in `criterion`, acts are
in `enrolments`, `planning`, `attendance`. Quizzes and certificates will be further contents of an
item.
"""

from lms.classes.models.content import Item, hours_announced
from lms.classes.models.enrolments import Enrolment, EnrolmentQuerySet, EnrolmentRequest
from lms.classes.models.plans import LEVELS, ClassPlan, PlanItem
from lms.classes.models.rules import ClassImport, EnrolmentRule
from lms.classes.models.runs import ClassChange, ClassItem, ItemDone, TrainingClass

__all__ = [
    "LEVELS",
    "ClassChange",
    "ClassImport",
    "ClassItem",
    "ClassPlan",
    "Enrolment",
    "EnrolmentQuerySet",
    "EnrolmentRequest",
    "EnrolmentRule",
    "Item",
    "ItemDone",
    "PlanItem",
    "TrainingClass",
    "hours_announced",
]
