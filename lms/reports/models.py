"""Figures of learning: sums at every unit, and what each person has been counted with.

Nothing here is a source: all of it follows from the ledger's entries, the roster and the tree
(`deriving`), by `contributions`. `counting` alone writes.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.reports.contributions import What

PERSON: Any = settings.AUTH_USER_MODEL


class Tally(models.Model):
    """One row of sums (`contributions.Key` and `Amount`)."""

    unit = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # the constraint begins with it
        verbose_name=_("unit"),
    )
    what = models.PositiveSmallIntegerField(choices=[(int(one), one.name) for one in What])
    item = models.BigIntegerField()
    month = models.PositiveSmallIntegerField()
    before = models.PositiveSmallIntegerField()
    people = models.IntegerField(default=0)
    times = models.IntegerField(default=0)
    hours = models.BigIntegerField(default=0)
    counted = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("sum of a unit")
        verbose_name_plural = _("sums of units")
        constraints = (
            models.UniqueConstraint(
                fields=["unit", "what", "item", "month", "before"], name="one_tally_of_a_kind"
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit_id} {self.what} {self.item} {self.month} {self.before}"


class ClassTally(models.Model):
    """How many people of a unit and below were enrolled in a run in one month and completed it in
    another; 0 where they have not. Months as in `contributions`. `class_tallies` alone writes.
    """

    run = models.ForeignKey(
        "classes.TrainingClass", on_delete=models.CASCADE, related_name="+", verbose_name=_("class")
    )
    unit = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # the constraint begins with it
        verbose_name=_("unit"),
    )
    enrolled_in = models.PositiveSmallIntegerField()
    completed_in = models.PositiveSmallIntegerField(default=0)
    people = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("sum of a class and unit")
        verbose_name_plural = _("sums of classes and units")
        constraints = (
            models.UniqueConstraint(
                fields=["unit", "run", "enrolled_in", "completed_in"],
                name="one_class_tally_of_a_kind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.run_id} {self.unit_id} {self.enrolled_in} {self.completed_in}"


class CountedRun(models.Model):
    """By what one sees that the enrolments of a run say something else by now; its row is the
    right to write its sums.
    """

    run = models.OneToOneField(
        "classes.TrainingClass", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    seen = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("counted class")
        verbose_name_plural = _("counted classes")

    def __str__(self) -> str:
        return str(self.run_id)


class Counted(models.Model):
    """What a person has been counted with: their part in the sums, to the last row."""

    user = models.OneToOneField(
        PERSON, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    # `contributions.plain`; what follows says the same of today, for lists.
    state = models.JSONField()
    home = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, null=True, related_name="+"
    )
    is_asked = models.BooleanField()
    # `contributions.months_learnt`.
    months = models.CharField(max_length=1200, blank=True)
    # Hundredths of hours asked for this year, None where nothing is, and of those that count.
    target = models.PositiveIntegerField(null=True)
    hours = models.IntegerField(default=0)
    # By what one sees that the roster or the ledger says something else by now (`looking`).
    roster = models.BigIntegerField(default=0)
    entries = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("counted person")
        verbose_name_plural = _("counted people")

    def __str__(self) -> str:
        return str(self.user_id)


class Mark(models.Model):
    """Somebody is to be counted anew; written in the transaction in which something changed."""

    user = models.ForeignKey(
        PERSON, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("mark of a person to count")
        verbose_name_plural = _("marks of people to count")

    def __str__(self) -> str:
        return str(self.user_id)


class Ground(models.Model):
    """Where a unit stood when people were last marked for it: ids from the topmost unit down."""

    unit = models.OneToOneField(
        "organizations.Organization", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    place = models.CharField(max_length=255)

    class Meta:
        verbose_name = _("counted place of a unit")
        verbose_name_plural = _("counted places of units")

    def __str__(self) -> str:
        return f"{self.unit_id} {self.place}"


class Counting(models.Model):
    """One row: whoever holds it counts, so that sums have one writer at a time."""

    # What everybody's figures rest on: the year, targets, closed years.
    premises = models.CharField(max_length=64, blank=True)
    looked_on = models.DateField(null=True)
    # All that had happened by then is in the figures.
    counted_to = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("state of counting")
        verbose_name_plural = _("states of counting")

    def __str__(self) -> str:
        return str(self.counted_to)
