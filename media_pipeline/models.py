"""Bytes and their history: uploads, recordings, the job queue of record, published packages.

No Wagtail here, and no idea who may upload or watch: an owner is an account, the rest is decided
above and passed in. A recording never changes; a new recording is a new `VideoAsset`, so its id
is the version that evidence of watching refers to.
"""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UploadQuerySet(models.QuerySet["Upload"]):
    def owned_by(self, user: Any) -> Self:
        return self.filter(owner=user)

    def receiving(self, now: dt.datetime) -> Self:
        """Those that may go on. One that has all its bytes waits for us, not for more."""
        alive = Q(expires_at__gt=now) | Q(offset=F("length"))
        return self.filter(alive, state=Upload.State.RECEIVING)


class Upload(models.Model):
    """One resumable transfer; its bytes lie in INCOMING_ROOT until the last one has arrived."""

    class State(models.TextChoices):
        RECEIVING = "receiving", _("receiving")
        COMPLETE = "complete", _("complete")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads"
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVING)
    length = models.BigIntegerField(_("size in bytes"))
    offset = models.BigIntegerField(_("bytes received"), default=0)
    original_name = models.CharField(_("file name"), max_length=255, blank=True)
    # Size and content samples, computed by the browser; finds the transfer to go on with.
    fingerprint = models.CharField(max_length=80, blank=True)
    # Upload-Metadata as the client sent it; the protocol wants it back.
    metadata = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    asset = models.OneToOneField(
        "VideoAsset", on_delete=models.SET_NULL, null=True, blank=True, related_name="upload"
    )

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        constraints = (
            models.CheckConstraint(
                condition=Q(offset__gte=0, offset__lte=models.F("length")),
                name="upload_offset_within_length",
            ),
        )
        indexes = (models.Index(fields=["owner", "fingerprint"], name="upload_to_resume"),)

    def __str__(self) -> str:
        return f"{self.original_name} {self.offset}/{self.length}"


class VideoAssetQuerySet(models.QuerySet["VideoAsset"]):
    def owned_by(self, user: Any) -> Self:
        return self.filter(owner=user)

    def ready(self) -> Self:
        return self.filter(state=VideoAsset.State.READY)


class VideoAsset(models.Model):
    """A recording: the original file and what became of it."""

    class State(models.TextChoices):
        PROCESSING = "processing", _("being prepared")
        READY = "ready", _("ready")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="video_assets",
        verbose_name=_("uploaded by"),
    )
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.PROCESSING, db_index=True
    )
    # A refusal code or failure code; the sentence is media_pipeline.messages.sentence(reason).
    reason = models.CharField(max_length=40, blank=True)
    original_name = models.CharField(_("file name"), max_length=255, blank=True)
    original_key = models.CharField(max_length=255, blank=True)
    # Still on the disk that received it, not in the storage (`arrivals`).
    arriving = models.BooleanField(default=False)
    size = models.BigIntegerField(_("size in bytes"), default=0)
    # Of the original; found by the full job, not while somebody waits for the end of an upload.
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    duration = models.FloatField(_("length in seconds"), null=True, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    has_audio = models.BooleanField(default=True)
    # As it was recorded: integrated loudness in LUFS (ITU-R BS.1770), the median of the mean
    # brightness of pictures across it, 0 to 255. Null where nobody measured.
    loudness = models.FloatField(null=True, blank=True)
    brightness = models.FloatField(null=True, blank=True)
    # Seconds of pictures that would do as the poster, best first.
    moments: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    first_play_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    # The picture that a person chose, as `<package>/<file>`; it counts for that package only.
    poster = models.CharField(max_length=120, blank=True)
    # The one pointer whose switch publishes a complete, verified package.
    package = models.OneToOneField(
        "Package", on_delete=models.PROTECT, null=True, blank=True, related_name="published_asset"
    )

    objects = VideoAssetQuerySet.as_manager()

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.original_name or str(self.id)

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def is_portrait(self) -> bool:
        return bool(self.width and self.height and self.height > self.width)


def new_package_key() -> str:
    """An unguessable folder name, safe in URLs and on disk."""
    return secrets.token_urlsafe(18).replace("-", "_")


class PackageQuerySet(models.QuerySet["Package"]):
    def wanted(self) -> Self:
        """Published, of a job that is not over, or the preview of a recording in work."""
        preview = Q(job__lane="preview", job__state="done", asset__state="processing")
        active = Q(job__state__in=["queued", "running"])
        return self.filter(Q(published_asset__isnull=False) | active | preview)

    def unwanted(self) -> Self:
        return self.exclude(pk__in=Package.objects.wanted().values("pk"))


class Package(models.Model):
    """What one attempt made of a recording: playlists, segments, MP4, poster, storyboard.

    Its files lie under `packages/<key>/` in the storage named "recordings".
    """

    key = models.CharField(primary_key=True, max_length=64, default=new_package_key)
    asset = models.ForeignKey(VideoAsset, on_delete=models.CASCADE, related_name="packages")
    # Whose attempt wrote it. While that job is active the next attempt may go on from here.
    job = models.ForeignKey(
        "TranscodeJob", on_delete=models.SET_NULL, null=True, blank=True, related_name="packages"
    )
    # The job's fence when the attempt began: a higher one is the later attempt.
    fence = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    # Something inside that plays before the package is complete; only the uploader sees it.
    preview = models.CharField(max_length=100, blank=True)
    bytes = models.BigIntegerField(default=0)
    # Whether it has the files for weak lines; packages of earlier versions do not.
    light = models.BooleanField(default=False)

    objects = PackageQuerySet.as_manager()

    class Meta:
        verbose_name = _("package")
        verbose_name_plural = _("packages")

    def __str__(self) -> str:
        return self.key

    @property
    def prefix(self) -> str:
        return f"packages/{self.key}"


class Rendition(models.Model):
    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="renditions")
    name = models.CharField(max_length=16)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bandwidth = models.PositiveIntegerField(_("peak bits per second"))
    average_bandwidth = models.PositiveIntegerField(_("mean bits per second"))
    codecs = models.CharField(max_length=80)
    bytes = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        constraints = (
            models.UniqueConstraint(fields=["package", "name"], name="one_rendition_of_a_name"),
        )

    def __str__(self) -> str:
        return self.name


