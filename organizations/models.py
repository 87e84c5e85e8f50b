"""People: the organisation tree, accounts, dated memberships and posts.

What a person may see follows from these rows (`organizations.scope`). Lectures, watching and
classes do not belong here, and no identity-card number, face or location ever does.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from organizations import scope


def today() -> dt.date:
    """The date in the installation's time zone."""
    return timezone.localdate()


class OrganizationQuerySet(MP_NodeQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Units inside the union of the user's posts and below, and the own branch."""
        return self.filter(scope.organization_filter(user, include_home=True))

    def within(self, organization: Organization) -> Self:
        """The unit itself and everything below it: one indexed prefix filter."""
        return self.filter(path__startswith=organization.path)


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

    objects = OrganizationManager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        return self.name


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: Any) -> Self:
        """The user and the people whose home or host branch lies within the user's scope."""
        people = Membership.objects.current().filter(
            scope.organization_filter(user, field="organization")
        )
        return self.filter(Q(pk=user.pk) | Q(pk__in=people.values("user")))


class LecternUserManager(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    pass


class User(AbstractUser):
    """An account. `username` is the account name; what others read is `name`."""

    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("name"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, null=True, blank=True, unique=True)
    is_demo = models.BooleanField(_("demo account"), default=False)
    elder_mode = models.BooleanField(_("large-text mode"), default=False)

    objects = LecternUserManager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ("username",)

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def first_name(self) -> str:  # type: ignore[override]
        """Wagtail's side bar greets by this name."""
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class DatedQuerySet(models.QuerySet[Any]):
    def current(self, on: dt.date | None = None) -> Self:
        """Rows in force on a day, by default today."""
        day = on or today()
        return self.filter(valid_from__lte=day).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day)
        )


class DatedTie(models.Model):
    """A person's tie to a unit, from `valid_from` on, until the day before `valid_to`."""

    valid_from = models.DateField(_("from"), default=today)
    valid_to = models.DateField(_("until"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True


class Membership(DatedTie):
    class Kind(models.TextChoices):
        HOME = "home", _("home branch")
        HOST = "floating_host", _("host branch of a floating member")

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="memberships",
        verbose_name=_("organisation"),
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.HOME)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(kind="home", valid_to__isnull=True),
                name="one_open_home_membership",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                name="membership_dates_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} – {self.organization}"


class Post(DatedTie):
    class Role(models.TextChoices):
        SECRETARY = "secretary", _("branch secretary")
        REVIEWER = "reviewer", _("reviewer")
        CURATOR = "curator", _("curator")
        ADMINISTRATOR = "administrator", _("administrator")

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="posts", verbose_name=_("person")
    )
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="posts",
        verbose_name=_("organisation"),
    )
    role = models.CharField(_("post"), max_length=16, choices=Role.choices)

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = (
            models.UniqueConstraint(
                fields=["user", "organization", "role"],
                condition=Q(valid_to__isnull=True),
                name="one_open_post_of_a_kind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} – {self.get_role_display()} – {self.organization}"
