import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


# Rows that beats change keep room on their page: the new version lies beside the old one, and no
# index is touched. A session grows while it is watched; a clock is two words and changes for good.
FILLED = {"watching_playsession": 80, "watching_personclock": 50}


def leave_room(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table, percent in FILLED.items():
            schema_editor.execute(f"ALTER TABLE {table} SET (fillfactor = {percent})")


class Migration(migrations.Migration):
    dependencies = [
        ("watching", "0004_playsession_gathering"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="playsession",
            name="beats",
            field=models.PositiveIntegerField(default=0, verbose_name="messages of the player"),
        ),
        migrations.AddField(
            model_name="playsession",
            name="device",
            field=models.CharField(blank=True, max_length=16, verbose_name="digest of the browser"),
        ),
        migrations.AddField(
            model_name="playsession",
            name="gap_least",
            field=models.FloatField(null=True, verbose_name="shortest seconds between messages"),
        ),
        migrations.AddField(
            model_name="playsession",
            name="gap_most",
            field=models.FloatField(null=True, verbose_name="longest seconds between messages"),
        ),
        migrations.CreateModel(
            name="ViewingCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("cut", "more was sent than the clock allowed"),
                            ("side_by_side", "two viewings at the same time"),
                            ("cadence", "messages as even as a machine's"),
                            ("long_day", "more hours than a day has for watching"),
                            ("crowd", "many people on one device"),
                        ],
                        max_length=16,
                        verbose_name="what was noticed",
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("facts", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "to be looked at"),
                            ("all_right", "nothing wrong"),
                            ("voided", "viewing voided"),
                        ],
                        default="open",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                (
                    "found_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="noticed at"
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("words", models.CharField(blank=True, max_length=200, verbose_name="why")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sessions",
                    models.ManyToManyField(related_name="checks", to="watching.playsession"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="viewing_checks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "viewing to check",
                "verbose_name_plural": "viewings to check",
                "ordering": ("found_at", "pk"),
                "indexes": [models.Index(fields=["state", "found_at"], name="checks_in_order")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "what", "day"), name="one_check_of_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("state", "open")),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("decided_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="check_decided_once",
                    ),
                ],
            },
        ),
        migrations.RunPython(leave_room, migrations.RunPython.noop),
    ]
