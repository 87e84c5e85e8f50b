"""Small background work on finished recordings, as rows: the row is the queue, as for jobs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Chore(models.Model):
    """One kind of work on one recording; asking again replaces what was asked before."""

    class Kind(models.TextChoices):
        POSTER_FRAME = "poster_frame", _("take a picture")
        PACK = "pack", _("pack for download")
        SPEECH = "speech", _("recognise speech")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("given up")

    asset = models.ForeignKey(
        "media_pipeline.VideoAsset", on_delete=models.CASCADE, related_name="chores"
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    wish: models.JSONField[Any, Any] = models.JSONField(default=dict)
    result: models.JSONField[Any, Any] = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    # Changes with every wish and every claim; a write that carries an old one changes nothing.
    fence = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("chore")
        verbose_name_plural = _("chores")
        constraints = (
            models.UniqueConstraint(fields=["asset", "kind"], name="one_chore_of_a_kind"),
        )
        indexes = (models.Index(fields=["state", "claimed_until"], name="chores_due"),)

    def __str__(self) -> str:
        return f"{self.asset_id} {self.kind} {self.state}"
