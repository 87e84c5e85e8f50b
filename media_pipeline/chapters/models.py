"""The chapters of a recording, a row each."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from media_pipeline.chapters.reading import LONGEST_TITLE


class Chapter(models.Model):
    asset = models.ForeignKey(
        "media_pipeline.VideoAsset", on_delete=models.CASCADE, related_name="chapters"
    )
    second = models.PositiveIntegerField()
    title = models.CharField(max_length=LONGEST_TITLE)

    class Meta:
        verbose_name = _("chapter")
        verbose_name_plural = _("chapters")
        ordering = ("second",)
        constraints = (
            models.UniqueConstraint(fields=["asset", "second"], name="one_chapter_a_second"),
        )

    def __str__(self) -> str:
        return f"{self.second} {self.title}"
