"""Evidence of watching: one row per play session, one wall clock per person, completions.

Nothing here believes a client's clock, duration or percentage. Rows grow per session, never per
beat. What completion is worth (hours, certificates) does not belong here.
"""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.watching import noticing
from lms.watching.permissions import VOIDERS
from organizations import scope
from organizations.permissions import people_below


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
    # How many beats brought something new, and the shortest and longest time between two of them.
    beats = models.PositiveIntegerField(_("messages of the player"), default=0)
    gap_least = models.FloatField(_("shortest seconds between messages"), null=True)
    gap_most = models.FloatField(_("longest seconds between messages"), null=True)
    # Tells browsers apart and names none; emptied after a while (`checks`).
    device = models.CharField(_("digest of the browser"), max_length=16, blank=True)
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


class ViewingCheckQuerySet(models.QuerySet["ViewingCheck"]):
    def open(self) -> Self:
        return self.filter(state=ViewingCheck.State.OPEN)

    def visible_to(self, user: Any) -> Self:
        """Of people whose watching the user may void; never one's own."""
        units = scope.managed_units(user, roles=VOIDERS)
        return self.filter(people_below(units, field="user")).exclude(user=user.pk)


class ViewingCheck(models.Model):
    """Something that was noticed about a person's viewings of one day, for a person to look at.

    No verdict, no score, and nothing follows from it by itself. Whoever is concerned hears of it
    only when a viewing is voided, by that viewing's reason.
    """

    class What(models.TextChoices):
        CUT = noticing.What.CUT.value, _("more was sent than the clock allowed")
        SIDE_BY_SIDE = noticing.What.SIDE_BY_SIDE.value, _("two viewings at the same time")
        CADENCE = noticing.What.CADENCE.value, _("messages as even as a machine's")
        LONG_DAY = noticing.What.LONG_DAY.value, _("more hours than a day has for watching")
        CROWD = noticing.What.CROWD.value, _("many people on one device")

    class State(models.TextChoices):
        OPEN = "open", _("to be looked at")
        ALL_RIGHT = "all_right", _("nothing wrong")
        VOIDED = "voided", _("viewing voided")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="viewing_checks"
    )
    what = models.CharField(_("what was noticed"), max_length=16, choices=What)
    day = models.DateField(_("day"))
    sessions = models.ManyToManyField(PlaySession, related_name="checks")
    # Whole numbers that the sentence about it names; `check_words` makes the sentence.
    facts = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.OPEN)
    found_at = models.DateTimeField(_("noticed at"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    words = models.CharField(_("why"), max_length=200, blank=True)

    objects = ViewingCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("viewing to check")
        verbose_name_plural = _("viewings to check")
        ordering = ("found_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=["user", "what", "day"], name="one_check_of_a_day"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="check_decided_once",
            ),
        )
        indexes = (models.Index(fields=["state", "found_at"], name="checks_in_order"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.what} {self.day}"
