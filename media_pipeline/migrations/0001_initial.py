import django.db.models.deletion
import django.utils.timezone
import media_pipeline.models
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Package",
            fields=[
                (
                    "key",
                    models.CharField(
                        default=media_pipeline.models.new_package_key,
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("attempt", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("preview", models.CharField(blank=True, max_length=100)),
                ("bytes", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "package",
                "verbose_name_plural": "packages",
            },
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("receiving", "receiving"), ("complete", "complete")],
                        default="receiving",
                        max_length=12,
                    ),
                ),
                ("length", models.BigIntegerField(verbose_name="size in bytes")),
                ("offset", models.BigIntegerField(default=0, verbose_name="bytes received")),
                (
                    "original_name",
                    models.CharField(blank=True, max_length=255, verbose_name="file name"),
                ),
                ("fingerprint", models.CharField(blank=True, max_length=80)),
                ("metadata", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "upload",
                "verbose_name_plural": "uploads",
            },
        ),
        migrations.CreateModel(
            name="VideoAsset",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("processing", "being prepared"),
                            ("ready", "ready"),
                            ("refused", "refused"),
                            ("failed", "failed"),
                        ],
                        db_index=True,
                        default="processing",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=40)),
                (
                    "original_name",
                    models.CharField(blank=True, max_length=255, verbose_name="file name"),
                ),
                ("original_key", models.CharField(blank=True, max_length=255)),
                ("size", models.BigIntegerField(default=0, verbose_name="size in bytes")),
                ("sha256", models.CharField(blank=True, db_index=True, max_length=64)),
                (
                    "duration",
                    models.FloatField(blank=True, null=True, verbose_name="length in seconds"),
                ),
                ("width", models.PositiveIntegerField(blank=True, null=True)),
                ("height", models.PositiveIntegerField(blank=True, null=True)),
                ("has_audio", models.BooleanField(default=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="uploaded at"
                    ),
                ),
                ("first_play_at", models.DateTimeField(blank=True, null=True)),
                ("ready_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "recording",
                "verbose_name_plural": "recordings",
                "ordering": ("-created_at",),
            },
        ),
        migrations.CreateModel(
            name="Rendition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=16)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("bandwidth", models.PositiveIntegerField(verbose_name="peak bits per second")),
                (
                    "average_bandwidth",
                    models.PositiveIntegerField(verbose_name="mean bits per second"),
                ),
                ("codecs", models.CharField(max_length=80)),
                ("bytes", models.BigIntegerField(default=0)),
                (
                    "package",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="renditions",
                        to="media_pipeline.package",
                    ),
                ),
            ],
            options={
                "verbose_name": "rendition",
                "verbose_name_plural": "renditions",
            },
        ),
        migrations.CreateModel(
            name="TranscodeJob",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("refused", "refused"),
                            ("quarantined", "given up"),
                        ],
                        default="queued",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("attempt", models.PositiveIntegerField(default=0, verbose_name="attempt")),
                ("max_attempts", models.PositiveIntegerField(default=3)),
                ("fence", models.PositiveIntegerField(default=0)),
                ("lease_owner", models.CharField(blank=True, max_length=100)),
                ("lease_expires_at", models.DateTimeField(blank=True, null=True)),
                ("available_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("step", models.CharField(blank=True, max_length=20, verbose_name="step")),
                ("progress", models.FloatField(default=0, verbose_name="progress")),
                ("reason", models.CharField(blank=True, max_length=40, verbose_name="reason")),
                ("diagnostics", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "package",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="job",
                        to="media_pipeline.package",
                    ),
                ),
            ],
            options={
                "verbose_name": "transcode job",
                "verbose_name_plural": "transcode jobs",
            },
        ),
    ]
