"""Imports and exports of rosters: the queue of record for work on workbooks.

Celery messages are wake-ups only. Who changes a state, and when, is in
`organizations.roster.transitions`; what rows mean is in `organizations.roster.people_plan`.
"""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.models.people import User
from organizations.models.units import Organization


class LeasedWork(models.Model):
    """A row that a worker holds for a while; the fence is the token of whoever claimed last."""

    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_owner = models.CharField(max_length=100, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class OwnWorkQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """What the user began: nobody else sees a file with other people's data."""
        return self.filter(who=user) if user.is_authenticated else self.none()


class RosterImport(LeasedWork):
    """One uploaded file on its way into the roster or the tree."""

    class Kind(models.TextChoices):
        PEOPLE = "people", _("people")
        UNITS = "units", _("units")

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("waiting to be checked")
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked, nothing written yet")
        COMMITTING = "committing", _("being written")
        DONE = "done", _("done")
        REFUSED = "refused", _("file not readable")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("stopped by a failure")

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.PEOPLE)
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.UPLOADED, db_index=True
    )
    # None only for an import from the shell, which stands above all units.
    who = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("imported by")
    )
    unit = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("organisation"),
    )
    file_name = models.CharField(_("file"), max_length=120)
    # Names in the roster's storage (`organizations.roster.files`).
    source = models.CharField(max_length=100, blank=True)
    outcome = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    checked_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True, db_index=True)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    # How many rows of each plan, and of each outcome.
    plans = models.JSONField(default=dict, blank=True)
    outcomes = models.JSONField(default=dict, blank=True)
    # What was noticed about the file: [code, params], as with rows.
    notes = models.JSONField(default=list, blank=True)
    reason = models.JSONField(default=list, blank=True)

    objects = OwnWorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("roster import")
        verbose_name_plural = _("roster imports")
        ordering = ("-created_at",)
        indexes = (models.Index(fields=["who", "-created_at"], name="roster_import_own"),)

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display()})"


class RosterRow(models.Model):
    """One row of a file: what it says, what was planned, what became of it.

    `data`, `changes` and `messages` are plain JSON; the sentences are made when they are shown.
    Removed with the files after some days, so that no second roster is kept here.
    """

    class Plan(models.TextChoices):
        CREATE = "create", _("new")
        CHANGE = "change", _("changed")
        LEAVE = "leave", _("leaves")
        SAME = "same", _("unchanged")
        REFUSE = "refuse", _("not taken")

    class Outcome(models.TextChoices):
        WAITING = "", _("waiting")
        CREATED = "created", _("newly entered")
        CHANGED = "changed", _("changed")
        LEFT = "left", _("has left")
        SAME = "same", _("unchanged")
        REFUSED = "refused", _("not taken")

    roster_import = models.ForeignKey(RosterImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    # In which order rows are written: superior units before those below them.
    step = models.PositiveIntegerField(default=0)
    # Of the person or unit; decided at the check, so that a repeated commit makes nobody twice.
    code = models.CharField(max_length=32, blank=True)
    data = models.JSONField(default=dict)
    plan = models.CharField(max_length=8, choices=Plan.choices)
    changes = models.JSONField(default=list, blank=True)
    messages = models.JSONField(default=list, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("row of a roster import")
        verbose_name_plural = _("rows of a roster import")
        constraints = (
            models.UniqueConstraint(fields=["roster_import", "number"], name="one_row_of_a_number"),
        )
        indexes = (
            models.Index(fields=["roster_import", "plan", "number"], name="roster_row_plan"),
            models.Index(
                fields=["roster_import", "outcome", "step", "number"], name="roster_row_outcome"
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}: {self.get_plan_display()}"


class RosterExport(LeasedWork):
    """One workbook of the people of a unit, made for one person and one reason."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        MAKING = "making", _("being made")
        DONE = "done", _("ready")
        FAILED = "failed", _("stopped by a failure")
        EXPIRED = "expired", _("removed")

    class Reason(models.TextChoices):
        CHECK = "check", _("checking the roster")
        TRAINING = "training", _("preparing training")
        REPORT = "report", _("report asked for by a superior unit")
        VISIT = "visit", _("visits and help")
        OTHER = "other", _("another reason")

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.CharField(_("export number"), max_length=24, unique=True)
    state = models.CharField(
        _("state"), max_length=8, choices=State.choices, default=State.WAITING, db_index=True
    )
    who = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("exported by")
    )
    unit = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    filters = models.JSONField(default=dict, blank=True)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    reason_text = models.CharField(_("more about the reason"), max_length=200, blank=True)
    full_phones = models.BooleanField(_("whole phone numbers"), default=False)
    rows = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    file = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(_("asked for at"), default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True)
    failure = models.JSONField(default=list, blank=True)

    objects = OwnWorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("roster export")
        verbose_name_plural = _("roster exports")
        ordering = ("-created_at",)
        indexes = (models.Index(fields=["who", "-created_at"], name="roster_export_own"),)

    def __str__(self) -> str:
        return self.number
