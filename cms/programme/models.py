"""Menus by audience (菜单式点播), what branches order from them, and 党课开讲啦.

A menu is offered by a unit; an ordered one is a branch's programme on a date, a copy that the
branch may change. What was held is a lecture activity. Acts are in `ordering` and `logging`.
"""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from cms.curated import Audience, KeptByUnit, OrderedLecture
from cms.plain import LineField, ProseField
from organizations import scope

MOST_PEOPLE = 100_000


class MenuQuerySet(models.QuerySet["Menu"]):
    def visible_to(self, user: Any) -> Self:
        """Those on offer, for people who are signed in."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(is_offered=True)


class Menu(KeptByUnit, ClusterableModel):
    title = LineField(_("title"), max_length=60)
    audience = models.ForeignKey(
        Audience, on_delete=models.PROTECT, related_name="menus", verbose_name=_("audience")
    )
    introduction = ProseField(_("introduction"), max_length=600, blank=True)
    is_offered = models.BooleanField(_("on offer"), default=True)

    objects = MenuQuerySet.as_manager()

    class Meta:
        verbose_name = _("menu")
        verbose_name_plural = _("menus")
        ordering = ("audience__position", "audience__name", "title", "pk")

    def __str__(self) -> str:
        return self.title


class MenuItem(OrderedLecture):
    menu = ParentalKey(Menu, on_delete=models.CASCADE, related_name="items")

    class Meta(OrderedLecture.Meta):
        verbose_name = _("lecture of a menu")
        verbose_name_plural = _("lectures of menus")
        constraints = (
            models.UniqueConstraint(
                fields=["menu", "lecture"], name="one_item_per_lecture_and_menu"
            ),
        )

    def __str__(self) -> str:
        return f"{self.menu} – {self.lecture}"


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def visible_to(self, user: Any) -> Self:
        """Those of the units within the user's scope, and of the own branch."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(scope.organization_filter(user, field="organization", include_home=True))


class Programme(models.Model):
    """What a branch watches together on a date."""

    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        related_name="programmes",
        verbose_name=_("branch"),
    )
    on = models.DateField(_("date"))
    title = LineField(_("title"), max_length=60)
    # Which menu it was ordered from; the branch's copy stays when that is deleted.
    menu = models.ForeignKey(
        Menu,
        on_delete=models.SET_NULL,
        null=True,
        related_name="programmes",
        verbose_name=_("menu"),
    )
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("ordered by"),
    )
    ordered_at = models.DateTimeField(_("ordered at"), default=timezone.now)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ("-on", "-pk")
        constraints = (
            # A second tap orders nothing a second time.
            models.UniqueConstraint(
                fields=["organization", "on", "menu"], name="one_programme_of_a_menu_and_day"
            ),
        )

    def __str__(self) -> str:
        return f"{self.organization} – {self.title}"


class ProgrammeItem(OrderedLecture):
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="items")

    class Meta(OrderedLecture.Meta):
        verbose_name = _("lecture of a programme")
        verbose_name_plural = _("lectures of programmes")
        constraints = (
            models.UniqueConstraint(
                fields=["programme", "lecture"], name="one_item_per_lecture_and_programme"
            ),
        )

    def __str__(self) -> str:
        return f"{self.programme} – {self.lecture}"


class ActivityQuerySet(models.QuerySet["LectureActivity"]):
    def visible_to(self, user: Any) -> Self:
        """Those of the units within the user's scope."""
        return self.filter(scope.organization_filter(user, field="organization"))


class LectureActivity(models.Model):
    """One lecture that was held (党课开讲啦): counts as one session, and its headcount."""

    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        related_name="lecture_activities",
        verbose_name=_("held by"),
    )
    held_on = models.DateField(_("date"))
    title = LineField(pgettext_lazy("activity", "title"), max_length=80)
    speaker = LineField(_("speaker"), max_length=60)
    place = LineField(_("place"), max_length=80)
    headcount = models.PositiveIntegerField(
        _("headcount"),
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PEOPLE)],
    )
    recording = models.ForeignKey(
        "cms.LecturePage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recording in the library"),
    )
    programme = models.OneToOneField(
        Programme,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="activity",
        verbose_name=_("programme"),
    )
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("logged by"),
    )
    logged_at = models.DateTimeField(_("logged at"), default=timezone.now)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("lecture activity")
        verbose_name_plural = _("lecture activities")
        ordering = ("-held_on", "-pk")
        indexes = (models.Index(fields=["held_on", "organization"], name="activity_day_unit"),)
        constraints = (
            # A second tap, or the same row of a workbook, logs nothing a second time.
            models.UniqueConstraint(
                fields=["organization", "held_on", "title", "speaker", "place"],
                name="one_activity_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(headcount__gte=1, headcount__lte=MOST_PEOPLE),
                name="activity_headcount_in_range",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.held_on})"


class ActivityImportQuerySet(models.QuerySet["ActivityImport"]):
    def visible_to(self, user: Any) -> Self:
        """Whoever uploaded it."""
        return self.filter(who=user) if user.is_authenticated else self.none()


class ActivityImport(models.Model):
    """A workbook of activities that was read: its rows, and what becomes of each."""

    class State(models.TextChoices):
        CHECKED = "checked", _("checked")
        DONE = "done", _("written")
        CANCELLED = "cancelled", _("cancelled")

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    who = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    file_name = models.CharField(_("file"), max_length=120)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.CHECKED
    )
    # As `activity_rows.Row` writes them.
    rows = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ActivityImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of lecture activities")
        verbose_name_plural = _("imports of lecture activities")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.file_name
