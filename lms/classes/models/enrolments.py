"""Who learns in a run, since when, by which way; and who asks to."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.classes.models.rules import EnrolmentRule
from lms.classes.models.runs import TrainingClass
from lms.ledger.standings import exempt_people
from organizations import scope


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def open(self) -> Self:
        """Not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def asked(self) -> Self:
        """Without whoever is exempt today: they learn here and stand outside the figures."""
        return self.filter(~exempt_people())

    def visible_to(self, user: Any) -> Self:
        """Learners whose branch at enrolment lies within the user's scope.

        Whoever had no branch is seen by those whose scope holds the class.
        """
        within = scope.organization_filter(user, field="organization")
        if within == scope.NOTHING:
            return self.none()
        homeless = scope.organization_filter(user, field="training_class__organization")
        return self.filter(within | (Q(organization__isnull=True) & homeless))


class Enrolment(models.Model):
    """One stretch of somebody's learning in a run; coming back after a withdrawal is another."""

    class Origin(models.TextChoices):
        HAND = "hand", _("by hand")
        RULE = "rule", _("by a rule")
        EXCEL = "excel", _("from Excel")
        ASKED = "asked", _("asked to join")
        BEFORE = "before", _("not recorded")

    training_class = models.ForeignKey(
        TrainingClass, on_delete=models.CASCADE, related_name="enrolments", verbose_name=_("class")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="enrolments",
        verbose_name=_("learner"),
    )
    # The home branch at the time, so that a later move does not rewrite the figures.
    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="enrolments",
        verbose_name=_("home branch at enrolment"),
    )
    origin = models.CharField(_("way"), max_length=6, choices=Origin.choices, default=Origin.HAND)
    rule = models.ForeignKey(
        EnrolmentRule, on_delete=models.SET_NULL, null=True, blank=True, related_name="enrolments"
    )
    enrolled_at = models.DateTimeField(_("enrolled at"), default=timezone.now)
    completed_at = models.DateTimeField(_("completed at"), null=True, blank=True)
    # By which rule, and when each thing was done that the run asked for (`lms.classes.proofs`).
    completion_rule = models.CharField(_("rule of completion"), max_length=16, blank=True)
    evidence = models.JSONField(_("evidence of completion"), default=dict, blank=True)
    seal = models.CharField(max_length=64, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    # Since which day the rule that enrolled the person no longer meets them.
    unfit_since = models.DateField(_("no longer meant since"), null=True, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = (
            models.UniqueConstraint(
                fields=["training_class", "user"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_open_enrolment_per_person_and_class",
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True, completion_rule="")
                | Q(completed_at__isnull=False) & ~Q(completion_rule=""),
                name="completion_has_its_rule",
            ),
        )
        indexes = (models.Index(fields=["training_class", "user"], name="enrolment_person"),)

    def __str__(self) -> str:
        return f"{self.user} – {self.training_class}"


class EnrolmentRequest(models.Model):
    """Somebody asks to join a run; who holds it decides."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")
        TAKEN_BACK = "taken_back", _("taken back")

    training_class = models.ForeignKey(
        TrainingClass, on_delete=models.CASCADE, related_name="requests"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("request to join a class")
        verbose_name_plural = _("requests to join classes")
        ordering = ("asked_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["training_class", "user"],
                condition=Q(state="waiting"),
                name="one_waiting_request_per_person_and_class",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.training_class_id} {self.state}"
