"""Evidence of watching: one row per play session, one wall clock per person, completions.

Nothing here believes a client's clock, duration or percentage. Rows grow per session, never per
beat. What completion is worth (hours, certificates) does not belong here.
"""

from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PlaySessionQuerySet(models.QuerySet["PlaySession"]):
    def counted(self) -> Self:
        """Sessions that still count: not voided."""
        return self.filter(voided_at__isnull=True)


class PlaySession(models.Model):
    """What one person watched of one recording in one sitting, one bit per second of media."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="play_sessions"
    )
    lecture = models.ForeignKey(
        "cms.LecturePage", on_delete=models.CASCADE, related_name="play_sessions"
    )
    # The version of the media: a new recording is a new asset.
    asset = models.ForeignKey(
        "media_pipeline.VideoAsset", on_delete=models.PROTECT, related_name="play_sessions"
    )
    seconds = models.PositiveIntegerField(_("length of the recording in whole seconds"))
    # Seconds accepted from this session and held by no other counted one of the person.
    seen = models.BinaryField(default=bytes)
    last_seq = models.PositiveIntegerField(default=0)
    position = models.FloatField(_("last position in seconds"), default=0)
    started_at = models.DateTimeField(default=timezone.now)
    last_beat_at = models.DateTimeField(default=timezone.now)
    accepted = models.PositiveIntegerField(_("accepted seconds"), default=0)
    # The most that one beat claimed too much; what is cut off is claimed again by the next.
    cut = models.PositiveIntegerField(_("seconds cut off"), default=0)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # The id of the gathering when it was watched together (lms.gatherings); the room's own clock
    # paid for it then.
    gathering = models.PositiveBigIntegerField(_("watched together in"), null=True)
    # Read by the person, too.
    void_reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = PlaySessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("play session")
        verbose_name_plural = _("play sessions")
        indexes = (
            models.Index(fields=["user", "asset"], name="session_of_person"),
            models.Index(fields=["user", "-started_at"], name="session_recent"),
            # For the sweep. `last_beat_at` has no index on purpose: beats would have to keep it.
            models.Index(fields=["started_at"], name="session_swept"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(position__gte=0), name="position_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.lecture_id} {self.started_at:%Y-%m-%d %H:%M}"


class PersonClock(models.Model):
    """One person's wall-clock budget, shared by all their open play sessions, spent once."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    budget = models.FloatField(_("unspent wall-clock seconds"), default=0)
    settled_at = models.DateTimeField(_("accrued up to"), default=timezone.now)
    open_until = models.DateTimeField(_("accrues until"), default=timezone.now)

    class Meta:
        verbose_name = _("person's clock")
        verbose_name_plural = _("people's clocks")

    def __str__(self) -> str:
        return f"{self.user_id} {self.budget:.0f}"


class Completion(models.Model):
    """The instant at which a person's evidence first reached the criterion; written once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="completions"
    )
    lecture = models.ForeignKey(
        "cms.LecturePage", on_delete=models.CASCADE, related_name="completions"
    )
    asset = models.ForeignKey(
        "media_pipeline.VideoAsset", on_delete=models.PROTECT, related_name="completions"
    )
    completed_at = models.DateTimeField(_("completed at"))
    rule_version = models.PositiveSmallIntegerField(_("version of the rule"))
    covered = models.PositiveIntegerField(_("seconds covered at that instant"))
    # In the audit log; see `completions_log`.
    is_logged = models.BooleanField(_("in the log of actions"), default=False)

    class Meta:
        verbose_name = _("completion")
        verbose_name_plural = _("completions")
        constraints = (
            models.UniqueConstraint(
                fields=["user", "asset", "lecture"], name="one_completion_per_recording"
            ),
        )
        indexes = (
            models.Index(fields=["lecture", "completed_at"], name="completion_of_lecture"),
            models.Index(
                fields=["id"], condition=models.Q(is_logged=False), name="completion_unlogged"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.lecture_id} {self.completed_at:%Y-%m-%d}"
