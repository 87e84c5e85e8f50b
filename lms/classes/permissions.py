"""Who may hold a class and who may see its learners. When is decided beside the act."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from lms.classes.models import Enrolment, TrainingClass
from organizations import scope
from organizations.models import Organization, Post
from organizations.permissions import passes

# Whose posts allow holding classes for a unit and everything below it.
ORGANISERS = (Post.Role.REVIEWER, Post.Role.CURATOR, Post.Role.ADMINISTRATOR)


def check_can_organise(user: Any, organization: Organization | None = None) -> None:
    """Reviewers, curators and administrators hold classes within their units."""
    units = scope.managed_units(user, roles=ORGANISERS)
    if not units:
        raise PermissionDenied(_("Training classes are held by reviewers and curators."))
    if organization is not None and not any(
        organization.path.startswith(unit.path) for unit in units
    ):
        raise PermissionDenied(_("You can hold classes only for units you are responsible for."))


def can_organise(user: Any, organization: Organization | None = None) -> bool:
    return passes(check_can_organise, user, organization)


def check_can_see_progress(user: Any, training_class: TrainingClass) -> None:
    """Whoever holds a post above the class, or above somebody who learns in it."""
    if not TrainingClass.objects.managed_by(user).filter(pk=training_class.pk).exists():
        raise PermissionDenied(_("This table is for those who look after the class."))


def learners_seen_by(user: Any, training_class: TrainingClass) -> Any:
    """Open enrolments of the class within the user's scope."""
    return Enrolment.objects.open().visible_to(user).filter(training_class=training_class)
