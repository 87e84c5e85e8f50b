"""Online training classes (网上培训班): what is to be learnt, by whom, until when.

Progress is never stored per item: it is read from the completions of `lms.watching`, so it can
not disagree with the evidence. When a class is completed is decided in `criterion`, acts are in
`enrolments`. Quizzes and certificates will be further kinds of item.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from organizations import scope


class TrainingClassQuerySet(models.QuerySet["TrainingClass"]):
    def visible_to(self, user: Any) -> Self:
        """Classes the user is enrolled in, and those the user looks after."""
        if not user.is_authenticated:
            return self.none()
        own = Enrolment.objects.open().filter(user=user, training_class=OuterRef("pk"))
        return self.filter(Exists(own) | self._managed(user))

    def managed_by(self, user: Any) -> Self:
        """Classes held by units within the user's scope, or in which people from there learn."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(self._managed(user))

    def _managed(self, user: Any) -> Q:
        held = scope.organization_filter(user, field="organization")
        if held == scope.NOTHING:
            return held
        learners = Enrolment.objects.open().visible_to(user).filter(training_class=OuterRef("pk"))
        return held | Q(Exists(learners))


class TrainingClass(ClusterableModel):
    title = models.CharField(_("title"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        related_name="training_classes",
        verbose_name=_("held by"),
    )
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    electives_needed = models.PositiveIntegerField(_("elective lectures needed"), default=0)
    created_at = models.DateTimeField(default=timezone.now)

    objects = TrainingClassQuerySet.as_manager()

    class Meta:
        verbose_name = _("training class")
        verbose_name_plural = _("training classes")
        ordering = ("-starts_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("starts_on")), name="class_dates_in_order"
            ),
        )

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The class cannot end before it begins.")})

    def state_on(self, day: dt.date) -> str:
        """`upcoming`, `open` or `ended`; both the first and the last day are open."""
        if day < self.starts_on:
            return "upcoming"
        return "open" if day <= self.ends_on else "ended"


class ClassItem(models.Model):
    class Kind(models.TextChoices):
        REQUIRED = "required", _("required")
        ELECTIVE = "elective", _("elective")

    training_class = ParentalKey(
        TrainingClass, on_delete=models.CASCADE, related_name="items", verbose_name=_("class")
    )
    lecture = models.ForeignKey(
        "cms.LecturePage",
        on_delete=models.PROTECT,
        related_name="class_items",
        verbose_name=_("lecture"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.REQUIRED)
    position = models.PositiveIntegerField(_("order"), default=0, blank=True, editable=False)
    # Where Wagtail's forms keep the order.
    sort_order_field = "position"

    class Meta:
        verbose_name = _("class item")
        verbose_name_plural = _("class items")
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["training_class", "lecture"], name="one_item_per_lecture_and_class"
            ),
        )

    def __str__(self) -> str:
        return f"{self.training_class} – {self.lecture}"

    def clean(self) -> None:
        super().clean()
        kept = ClassItem.objects.filter(pk=self.pk, lecture=self.lecture_id)
        if self.lecture_id and not self.lecture.live and not (self.pk and kept.exists()):
            raise ValidationError({"lecture": _("Only published lectures can be learnt.")})

    @property
    def is_required(self) -> bool:
        return self.kind == self.Kind.REQUIRED


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def open(self) -> Self:
        """Not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

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
    enrolled_at = models.DateTimeField(_("enrolled at"), default=timezone.now)
    completed_at = models.DateTimeField(_("completed at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = (
            models.UniqueConstraint(
                fields=["training_class", "user"], name="one_enrolment_per_person_and_class"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} – {self.training_class}"
