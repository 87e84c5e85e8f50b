"""Watching together (集中收看): one gathering in a unit's room, what was played there, who came.

A gathering is planned or opened by the unit, handed in when it is over, and decided by the
township. What was really played is evidence of the room, as `lms.watching` keeps it for people;
nothing here believes a clock of a TV or a phone. What a gathering is worth belongs to the ledger.
"""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cms.curated import OrderedLecture
from cms.plain import LineField
from organizations import scope

MOST_GUESTS = 10_000


class GatheringQuerySet(models.QuerySet["Gathering"]):
    def visible_to(self, user: Any) -> Self:
        """Those of the units within the user's scope."""
        return self.filter(scope.organization_filter(user, field="organization"))

    def counted(self) -> Self:
        """Approved and not voided: what figures and hours rest on."""
        return self.filter(state=Gathering.State.APPROVED)


class Gathering(models.Model):
    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("gathering", "planned")
        OPEN = "open", pgettext_lazy("gathering", "running")
        HANDED_IN = "handed_in", pgettext_lazy("gathering", "waits for the township")
        SENT_BACK = "sent_back", pgettext_lazy("gathering", "sent back")
        APPROVED = "approved", pgettext_lazy("gathering", "approved")
        VOIDED = "voided", pgettext_lazy("gathering", "no longer counts")
        CALLED_OFF = "called_off", pgettext_lazy("gathering", "called off")

    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        related_name="gatherings",
        verbose_name=_("unit"),
    )
    on = models.DateField(_("date"))
    title = LineField(pgettext_lazy("activity", "title"), max_length=80)
    place = LineField(_("place"), max_length=80)
    # What it was opened for: a programme that was ordered, or one lecture.
    programme = models.ForeignKey(
        "programme.Programme", on_delete=models.SET_NULL, null=True, related_name="gatherings"
    )
    lecture = models.ForeignKey(
        "cms.LecturePage", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PLANNED
    )
    guests = models.PositiveIntegerField(
        _("guests"), default=0, validators=[MaxValueValidator(MOST_GUESTS)]
    )
    guests_at = models.DateTimeField(null=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    opened_at = models.DateTimeField(null=True)
    # When it was first handed in, or its day was over: the room's clock stops there.
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    # A list on paper that was entered afterwards: from when until when, and its photo.
    paper_from = models.DateTimeField(null=True)
    paper_to = models.DateTimeField(null=True)
    wish = models.UUIDField(default=uuid.uuid4, unique=True)
    photo = models.CharField(max_length=60, blank=True)
    photo_name = models.CharField(max_length=120, blank=True)
    # One gathering is one lecture activity of the unit, from its approval on.
    activity = models.OneToOneField(
        "programme.LectureActivity",
        on_delete=models.SET_NULL,
        null=True,
        related_name="gathering",
    )
    # The room's wall clock, as `PersonClock` is a person's.
    budget = models.FloatField(_("unspent wall-clock seconds"), default=0)
    settled_at = models.DateTimeField(_("accrued up to"), default=timezone.now)
    open_until = models.DateTimeField(_("accrues until"), default=timezone.now)

    objects = GatheringQuerySet.as_manager()

    class Meta:
        verbose_name = _("watching together")
        verbose_name_plural = _("watching together")
        ordering = ("-on", "-pk")
        indexes = (
            models.Index(fields=["organization", "-on"], name="gathering_of_unit"),
            models.Index(fields=["state", "on"], name="gathering_by_state"),
        )
        constraints = (
            # A second tap opens nothing a second time.
            models.UniqueConstraint(
                fields=["programme"],
                condition=~Q(state__in=("voided", "called_off")),
                name="one_gathering_of_a_programme",
            ),
            models.UniqueConstraint(
                fields=["organization", "on", "lecture"],
                condition=~Q(state__in=("voided", "called_off")),
                name="one_gathering_of_a_lecture_and_day",
            ),
            models.CheckConstraint(
                condition=Q(paper_from__isnull=True) | Q(paper_to__gt=models.F("paper_from")),
                name="gathering_paper_times_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.on})"

    @property
    def is_paper(self) -> bool:
        return self.paper_from is not None


class GatheringItem(OrderedLecture):
    """What is to be played, in order: a copy of the programme, or one lecture."""

    gathering = models.ForeignKey(Gathering, on_delete=models.CASCADE, related_name="items")

    class Meta(OrderedLecture.Meta):
        verbose_name = _("lecture of a gathering")
        verbose_name_plural = _("lectures of gatherings")
        constraints = (
            models.UniqueConstraint(
                fields=["gathering", "lecture"], name="one_item_per_lecture_and_gathering"
            ),
        )

    def __str__(self) -> str:
        return f"{self.gathering} – {self.lecture}"


class RoomPlay(models.Model):
    """What the room played of one recording: one row, whatever was reloaded or sent later."""

    gathering = models.ForeignKey(Gathering, on_delete=models.CASCADE, related_name="plays")
    lecture = models.ForeignKey("cms.LecturePage", on_delete=models.CASCADE, related_name="+")
    asset = models.ForeignKey(
        "media_pipeline.VideoAsset", on_delete=models.PROTECT, related_name="+"
    )
    seconds = models.PositiveIntegerField(_("length of the recording in whole seconds"))
    # One bit per second of media, as in `PlaySession`.
    seen = models.BinaryField(default=bytes)
    accepted = models.PositiveIntegerField(_("accepted seconds"), default=0)
    cut = models.PositiveIntegerField(_("seconds cut off"), default=0)
    position = models.FloatField(_("last position in seconds"), default=0)
    # Wall-clock spans [from, to] in which it was played, whole seconds since 1970 (`played`).
    windows = models.JSONField(default=list)
    last_beat_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("recording played in a room")
        verbose_name_plural = _("recordings played in rooms")
        constraints = (
            models.UniqueConstraint(
                fields=["gathering", "lecture", "asset"], name="one_room_play_per_recording"
            ),
        )

    def __str__(self) -> str:
        return f"{self.gathering_id} {self.lecture_id} {self.accepted}"


class Screen(models.Model):
    """A TV or PC that shows a code, and the gathering that a keeper's phone gave it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=6)
    gathering = models.ForeignKey(
        Gathering, on_delete=models.CASCADE, null=True, related_name="screens"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    paired_at = models.DateTimeField(null=True)
    paired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("screen in a room")
        verbose_name_plural = _("screens in rooms")
        constraints = (
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(paired_at__isnull=True),
                name="one_waiting_screen_per_code",
            ),
            # One gathering plays on one screen.
            models.UniqueConstraint(
                fields=["gathering"],
                condition=Q(ended_at__isnull=True),
                name="one_screen_per_gathering",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.gathering_id}"


class Attendance(models.Model):
    """One account at one gathering. Whoever was taken back stays as a row that is not present."""

    class Way(models.TextChoices):
        TICK = "tick", pgettext_lazy("attendance", "ticked")
        SCAN = "scan", pgettext_lazy("attendance", "by code")
        PAPER = "paper", pgettext_lazy("attendance", "list on paper")

    gathering = models.ForeignKey(Gathering, on_delete=models.CASCADE, related_name="attendances")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="gatherings_attended"
    )
    way = models.CharField(_("way"), max_length=5, choices=Way.choices)
    is_present = models.BooleanField(_("present"), default=True)
    # Only where somebody came late or left early.
    came_at = models.DateTimeField(_("came at"), null=True, blank=True)
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)
    scanned_at = models.DateTimeField(_("signed in at"), null=True, blank=True)
    # The newest mark of a keeper, and when it was made; older ones that come later change nothing.
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    marked_at = models.DateTimeField(null=True)
    # This one was found wrong after the approval, with the reason; the others stand.
    voided_at = models.DateTimeField(_("voided at"), null=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    void_reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        indexes = (
            models.Index(
                fields=["gathering"],
                condition=Q(voided_at__isnull=False),
                name="attendance_voided",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["gathering", "user"], name="one_attendance_per_person_and_gathering"
            ),
            models.CheckConstraint(
                condition=Q(came_at__isnull=True)
                | Q(left_at__isnull=True)
                | Q(left_at__gt=models.F("came_at")),
                name="attendance_times_in_order",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True) | Q(is_present=False),
                name="voided_is_not_present",
            ),
        )

    def __str__(self) -> str:
        return f"{self.gathering_id} {self.user_id} {self.way}"


class Share(models.Model):
    """What an approved attendance has of one recording that was played, or of a list on paper:
    the row that the ledger's facts are named by. `session` is the person's evidence of it, for
    whoever was there throughout.
    """

    attendance = models.ForeignKey(Attendance, on_delete=models.CASCADE, related_name="shares")
    play = models.ForeignKey(RoomPlay, on_delete=models.CASCADE, null=True, related_name="shares")
    session = models.OneToOneField(
        "watching.PlaySession", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # Evidence and hours follow the decision in a worker; this is how far they have come.
    is_counted = models.BooleanField(default=False)
    # This person's evidence was voided by hand; the session is cleaned away one day, this stays.
    is_voided = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("share in a gathering")
        verbose_name_plural = _("shares in gatherings")
        indexes = (
            models.Index(
                fields=["attendance"], condition=Q(is_counted=False), name="share_not_counted"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["attendance", "play"], name="one_share_per_attendance_and_play"
            ),
            models.UniqueConstraint(
                fields=["attendance"],
                condition=Q(play__isnull=True),
                name="one_share_of_a_list_on_paper",
            ),
        )

    def __str__(self) -> str:
        return f"{self.attendance_id} {self.play_id}"
