"""The file of a submission's review: its rounds, the reviews in them, comments, take-downs; what is
typed before it is handed in; and which levels take part in which line.

The lecture itself is `cms.models.LecturePage`; that it is published is said there alone. Wagtail's
workflow states mirror these rows (`cms.review.wagtail_states`).
"""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Task

SCRIPT_LENGTH = 20_000
NOTE_LENGTH = 1_000


class Kind(models.TextChoices):
    """As `plan.Kind`."""

    SELF = "self", _("self-check")
    FIRST = "first", _("first review")
    FINAL = "final", _("final review")


class ReviewLine(models.Model):
    """The setting of one line: the territory below the prefecture, or a line unit's."""

    class Above(models.TextChoices):
        """As `plan.Above`."""

        FINAL = "final", _("the final review only")
        ALL = "all", _("all three reviews")

    organization = models.OneToOneField(
        "organizations.Organization",
        on_delete=models.CASCADE,
        related_name="review_line",
        verbose_name=_("line"),
    )
    township = models.BooleanField(_("township"), default=True)
    county = models.BooleanField(_("county"), default=False)
    city = models.BooleanField(_("city"), default=False)
    above = models.CharField(
        _("a level above the first adds"),
        max_length=8,
        choices=Above.choices,
        default=Above.FINAL,
    )
    separate = models.BooleanField(
        _("proofreading by somebody else than the reviewer"), default=True
    )

    class Meta:
        verbose_name = _("line of review")
        verbose_name_plural = _("lines of review")

    def __str__(self) -> str:
        return str(self.organization)

    @property
    def levels(self) -> list[str]:
        return [level for level in ("township", "county", "city") if getattr(self, level)]


class ReviewQuerySet(models.QuerySet["Review"]):
    def under_way(self) -> Self:
        return self.filter(state=Review.State.REVIEWING)


class Review(models.Model):
    """One lecture's way to publication. Its row is locked by every act on it."""

    class State(models.TextChoices):
        REVIEWING = "reviewing", _("in review")
        SENT_BACK = "sent_back", _("sent back")
        REFUSED = "refused", _("refused")
        APPROVED = "approved", _("approved")

    lecture = models.OneToOneField(
        "cms.LecturePage",
        on_delete=models.CASCADE,
        related_name="review",
        verbose_name=_("lecture"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.REVIEWING
    )
    # The recording that the approvals are about; version counts recordings, round beginnings. Both
    # go back to what passed where a later recording is refused.
    asset = models.ForeignKey(
        "media_pipeline.VideoAsset", on_delete=models.PROTECT, related_name="reviews"
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    round = models.PositiveIntegerField(_("round"), default=1)
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews_of_own"
    )
    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("submitting unit"),
    )
    opened_at = models.DateTimeField(default=timezone.now)
    # Since when a new version is on its way; the review rests meanwhile.
    held_since = models.DateTimeField(null=True, blank=True)
    script = models.TextField(_("script"), max_length=SCRIPT_LENGTH, blank=True)
    # When the uploader declared that nothing secret is in it; null for what came in another way.
    declared_at = models.DateTimeField(null=True, blank=True)
    secrecy_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    secrecy_at = models.DateTimeField(null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        indexes = (models.Index(fields=["state", "held_since"], name="review_state"),)

    def __str__(self) -> str:
        return f"{self.lecture_id} {self.state} {self.version}.{self.round}"


class ReviewVersion(models.Model):
    """A recording that was handed in for a lecture. Of one that passed, what it passed with: the
    lecture returns to that when a later one is refused.
    """

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    asset = models.OneToOneField(
        "media_pipeline.VideoAsset", on_delete=models.PROTECT, related_name="review_version"
    )
    added_at = models.DateTimeField(default=timezone.now)
    passed_round = models.PositiveIntegerField(null=True, blank=True)
    script = models.TextField(blank=True)
    declared_at = models.DateTimeField(null=True, blank=True)
    secrecy_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    secrecy_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("version of a submission")
        verbose_name_plural = _("versions of submissions")
        constraints = (
            models.UniqueConstraint(fields=["review", "number"], name="one_version_of_a_number"),
        )

    def __str__(self) -> str:
        return f"{self.review_id} v{self.number}"


class ReviewStep(models.Model):
    """One review of a round with its proofreading: where, by whom, how it ended."""

    class State(models.TextChoices):
        WAITING = "waiting", _("not yet")
        OPEN = "open", _("under way")
        APPROVED = "approved", _("passed")
        SENT_BACK = "sent_back", _("sent back")
        REFUSED = "refused", _("refused")
        VOID = "void", _("void")

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="steps")
    round = models.PositiveIntegerField()
    version = models.PositiveIntegerField()
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("review"), max_length=8, choices=Kind.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    # Where it belongs, and where it is held: the nearest unit above that has people for it. Null
    # while there is nobody anywhere.
    planned_unit = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="+"
    )
    unit = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="review_steps",
        verbose_name=_("unit"),
    )
    separate = models.BooleanField(default=True)
    # Taken over from the round before, because the recording is the same.
    is_carried = models.BooleanField(default=False)
    opened_at = models.DateTimeField(null=True, blank=True)
    proofread_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    proofread_at = models.DateTimeField(null=True, blank=True)
    # When captions or chapters were changed after they had been read; the reading is void then.
    changed_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(_("opinion"), max_length=NOTE_LENGTH, blank=True)

    class Meta:
        verbose_name = _("step of a review")
        verbose_name_plural = _("steps of a review")
        ordering = ("round", "position")
        constraints = (
            models.UniqueConstraint(
                fields=["review", "round", "position"], name="one_step_at_a_place"
            ),
            models.UniqueConstraint(
                fields=["review"], condition=Q(state="open"), name="one_open_step"
            ),
        )
        indexes = (
            models.Index(
                fields=["unit", "opened_at"], condition=Q(state="open"), name="review_queue"
            ),
        )

    def __str__(self) -> str:
        return f"{self.review_id} {self.round}.{self.position} {self.kind} {self.state}"

    def log_detail(self) -> dict[str, Any]:
        """What each entry of the log about it says."""
        return {
            "kind": self.kind,
            "step": self.pk,
            "version": self.version,
            "round": self.round,
            "organization": self.unit_id,
        }


