"""The ledger of hours: rules and targets as data, entries that are only ever added, the time that
they hold, claims of hours learnt elsewhere, closed years.

The thinking is in `rules`, `crediting`, `targets`; entries are written by `entries` alone, and the
database refuses to change them (`guards`). A person in an entry is an id: erasing somebody turns
the account into a pseudonym and leaves entries as they are.
"""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.ledger.rules import Kind, Rule, rule_from
from lms.ledger.targets import Category, Target

KINDS = (
    (Kind.SELF_STUDY.value, pgettext_lazy("hours", "self-study")),
    (Kind.CLASS.value, pgettext_lazy("hours", "training class")),
    (Kind.COLLECTIVE.value, pgettext_lazy("hours", "watching together")),
    (Kind.EXTERNAL.value, pgettext_lazy("hours", "outside")),
)
CATEGORIES = (
    (Category.MEMBER.value, _("party members")),
    (Category.LEADING.value, _("secretaries and team members")),
)
PERSON: Any = settings.AUTH_USER_MODEL


class CreditRule(models.Model):
    """A version after the first, which stands in `rules`. Never changed, like entries."""

    version = models.PositiveIntegerField(_("version of the rule"), unique=True)
    valid_from = models.DateField(_("from"))
    terms = models.JSONField(_("terms"))
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("credit rule")
        verbose_name_plural = _("credit rules")
        ordering = ("version",)
        constraints = (
            models.CheckConstraint(condition=Q(version__gte=2), name="rule_after_the_first"),
        )

    def __str__(self) -> str:
        return f"{self.version} {self.valid_from}"

    def rule(self) -> Rule:
        return rule_from(self.version, self.valid_from, self.terms)


class CreditEntryQuerySet(models.QuerySet["CreditEntry"]):
    def standing(self) -> Self:
        """Credits that nothing reversed."""
        reversals = CreditEntry.objects.filter(reverses=OuterRef("pk"))
        return self.filter(~Exists(reversals), reverses__isnull=True)


