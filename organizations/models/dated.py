"""Ties in time: rows that are in force from one day until another."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def today() -> dt.date:
    """The date in the installation's time zone."""
    return timezone.localdate()


class DatedQuerySet(models.QuerySet[Any]):
    def current(self, on: dt.date | None = None) -> Self:
        """Rows in force on a day, by default today."""
        day = on or today()
        ends_later = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
        return self.filter(ends_later, valid_from__lte=day)


class DatedTie(models.Model):
    """Something in force from `valid_from` on, until the day before `valid_to`."""

    valid_from = models.DateField(_("from"), default=today)
    valid_to = models.DateField(_("until"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True