class ReviewComment(models.Model):
    """What a reviewer says about a second of the recording, or about the whole."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="comments")
    version = models.PositiveIntegerField()
    round = models.PositiveIntegerField()
    second = models.FloatField(null=True, blank=True)
    text = models.CharField(_("comment"), max_length=NOTE_LENGTH)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ("version", "second", "pk")

    def __str__(self) -> str:
        return self.text[:40]


class TakeDown(models.Model):
    """A published lecture that was taken out of members' sight, why, and whether it came back."""

    lecture = models.ForeignKey(
        "cms.LecturePage", on_delete=models.CASCADE, related_name="take_downs"
    )
    reason = models.CharField(_("reason"), max_length=NOTE_LENGTH)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("take-down")
        verbose_name_plural = _("take-downs")
        ordering = ("-at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["lecture"], condition=Q(lifted_at__isnull=True), name="one_open_take_down"
            ),
        )

    def __str__(self) -> str:
        return f"{self.lecture_id} {self.at}"


class SubmissionDraft(models.Model):
    """What a person typed about a recording and has not handed in, one for each lecture that was
    sent back and one for the next new one.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="submission_drafts"
    )
    lecture = models.ForeignKey(
        "cms.LecturePage", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    fields: models.JSONField[Any, Any] = models.JSONField(default=dict)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("draft of a submission")
        verbose_name_plural = _("drafts of submissions")
        constraints = (
            models.UniqueConstraint(fields=["user", "lecture"], name="one_draft_of_a_lecture"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(lecture__isnull=True), name="one_new_draft"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.lecture_id or ''}"


class ReviewTask(Task):
    """A review as Wagtail shows it. Deciding happens on the product's own page, which knows the
    rules, so Wagtail's editor offers no acts of its own.
    """

    kind = models.CharField(max_length=8, choices=Kind.choices, unique=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")

    def get_actions(self, obj: Any, user: Any) -> list[Any]:
        return []

    @classmethod
    def get_description(cls) -> str:
        return str(_("One of the three reviews, with its proofreading"))
