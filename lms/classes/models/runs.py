"""Runs of classes (期): what is learnt, by whom, from when until when."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.plain import LineField, ProseField
from lms.classes.models.content import LECTURE_IF_LECTURE, TIMES_IN_ORDER, Item, MadeOnce
from lms.classes.models.plans import ClassPlan
from organizations import scope
from organizations.models import Membership


class TrainingClassQuerySet(models.QuerySet["TrainingClass"]):
    def visible_to(self, user: Any) -> Self:
        """Classes the user is enrolled in, those the user looks after, and those one may ask to
        join.
        """
        if not user.is_authenticated:
            return self.none()
        return self.filter(Exists(_own(user)) | self._managed(user) | self._on_offer(user))

    def managed_by(self, user: Any) -> Self:
        """Classes held by units within the user's scope, or in which people from there learn."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(self._managed(user))

    def on_offer_to(self, user: Any, *, today: dt.date) -> Self:
        """Open for asking, held at or above the own branch, not over, and not joined yet."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(~Exists(_own(user)), self._on_offer(user), ends_on__gte=today)

    def _managed(self, user: Any) -> Q:
        from lms.classes.models import Enrolment

        held = scope.organization_filter(user, field="organization")
        if held == scope.NOTHING:
            return held
        learners = Enrolment.objects.open().visible_to(user).filter(training_class=OuterRef("pk"))
        return held | Q(Exists(learners))

    def _on_offer(self, user: Any) -> Q:
        home = Membership.objects.current().filter(
            user=user.pk,
            kind=Membership.Kind.HOME,
            organization__path__startswith=OuterRef("organization__path"),
        )
        return Q(Exists(home), is_open_to_ask=True)


def _own(user: Any) -> Any:
    from lms.classes.models import Enrolment

    return Enrolment.objects.open().filter(user=user, training_class=OuterRef("pk"))


class TrainingClass(MadeOnce):
    """One run of a plan, held by a unit.

    Its items are a copy of the plan's. As long as `follows_plan` is set, a change of the plan is
    copied anew; on the first day, or when somebody changes the run's own items, the flag is taken
    away and the copy stays as it is (`lms.classes.copying`). A collection of the plan stands in the
    copy as its lectures of that moment. Whoever changes a run that has begun leaves a
    `ClassChange`, which its learners read.
    """

    class Tier(models.TextChoices):
        DEMONSTRATION = "demonstration", _("demonstration")
        GENERAL = "general", _("general")
        CATCH_UP = "catch_up", _("catch-up")

    plan = models.ForeignKey(
        ClassPlan, on_delete=models.PROTECT, related_name="runs", verbose_name=_("plan")
    )
    number = models.PositiveSmallIntegerField(_("number of the run"), default=1)
    tier = models.CharField(_("tier"), max_length=13, choices=Tier.choices, default=Tier.GENERAL)
    title = LineField(_("title"), max_length=100)
    description = ProseField(_("description"), max_length=2000, blank=True)
    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        related_name="training_classes",
        verbose_name=_("held by"),
    )
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    is_sequential = models.BooleanField(_("in order"), default=False)
    electives_needed = models.PositiveSmallIntegerField(_("electives needed"), default=0)
    is_open_to_ask = models.BooleanField(
        _("members may ask to join"),
        default=False,
        help_text=_("Members of the unit and below see the class and ask; you approve."),
    )
    follows_plan = models.BooleanField(default=False, editable=False)
    # From which run those come who still lack it.
    catches_up = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TrainingClassQuerySet.as_manager()

    class Meta:
        verbose_name = _("training class")
        verbose_name_plural = _("training classes")
        ordering = ("-starts_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("starts_on")), name="class_dates_in_order"
            ),
            models.UniqueConstraint(fields=["plan", "number"], name="one_run_of_a_number"),
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


class ClassItem(Item):
    """An item of a run: a lecture (of a collection, perhaps), a session, a text."""

    training_class = models.ForeignKey(
        TrainingClass, on_delete=models.CASCADE, related_name="items", verbose_name=_("class")
    )

    class Meta(Item.Meta):
        verbose_name = _("class item")
        verbose_name_plural = _("class items")
        constraints = (
            models.UniqueConstraint(
                fields=["training_class", "lecture"], name="one_item_per_lecture_and_class"
            ),
            models.CheckConstraint(condition=LECTURE_IF_LECTURE, name="class_item_lecture"),
            models.CheckConstraint(condition=TIMES_IN_ORDER, name="class_item_times_in_order"),
            models.CheckConstraint(
                condition=~Q(content="collection"), name="class_item_is_no_collection"
            ),
        )

    def __str__(self) -> str:
        return f"{self.training_class} – {self.name}"

    def clean(self) -> None:
        super().clean()
        kept = ClassItem.objects.filter(pk=self.pk, lecture=self.lecture_id)
        if self.lecture is not None and not self.lecture.live and not (self.pk and kept.exists()):
            raise ValidationError({"lecture": _("Only published lectures can be learnt.")})


class ItemDone(models.Model):
    """Somebody attended a session, or read a text. Lectures are never here: the evidence says it.

    A correction deletes the row and is logged. `at`: the end of the session, or when it was read.
    """

    item = models.ForeignKey(ClassItem, on_delete=models.PROTECT, related_name="done")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("learner"),
    )
    at = models.DateTimeField(_("time"))
    # Of a session: who ticked it.
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("attendance or reading")
        verbose_name_plural = _("attendances and readings")
        constraints = (
            models.UniqueConstraint(fields=["item", "user"], name="one_tick_per_item_and_person"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.item_id}"


class ClassChange(models.Model):
    """What changed in a run after it had begun; its learners read it."""

    class What(models.TextChoices):
        ADDED = "added", _("added")
        REMOVED = "removed", _("taken out")
        KIND = "kind", _("required or elective")
        ORDER = "order", _("order")
        SESSION = "session", _("time or place")
        DATES = "dates", _("dates")
        NEEDED = "needed", _("electives needed")

    training_class = models.ForeignKey(
        TrainingClass, on_delete=models.CASCADE, related_name="changes"
    )
    what = models.CharField(max_length=8, choices=What.choices)
    title = LineField(max_length=255, blank=True)
    # The new date or number, as text.
    detail = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("change of a class")
        verbose_name_plural = _("changes of classes")
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.training_class_id} {self.what}"
