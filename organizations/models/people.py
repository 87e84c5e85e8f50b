"""Accounts and their dated ties: memberships, posts, tags.

What a person may see follows from these rows (`organizations.scope`). Acts on them are in
`organizations.people`. No identity-card number, face or location ever belongs here.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organizations import scope
from organizations.models.dated import DatedQuerySet, DatedTie
from organizations.models.marks import MarksField
from organizations.models.units import Organization


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: Any) -> Self:
        """The user, and the people with a tie today to a unit within the user's scope."""
        people = Membership.objects.current().within_scope_of(user)
        return self.filter(Q(pk=user.pk) | Q(pk__in=people.values("user")))


class LecternUserManager(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    pass


class User(AbstractUser):
    """An account. `username` is the account name; what others read is `name`."""

    last_name = None  # type: ignore[assignment]
    # Stable across imports; given by whoever keeps the roster. Never an identity-card number.
    code = models.CharField(_("person code"), max_length=32, null=True, blank=True, unique=True)
    name = models.CharField(pgettext_lazy("person", "name"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, null=True, blank=True, unique=True)
    is_demo = models.BooleanField(_("demo account"), default=False)
    elder_mode = models.BooleanField(_("large-text mode"), default=False)
    # Since a one-time credential was used; nobody signs in before, in whichever way.
    activated_at = models.DateTimeField(_("activated at"), null=True, blank=True)
    # Personal data were removed; the row stays as a pseudonym that figures rest on.
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    objects = LecternUserManager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ("username",)
        indexes = (
            # For the beginning of a name; a plain index answers LIKE in the C collation only.
            models.Index(
                fields=["name", "id"],
                name="user_name",
                opclasses=["varchar_pattern_ops", "int8_ops"],
            ),
            # Account names are looked up in any case, at every attempt to sign in.
            models.Index(Upper("username"), name="user_account_name"),
            # Who has not used the account yet, without reading the wide rows of everybody.
            models.Index(fields=["id"], name="user_waiting", condition=Q(activated_at=None)),
        )

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


class MembershipQuerySet(DatedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """The user's own, and those in units within the user's scope."""
        return self.filter(Q(user=user) | scope.organization_filter(user, field="organization"))

    def within_scope_of(self, user: Any) -> Self:
        """In units within the user's scope; the own ones only if they lie there."""
        return self.filter(scope.organization_filter(user, field="organization"))


class Membership(DatedTie):
    class Kind(models.TextChoices):
        HOME = "home", _("home branch")
        HOST = "floating_host", _("host branch of a floating member")
        LEARNER = "learner", _("learner, not a member")

    class EndReason(models.TextChoices):
        TRANSFERRED = "transferred", _("went to another branch")
        RETURNED = "returned", _("no longer floating here")
        FINISHED = "finished", _("no longer a learner here")
        DIED = "died", _("died")
        LEFT_PARTY = "left_party", _("left the party")
        MOVED_OUT = "moved_out", _("moved to another prefecture")
        MISTAKE = "mistake", _("entered by mistake")

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="memberships",
        verbose_name=_("organisation"),
        db_index=False,  # `membership_place` begins with it
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.HOME)
    end_reason = models.CharField(
        _("reason of the end"), max_length=12, choices=EndReason.choices, blank=True
    )

    # What a roster narrows by, kept by the database itself (`organizations.people.mark_bits`).
    marks = MarksField()

    objects: ClassVar[Any] = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        indexes = (
            # All that a roster asks of a unit's ties, and of somebody's, before it shows them.
            models.Index(
                fields=["organization", "marks", "kind", "user", "valid_from", "valid_to", "id"],
                name="membership_place",
            ),
            models.Index(
                fields=["user", "organization", "kind", "valid_from", "valid_to", "id"],
                name="membership_person",
            ),
        )
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
        AFFAIRS_OFFICER = "affairs_officer", _("party-affairs officer")
        SITE_OPERATOR = "site_operator", _("site operator")
        REVIEWER = "reviewer", _("reviewer")
        CURATOR = "curator", _("curator")
        ADMINISTRATOR = "administrator", _("system administrator")
        SECURITY = "security", _("security administrator")
        AUDITOR = "auditor", _("audit administrator")

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
            # System, security and audit administration are never in one hand.
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(
                    role__in=("administrator", "security", "auditor"), valid_to__isnull=True
                ),
                name="one_open_administration",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} – {self.get_role_display()} – {self.organization}"


class Tag(DatedTie):
    """A dated attribute of a person; many at a time, also of one dimension."""

    class Dimension(models.TextChoices):
        STAGE = "stage", _("stage")
        FIELD = "field", _("field of work")
        POSITION = "position", _("position")
        STATE = "state", _("state")

    class Value(models.TextChoices):
        APPLICANT = "applicant", _("applicant")
        ACTIVIST = "activist", _("applicant in training")
        CANDIDATE = "candidate", _("development target")
        PROBATIONARY = "probationary", _("probationary member")
        FULL = "full", _("full member")
        RURAL = "rural", _("rural")
        COMMUNITY = "community", _("community")
        GOVERNMENT = "government", _("government office")
        INSTITUTION = "institution", _("public institution")
        STATE_ENTERPRISE = "state_enterprise", _("state enterprise")
        SCHOOL = "school", _("school")
        NEW_SECTOR = "new_sector", _("new sector")
        SECRETARY = "secretary", _("party secretary")
        TEAM_MEMBER = "team_member", _("leadership team member")
        VILLAGE_COMMITTEE = "village_committee", _("village committee member")
        RESIDENT_OFFICIAL = "resident_official", _("resident official")
        FIRST_SECRETARY = "first_secretary", _("first secretary")
        AFFAIRS_WORKER = "affairs_worker", _("party-affairs worker")
        ORGANISATION_CADRE = "organisation_cadre", _("organisation department cadre")
        COMMUNITY_WORKER = "community_worker", _("community worker")
        FLOATING_OUT = "floating_out", _("floating, away")
        FLOATING_IN = "floating_in", _("floating, from elsewhere")
        RETIRED = "retired", _("retired")
        EXEMPT = "exempt", _("exempt (old age or illness)")

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="tags", verbose_name=_("person")
    )
    dimension = models.CharField(_("kind"), max_length=10, choices=Dimension.choices)
    value = models.CharField(_("tag"), max_length=24, choices=Value.choices)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        # With the days, so that who has a tag today is answered by the index alone.
        indexes = (
            models.Index(fields=["value", "user", "valid_from", "valid_to"], name="tag_value"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["user", "value"],
                condition=Q(valid_to__isnull=True),
                name="one_open_tag_of_a_kind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} – {self.get_value_display()}"


_D, _V = Tag.Dimension, Tag.Value
# Which values belong to which dimension, in the order in which people read them.
DIMENSIONS: dict[str, tuple[str, ...]] = {
    _D.STAGE: (_V.APPLICANT, _V.ACTIVIST, _V.CANDIDATE, _V.PROBATIONARY, _V.FULL),
    _D.FIELD: (
        _V.RURAL,
        _V.COMMUNITY,
        _V.GOVERNMENT,
        _V.INSTITUTION,
        _V.STATE_ENTERPRISE,
        _V.SCHOOL,
        _V.NEW_SECTOR,
    ),
    _D.POSITION: (
        _V.SECRETARY,
        _V.TEAM_MEMBER,
        _V.VILLAGE_COMMITTEE,
        _V.RESIDENT_OFFICIAL,
        _V.FIRST_SECRETARY,
        _V.AFFAIRS_WORKER,
        _V.ORGANISATION_CADRE,
        _V.COMMUNITY_WORKER,
    ),
    _D.STATE: (_V.FLOATING_OUT, _V.FLOATING_IN, _V.RETIRED, _V.EXEMPT),
}


def dimension_of(value: str) -> str:
    """The dimension that a tag value belongs to."""
    return next(dimension for dimension, values in DIMENSIONS.items() if value in values)
