"""Who may hold a class and who may see its learners. When is decided beside the act."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.translation import gettext as _

from lms.classes.models import LEVELS, ClassPlan, Enrolment, TrainingClass
from organizations import scope
from organizations.models import Organization, Post
from organizations.permissions import passes, units_path_covers

Role = Post.Role
# Whose posts allow holding classes for a unit and everything below it.
ORGANISERS = (
    Role.SECRETARY,
    Role.AFFAIRS_OFFICER,
    Role.REVIEWER,
    Role.CURATOR,
    Role.ADMINISTRATOR,
)


def organised_units(user: Any) -> list[Organization]:
    """From a village up: a branch holds no classes, it sends its people to those above it."""
    units = scope.managed_units(user, roles=ORGANISERS)
    return [unit for unit in units if unit.kind in LEVELS]


def check_can_organise(user: Any, organization: Organization | None = None) -> None:
    units = organised_units(user)
    if not units:
        raise PermissionDenied(
            _("Training classes are held by those who look after a village or a unit above it.")
        )
    if organization is not None and not units_path_covers(units, organization):
        raise PermissionDenied(_("You can hold classes only for units you are responsible for."))


def can_organise(user: Any, organization: Organization | None = None) -> bool:
    return passes(check_can_organise, user, organization)


def plans_offered(user: Any) -> Q:
    """Plans that the user may read: of the own units and below, and of every unit above them, so
    that a township runs what its county has planned.
    """
    units = organised_units(user)
    step = Organization.steplen
    above = {unit.path[:end] for unit in units for end in range(step, len(unit.path) + 1, step)}
    inside = scope.units_filter(units, field="organization")
    return inside | Q(organization__path__in=above)


def can_read_plan(user: Any, plan: ClassPlan) -> bool:
    return ClassPlan.objects.filter(plans_offered(user), pk=plan.pk).exists()


def check_can_see_progress(user: Any, training_class: TrainingClass) -> None:
    """Whoever holds a post above the class, or above somebody who learns in it."""
    if not TrainingClass.objects.managed_by(user).filter(pk=training_class.pk).exists():
        raise PermissionDenied(_("This table is for those who look after the class."))


def learners_seen_by(user: Any, training_class: TrainingClass) -> Any:
    """Open enrolments of the class within the user's scope."""
    return Enrolment.objects.open().visible_to(user).filter(training_class=training_class)
