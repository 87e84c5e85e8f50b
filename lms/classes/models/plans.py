"""Plans of classes: what is taught, before anybody learns it."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.plain import LineField, ProseField
from lms.classes.models.content import LECTURE_IF_LECTURE, Item, MadeOnce
from organizations import scope
from organizations.models import Organization

Kind = Organization.Kind
# Levels at which classes are held: city, county, township, village; and the line units beside them.
LEVELS = (Kind.CITY, Kind.COUNTY, Kind.TOWNSHIP, Kind.VILLAGE, Kind.LINE)


class ClassPlanQuerySet(models.QuerySet["ClassPlan"]):
    def visible_to(self, user: Any) -> Self:
        """Those kept by units within the user's scope."""
        return self.filter(scope.organization_filter(user, field="organization"))


class ClassPlan(MadeOnce):
    """What a class teaches. Its runs (`TrainingClass`) take the items over until they begin."""

    title = LineField(_("title"), max_length=100)
    description = ProseField(_("description"), max_length=2000, blank=True)
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="class_plans",
        verbose_name=_("kept by"),
    )
    is_sequential = models.BooleanField(
        _("in order"),
        default=False,
        help_text=_(
            "Required items open one after the other. What was learnt before counts in any order."
        ),
    )
    electives_needed = models.PositiveSmallIntegerField(_("electives needed"), default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ClassPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("class plan")
        verbose_name_plural = _("class plans")
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.title


class PlanItem(Item):
    plan = models.ForeignKey(ClassPlan, on_delete=models.CASCADE, related_name="items")

    class Meta(Item.Meta):
        verbose_name = _("item of a plan")
        verbose_name_plural = _("items of plans")
        constraints = (
            models.UniqueConstraint(
                fields=["plan", "lecture"], name="one_item_per_lecture_and_plan"
            ),
            models.CheckConstraint(condition=LECTURE_IF_LECTURE, name="plan_item_lecture"),
        )

    def __str__(self) -> str:
        return f"{self.plan} – {self.name}"