class TranscodeJobQuerySet(models.QuerySet["TranscodeJob"]):
    def active(self) -> Self:
        return self.filter(state__in=TranscodeJob.ACTIVE)

    def full(self) -> Self:
        """The jobs that publish; the others only give the uploader a first look."""
        return self.filter(lane=TranscodeJob.Lane.FULL)


class TranscodeJob(models.Model):
    """The queue of record. Celery messages only say that there may be something to claim."""

    class Lane(models.TextChoices):
        FULL = "full", _("whole")
        PREVIEW = "preview", _("first look")

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        QUARANTINED = "quarantined", _("given up")

    ACTIVE = (State.QUEUED, State.RUNNING)

    asset = models.ForeignKey(VideoAsset, on_delete=models.CASCADE, related_name="jobs")
    lane = models.CharField(_("lane"), max_length=8, choices=Lane.choices, default=Lane.FULL)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.QUEUED)
    # Attempts since the last one that brought a new segment, itself included. Counted when
    # claimed, so a file that kills its worker still runs out of them.
    attempt = models.PositiveIntegerField(_("attempt"), default=0)
    max_attempts = models.PositiveIntegerField(default=3)
    # Attempts since then that something outside ended; these were given back.
    kills = models.PositiveIntegerField(default=0)
    # Changes at every claim; a write that carries an old one changes nothing.
    fence = models.PositiveIntegerField(default=0)
    lease_owner = models.CharField(max_length=100, blank=True)
    # The holder's clock at its last renewal. Nobody compares it with another clock: a lease is
    # lost when this stands still (`leases`).
    renewed_at = models.DateTimeField(null=True, blank=True)
    # Not to be claimed earlier: a pause after a failure or while the disk is full.
    available_at = models.DateTimeField(default=timezone.now)
    # The most segments that were complete in all tracks so far.
    segments = models.PositiveIntegerField(default=0)
    # How often it made way for a shorter one.
    yields = models.PositiveIntegerField(default=0)
    step = models.CharField(_("step"), max_length=20, blank=True)
    progress = models.FloatField(_("progress"), default=0)
    # The worker's own estimate at the last renewal; null while it would be a guess.
    seconds_left = models.PositiveIntegerField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    # For operators: the end of what the media process said.
    diagnostics = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = TranscodeJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("transcode job")
        verbose_name_plural = _("transcode jobs")
        constraints = (
            models.UniqueConstraint(
                fields=["asset", "lane"],
                condition=Q(state__in=["queued", "running"]),
                name="one_active_job_per_lane",
            ),
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=1), name="job_progress_is_a_share"
            ),
        )
        indexes = (models.Index(fields=["state", "lane"], name="job_queue"),)

    def __str__(self) -> str:
        return f"{self.asset_id} {self.lane} {self.state} {self.attempt}"


# Registered with the app by being imported here.
from media_pipeline.captions.models import CaptionTrack  # noqa: E402, F401
from media_pipeline.chapters.models import Chapter  # noqa: E402, F401
from media_pipeline.chore_models import Chore  # noqa: E402, F401
