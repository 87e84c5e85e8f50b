"""One-time credentials (a first sign-in, a forgotten password) and wishes to correct data."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.models.people import User


class Credential(models.Model):
    """A code that a manager issues and a person uses once to set a password.

    Only a digest is kept. Issuing another one revokes those before it.
    """

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="credentials", verbose_name=_("person")
    )
    digest = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(_("issued at"), default=timezone.now)
    expires_at = models.DateTimeField(_("valid until"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("one-time credential")
        verbose_name_plural = _("one-time credentials")
        constraints = (
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(used_at__isnull=True, revoked_at__isnull=True),
                name="one_open_credential",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} – {self.issued_at:%Y-%m-%d}"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def visible_to(self, user: Any) -> Self:
        """The user's own wishes, and those of the people within the user's scope."""
        return self.filter(Q(user=user) | Q(user__in=User.objects.visible_to(user).values("pk")))


class Correction(models.Model):
    """A person says that something in their data is wrong; whoever keeps the roster answers."""

    class State(models.TextChoices):
        OPEN = "open", _("waiting")
        DONE = "done", _("corrected")
        REFUSED = "refused", _("not changed")

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="corrections", verbose_name=_("person")
    )
    text = models.CharField(_("what is wrong and what is right"), max_length=300)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    answer = models.CharField(_("answer"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("sent at"), default=timezone.now)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.user} – {self.created_at:%Y-%m-%d}"
