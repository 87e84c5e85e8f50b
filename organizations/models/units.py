"""The organisation tree, how it stood at any day, and read scope granted across it.

`Organization` is today's tree; `Placement` holds, dated, what each unit was called and where it
stood. Both are written by `organizations.units.tree` only, in one transaction.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from organizations import scope
from organizations.models.dated import DatedQuerySet, DatedTie, today


class OrganizationQuerySet(MP_NodeQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Units inside the union of the user's posts and below, and the own branch."""
        return self.filter(scope.organization_filter(user, include_home=True))

    def within(self, organization: Organization) -> Self:
        """The unit itself and everything below it: one indexed range."""
        return self.filter(scope.subtree(organization.path))

    def open(self) -> Self:
        """Not closed."""
        return self.filter(closed_on__isnull=True)


class OrganizationManager(MP_NodeManager.from_queryset(OrganizationQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> OrganizationQuerySet:
        return OrganizationQuerySet(self.model, using=self._db).order_by("path")


class Organization(MP_Node):
    class Kind(models.TextChoices):
        CITY = "city", _("city")
        COUNTY = "county", _("county")
        TOWNSHIP = "township", _("township")
        VILLAGE = "village", _("village")
        BRANCH = "branch", _("party branch")
        LINE = "line", _("line unit")

    code = models.CharField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, db_index=True)
    opened_on = models.DateField(_("opened on"), default=today)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("merged into"),
    )

    objects = OrganizationManager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        return self.name


class PlacementQuerySet(DatedQuerySet):
    def within(self, place: Placement | str) -> Self:
        """The place itself and everything below it, of rows of one and the same day."""
        path = place if isinstance(place, str) else place.path
        return self.filter(scope.subtree(path))

    def visible_to(self, user: Any, *, on: dt.date | None = None) -> Self:
        """The rows of a day that then stood at or below the units within the user's scope.

        So a former superior still finds what it once held. Names of units and figures only:
        people are seen through today's scope.
        """
        rows = self.current(on)
        own = rows.filter(organization__in=[unit.pk for unit in scope.readable_units(user)])
        paths = scope.outermost(set(own.values_list("path", flat=True)))
        return rows.filter(scope.subtrees(paths))


class Placement(DatedTie):
    """What a unit was called and where it stood, from a day on until the day before another.

    The rows in force on one day are the whole tree of that day: `path` is the path of the unit
    in it, so a subtree of the past is one indexed range as well.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="placements"
    )
    parent = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=12, choices=Organization.Kind.choices)
    path = models.CharField(max_length=255, db_index=True)

    objects = PlacementQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("place in the tree")
        verbose_name_plural = _("places in the tree")
        constraints = (
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(valid_to__isnull=True),
                name="one_open_placement",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")),
                name="placement_dates_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.valid_from} – {self.valid_to or ''})"


class ScopeGrant(DatedTie):
    """Read scope of a line unit over a unit elsewhere in the tree, and what is below it."""

    holder = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="grants_held",
        verbose_name=_("line unit"),
    )
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="grants_given",
        verbose_name=_("organisation"),
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("granted read scope")
        verbose_name_plural = _("granted read scopes")
        constraints = (
            models.UniqueConstraint(
                fields=["holder", "organization"],
                condition=Q(valid_to__isnull=True),
                name="one_open_grant_of_a_kind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.holder} → {self.organization}"
