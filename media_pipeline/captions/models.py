"""The captions of a recording, as the WebVTT that our own writer made of what came in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CaptionTrack(models.Model):
    """One track a recording. A new recording is a new asset, so it begins without captions."""

    class Source(models.TextChoices):
        UPLOADED = "uploaded", _("uploaded")
        RECOGNISED = "recognised", _("recognised from speech")

    asset = models.OneToOneField(
        "media_pipeline.VideoAsset", on_delete=models.CASCADE, related_name="captions"
    )
    text = models.TextField()
    cues = models.PositiveIntegerField()
    source = models.CharField(max_length=12, choices=Source.choices, default=Source.UPLOADED)
    # When a person vouched for what a machine had heard; uploaded ones need nobody.
    checked_at = models.DateTimeField(null=True, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("captions")
        verbose_name_plural = _("captions")

    def __str__(self) -> str:
        return f"{self.asset_id} {self.cues}"

    @property
    def is_unchecked(self) -> bool:
        return self.source == self.Source.RECOGNISED and self.checked_at is None
