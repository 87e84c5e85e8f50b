"""What was decided about lectures, dated: published, in the library, premium, open to the public.

One row from a decision to its end, with who decided; nothing is edited into the past. The acts are
in `cms.decisions`. Whether members see a lecture is Wagtail's `live` alone; a row of PUBLISHED
follows it, so that all can be counted for any period.
"""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class StandingQuerySet(models.QuerySet["Standing"]):
    def open(self) -> Self:
        return self.filter(until__isnull=True)

    def decided(self, *, since: dt.datetime, before: dt.datetime) -> Self:
        """Decided within the period."""
        return self.filter(since__gte=since, since__lt=before)

    def at(self, instant: dt.datetime) -> Self:
        """In force at an instant."""
        return self.filter(since__lt=instant).filter(Q(until__isnull=True) | Q(until__gte=instant))


class Standing(models.Model):
    class Kind(models.TextChoices):
        PUBLISHED = "published", _("published")
        LIBRARY = "library", _("in the library")
        PREMIUM = "premium", _("premium")
        OPEN = "open", _("open to the public")

    lecture = models.ForeignKey(
        "cms.LecturePage",
        on_delete=models.CASCADE,
        related_name="standings",
        verbose_name=_("lecture"),
    )
    kind = models.CharField(_("state"), max_length=10, choices=Kind.choices)
    # Whose lecture it was then, so that a later move does not rewrite the figures.
    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("unit"),
    )
    since = models.DateTimeField(_("since"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    until = models.DateTimeField(_("until"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("ended by"),
    )

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = _("standing of a lecture")
        verbose_name_plural = _("standings of lectures")
        ordering = ("since", "pk")
        indexes = (models.Index(fields=["kind", "since"], name="standing_kind_since"),)
        constraints = (
            models.UniqueConstraint(
                fields=["lecture", "kind"],
                condition=Q(until__isnull=True),
                name="one_open_standing_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")),
                name="standing_dates_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.lecture} – {self.get_kind_display()}"


# Where a lecture says itself that a decision is in force.
FLAGS = {
    Standing.Kind.LIBRARY: "is_in_library",
    Standing.Kind.PREMIUM: "is_premium",
    Standing.Kind.OPEN: "is_open",
}
# What members are told of a lecture, and can narrow lists down by.
SELECTED = (Standing.Kind.PREMIUM, Standing.Kind.LIBRARY)