class CreditEntry(models.Model):
    """What one fact earned one person, or the reversal of it with the sign turned round."""

    class Reason(models.TextChoices):
        EVIDENCE = "evidence", _("what it rested on no longer counts")
        DERIVED = "derived", _("worked out anew")

    user = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="credit_entries")
    source = models.CharField(_("source"), max_length=16)
    source_key = models.BigIntegerField(_("row of the source"))
    subject = models.BigIntegerField(_("what it is about"))
    rule_version = models.PositiveIntegerField(_("version of the rule"))
    # How often this fact had been credited and reversed before.
    turn = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(_("kind"), max_length=12, choices=KINDS)
    at = models.DateTimeField(_("earned at"))
    year = models.PositiveSmallIntegerField(_("year of the books"))
    hours = models.DecimalField(_("hours"), max_digits=6, decimal_places=2)
    full_hours = models.DecimalField(_("hours by the rule"), max_digits=6, decimal_places=2)
    seconds = models.PositiveIntegerField(_("seconds of the day that it holds"))
    cut = models.PositiveIntegerField(_("seconds that were not free"), default=0)
    length = models.PositiveIntegerField(_("length of the recording in seconds"), null=True)
    # Wall-clock time in which it happened, and what of it is held: [[from, to], …].
    windows = models.JSONField(default=list)
    spans = models.JSONField(default=list)
    # The home branch on that day, so that a later move does not rewrite the figures.
    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("home branch at the time"),
    )
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="reversal"
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices, blank=True)
    booked_at = models.DateTimeField(_("booked at"))
    # Of all of the above, with a key that is not in the database.
    seal = models.CharField(max_length=64)

    objects = CreditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("credit entry")
        verbose_name_plural = _("credit entries")
        constraints = (
            models.UniqueConstraint(
                fields=["user", "source", "source_key", "rule_version", "turn"],
                condition=Q(reverses__isnull=True),
                name="one_credit_per_fact",
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, hours__gte=0, reason="")
                | (Q(reverses__isnull=False, hours__lte=0) & ~Q(reason="")),
                name="reversals_take_back",
            ),
        )
        indexes = (
            models.Index(fields=["user", "year"], name="credit_of_person"),
            models.Index(fields=["source", "source_key"], name="credit_of_fact"),
            # From a lecture to the people of a branch who learnt it.
            models.Index(fields=["source", "subject", "organization"], name="credit_of_subject"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.source} {self.source_key} {self.hours}"


class PersonLedger(models.Model):
    """Whose lock orders all writes to one person's ledger, as `PersonClock` does for watching."""

    user = models.OneToOneField(
        PERSON, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )

    class Meta:
        verbose_name = _("person's ledger")
        verbose_name_plural = _("people's ledgers")

    def __str__(self) -> str:
        return str(self.user_id)


class DayOccupancy(models.Model):
    """The credited time of one person on one day: [[from, to, entry], …] in order, never
    overlapping. Follows from the entries; kept so that a day is one row.
    """

    user = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(_("day"))
    spans = models.JSONField(default=list)

    class Meta:
        verbose_name = _("occupied day")
        verbose_name_plural = _("occupied days")
        constraints = (models.UniqueConstraint(fields=["user", "day"], name="one_row_per_day"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"


class HourTarget(models.Model):
    """Holds from its year on, until a later one of the same category and unit."""

    year = models.PositiveSmallIntegerField(_("from the year on"))
    category = models.CharField(_("for"), max_length=8, choices=CATEGORIES)
    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("unit"),
    )
    hours = models.DecimalField(_("hours a year"), max_digits=6, decimal_places=2)

    class Meta:
        verbose_name = _("yearly target")
        verbose_name_plural = _("yearly targets")
        constraints = (
            models.UniqueConstraint(
                fields=["year", "category", "organization"], name="one_target_of_a_unit"
            ),
            models.UniqueConstraint(
                fields=["year", "category"],
                condition=Q(organization__isnull=True),
                name="one_target_of_everybody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.year} {self.category} {self.hours}"

    def target(self) -> Target:
        path = self.organization.path if self.organization else ""
        return Target(self.year, Category(self.category), path, self.hours)


class YearClosing(models.Model):
    """A year whose statements are frozen, or were until it was opened again."""

    year = models.PositiveSmallIntegerField(_("year"))
    closed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(_("closed at"))
    # Progress of the statements: people up to this id are done.
    last_user = models.BigIntegerField(default=0)
    done = models.PositiveIntegerField(_("statements made"), default=0)
    total = models.PositiveIntegerField(_("statements to make"), default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    reopened_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    reopened_at = models.DateTimeField(_("opened again at"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("closed year")
        verbose_name_plural = _("closed years")
        constraints = (
            models.UniqueConstraint(
                fields=["year"], condition=Q(reopened_at__isnull=True), name="closed_once"
            ),
        )

    def __str__(self) -> str:
        return str(self.year)


class YearStatement(models.Model):
    """One person's figures of a closed year as they stood."""

    closing = models.ForeignKey(YearClosing, on_delete=models.CASCADE, related_name="statements")
    user = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, null=True, related_name="+"
    )
    # None: nothing was asked of the person, who stands outside the denominators.
    target = models.DecimalField(_("target"), max_digits=6, decimal_places=2, null=True)
    counted = models.DecimalField(_("hours that count"), max_digits=7, decimal_places=2)
    by_kind = models.JSONField(default=dict)
    months = models.JSONField(default=list)

    class Meta:
        verbose_name = _("yearly statement")
        verbose_name_plural = _("yearly statements")
        constraints = (
            models.UniqueConstraint(fields=["closing", "user"], name="one_statement_per_person"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.counted}"


class ExternalClaim(models.Model):
    """Hours learnt elsewhere: claimed with evidence, checked by the branch, approved by the
    county.
    """

    class State(models.TextChoices):
        CHECKING = "checking", pgettext_lazy("claim", "waiting for the branch")
        APPROVING = "approving", pgettext_lazy("claim", "waiting for the county")
        SENT_BACK = "sent_back", pgettext_lazy("claim", "sent back")
        APPROVED = "approved", pgettext_lazy("claim", "approved")
        REFUSED = "refused", pgettext_lazy("claim", "refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("claim", "withdrawn")

    user = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="external_claims")
    # Whose keepers decide: the home branch when it was claimed.
    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("home branch"),
    )
    title = models.CharField(_("what was learnt"), max_length=100)
    host = models.CharField(_("where, held by whom"), max_length=100)
    learnt_on = models.DateField(_("last day"))
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=2)
    file = models.CharField(max_length=200)
    file_name = models.CharField(_("evidence"), max_length=120)
    # A double tap sends the same one; one wish is one claim.
    wish = models.UUIDField(unique=True)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.CHECKING
    )
    claimed_at = models.DateTimeField(_("claimed at"), default=timezone.now)
    checked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(_("checked at"), null=True)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("claim of hours learnt elsewhere")
        verbose_name_plural = _("claims of hours learnt elsewhere")
        indexes = (
            models.Index(fields=["organization", "state"], name="claim_waiting"),
            models.Index(fields=["user", "-claimed_at"], name="claim_of_person"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(hours__gt=0), name="claim_of_some_hours"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.title}"
