"""Rules by which people are enrolled, and workbooks that name them: work for the background."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.classes.models.runs import TrainingClass
from organizations.models import Organization
from organizations.models.roster import LeasedWork
from organizations.people.wish import RosterWish


class EnrolmentRule(LeasedWork):
    """Everybody of a unit and below who has certain tags and a post, and lacks the class, perhaps.

    The row is the queue. A pass enrols chunk by chunk, in the order of the people's ids; `cursor`
    is the last that was looked at, so that a pass that was killed goes on from there.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("being enrolled")
        DONE = "done", _("done")
        FAILED = "failed", _("stopped by a failure")
        ENDED = "ended", _("ended")

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    training_class = models.ForeignKey(
        TrainingClass, on_delete=models.CASCADE, related_name="rules"
    )
    unit = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", verbose_name=_("unit")
    )
    tags = models.JSONField(default=dict, blank=True)  # dimension → value
    role = models.CharField(max_length=16, blank=True)
    # Only those who have completed no run of the plan, this one apart.
    lacking = models.BooleanField(_("only who still lacks it"), default=False)
    # Only those who learn in this run and have not completed it.
    of_class = models.ForeignKey(
        TrainingClass, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    stays_fresh = models.BooleanField(
        _("kept up to date"),
        default=True,
        help_text=_("New people who fit are enrolled by themselves; who no longer fits is marked."),
    )
    state = models.CharField(
        _("state"), max_length=8, choices=State.choices, default=State.WAITING, db_index=True
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    # Of the pass that runs, or of the last one.
    begun_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cursor = models.BigIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    looked_at = models.PositiveIntegerField(default=0)
    enrolled = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("enrolment rule")
        verbose_name_plural = _("enrolment rules")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.training_class_id} {self.unit_id} {self.tags} {self.role}"

    @property
    def wish(self) -> RosterWish:
        return RosterWish(tags=dict(self.tags), role=self.role)


class ClassImportQuerySet(models.QuerySet["ClassImport"]):
    def visible_to(self, user: Any) -> Self:
        """Whoever uploaded it."""
        return self.filter(who=user) if user.is_authenticated else self.none()


class ClassImport(models.Model):
    """A workbook of people for a run that was read: its rows, and what becomes of each.

    Removed some days later like other uploaded lists, so that no second roster is kept here.
    """

    class State(models.TextChoices):
        CHECKED = "checked", _("checked")
        DONE = "done", _("written")
        CANCELLED = "cancelled", _("cancelled")

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    training_class = models.ForeignKey(
        TrainingClass, on_delete=models.CASCADE, related_name="imports"
    )
    who = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    file_name = models.CharField(_("file"), max_length=120)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.CHECKED
    )
    # {"line", "name", "code", "phone", "unit", "person", "outcome", "problems"}
    rows = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ClassImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of learners")
        verbose_name_plural = _("imports of learners")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.file_name
