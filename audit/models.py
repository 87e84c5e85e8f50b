"""The append-only log: who did what to whom, when, from where, with which result.

Holds ids and short facts, never names or contents, so that erasing a person's data does not
touch it. What is worth an entry is decided by the acting app, through `audit.log.record`.
`audit.chain` gives each entry its position and digest; triggers (`audit.guards`) refuse every
change in the database itself.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AppendOnlyError(RuntimeError):
    """Somebody tried to change or delete a log entry; that is a programming error."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def update(self, **kwargs: Any) -> int:
        raise AppendOnlyError("Audit entries are never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("Audit entries are never deleted.")


class AuditEntry(models.Model):
    class Result(models.TextChoices):
        DONE = "done", _("done")
        DENIED = "denied", _("denied")
        FAILED = "failed", _("failed")

    # Without gaps from 1, in the order of commits.
    position = models.PositiveBigIntegerField(_("number"), unique=True, editable=False)
    # Over this entry and the digest of the one before (`audit.canonical`).
    digest = models.CharField(_("digest"), max_length=64, editable=False)
    at = models.DateTimeField(_("time"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("actor"),
    )
    action = models.CharField(_("action"), max_length=64)
    target_type = models.CharField(_("kind of object"), max_length=64, blank=True)
    target_id = models.CharField(_("object"), max_length=64, blank=True)
    result = models.CharField(
        _("result"), max_length=8, choices=Result.choices, default=Result.DONE
    )
    address = models.GenericIPAddressField(_("network address"), null=True, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["target_type", "target_id"], name="audit_target"),
            models.Index(fields=["at", "position"], name="audit_time"),
            models.Index(fields=["action", "position"], name="audit_action"),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action} {self.target_type} {self.target_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("Audit entries are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("Audit entries are never deleted.")


class AuditHead(models.Model):
    """The one row that says where the chain ends; who appends holds it locked until the commit."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    # Tells this log from that of any other database.
    chain = models.CharField(max_length=32)
    position = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("head of the audit chain")
        verbose_name_plural = _("heads of the audit chain")
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="audit_one_head"),)

    def __str__(self) -> str:
        return f"{self.chain} {self.position}"
