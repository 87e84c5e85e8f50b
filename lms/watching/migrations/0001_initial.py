import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cms", "0002_initial"),
        ("media_pipeline", "0001_initial"),
        ("organizations", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PersonClock",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("budget", models.FloatField(default=0, verbose_name="unspent wall-clock seconds")),
                (
                    "settled_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="accrued up to"
                    ),
                ),
                (
                    "open_until",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="accrues until"
                    ),
                ),
            ],
            options={
                "verbose_name": "person's clock",
                "verbose_name_plural": "people's clocks",
            },
        ),
        migrations.CreateModel(
            name="Completion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("completed_at", models.DateTimeField(verbose_name="completed at")),
                (
                    "rule_version",
                    models.PositiveSmallIntegerField(verbose_name="version of the rule"),
                ),
                (
                    "covered",
                    models.PositiveIntegerField(verbose_name="seconds covered at that instant"),
                ),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="completions",
                        to="media_pipeline.videoasset",
                    ),
                ),
                (
                    "lecture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="completions",
                        to="cms.lecturepage",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="completions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "completion",
                "verbose_name_plural": "completions",
                "indexes": [
                    models.Index(fields=["lecture", "completed_at"], name="completion_of_lecture")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "asset", "lecture"), name="one_completion_per_recording"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlaySession",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "seconds",
                    models.PositiveIntegerField(
                        verbose_name="length of the recording in whole seconds"
                    ),
                ),
                ("seen", models.BinaryField(default=bytes)),
                ("last_seq", models.PositiveIntegerField(default=0)),
                ("position", models.FloatField(default=0, verbose_name="last position in seconds")),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_beat_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "accepted",
                    models.PositiveIntegerField(default=0, verbose_name="accepted seconds"),
                ),
                ("cut", models.PositiveIntegerField(default=0, verbose_name="seconds cut off")),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="play_sessions",
                        to="media_pipeline.videoasset",
                    ),
                ),
                (
                    "lecture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="play_sessions",
                        to="cms.lecturepage",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="play_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "play session",
                "verbose_name_plural": "play sessions",
                "indexes": [
                    models.Index(fields=["user", "asset"], name="session_of_person"),
                    models.Index(fields=["user", "-started_at"], name="session_recent"),
                    models.Index(fields=["started_at"], name="session_swept"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 0)), name="position_not_negative"
                    )
                ],
            },
        ),
    ]
