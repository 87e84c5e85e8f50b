"""Messages to people, the record of what left the house, and who wants it to.

A message is its recipient's alone: no list of anybody else's is ever shown. Acts are in `telling`,
`inbox` and `delivering`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notices.causes import cause_of, known, worded


class MessageQuerySet(models.QuerySet["Message"]):
    def standing(self, *, now: dt.datetime | None = None) -> Self:
        """Neither taken back nor over, and of a cause that still has words."""
        now = now or timezone.now()
        lasting = Q(expires_at=None) | Q(expires_at__gt=now)
        return self.filter(lasting, withdrawn_at=None, cause__in=known())

    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self.filter(recipient=user.pk).standing()


class Message(models.Model):
    """One person is told of one matter once: a further telling replaces the text, and counts as
    another `edition`.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,  # the constraint begins with it
        verbose_name=_("recipient"),
    )
    cause = models.CharField(_("cause"), max_length=30)
    # Which matter: "lecture:12", say.
    subject = models.CharField(max_length=60)
    text = models.CharField(max_length=30)
    values: models.JSONField[Any, Any] = models.JSONField(default=dict)
    path = models.CharField(max_length=500)
    edition = models.PositiveIntegerField(default=1)
    told_at = models.DateTimeField(_("told at"), default=timezone.now)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("-told_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["recipient", "cause", "subject"], name="one_message_of_a_matter"
            ),
            models.CheckConstraint(
                condition=Q(path__startswith="/") & ~Q(path__startswith="//"),
                name="message_path_within_the_site",
            ),
        )
        indexes = (
            # The number in every page's header.
            models.Index(
                fields=["recipient"],
                condition=Q(read_at=None, withdrawn_at=None),
                name="message_unread",
            ),
            # Taking a matter back, whoever was told of it.
            models.Index(fields=["cause", "subject"], name="message_matter"),
        )

    def __str__(self) -> str:
        return f"{self.cause} {self.subject} {self.recipient_id}"

    @property
    def words(self) -> str:
        return worded(self.cause, self.text, self.values)

    @property
    def label(self) -> str:
        return str(cause_of(self.cause).label)

    @property
    def icon(self) -> str:
        return f"icons/{cause_of(self.cause).icon}.svg"


class Delivery(models.Model):
    """One edition of a message by one channel. The row is the queue and afterwards the record."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        UNSURE = "unsure", _("perhaps sent")
        FAILED = "failed", _("not sent")
        CANCELLED = "cancelled", _("no longer needed")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    edition = models.PositiveIntegerField()
    channel = models.CharField(_("channel"), max_length=10)
    # Named to the far end at every attempt, so that it can drop a repetition.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    # When an attempt first began to talk to the far end.
    handed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = (
            models.UniqueConstraint(
                fields=["message", "edition", "channel"], name="one_delivery_by_a_channel"
            ),
        )
        indexes = (
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["waiting", "sending"]),
                name="delivery_queue",
            ),
        )

    def __str__(self) -> str:
        return f"{self.message_id} {self.channel} {self.state}"


class ChannelChoice(models.Model):
    """A person wants messages by this channel too. No row: no."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        verbose_name=_("person"),
    )
    channel = models.CharField(_("channel"), max_length=10)
    chosen_at = models.DateTimeField(_("chosen at"), default=timezone.now)

    class Meta:
        verbose_name = _("choice of a channel")
        verbose_name_plural = _("choices of channels")
        constraints = (
            models.UniqueConstraint(fields=["person", "channel"], name="one_choice_of_a_channel"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.channel}"
