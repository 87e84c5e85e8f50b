import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="time"
                    ),
                ),
                ("action", models.CharField(max_length=64, verbose_name="action")),
                (
                    "target_type",
                    models.CharField(blank=True, max_length=64, verbose_name="kind of object"),
                ),
                ("target_id", models.CharField(blank=True, max_length=64, verbose_name="object")),
                (
                    "result",
                    models.CharField(
                        choices=[("done", "done"), ("denied", "denied"), ("failed", "failed")],
                        default="done",
                        max_length=8,
                        verbose_name="result",
                    ),
                ),
                (
                    "address",
                    models.GenericIPAddressField(
                        blank=True, null=True, verbose_name="network address"
                    ),
                ),
                ("detail", models.JSONField(blank=True, default=dict, verbose_name="detail")),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit entries",
                "ordering": ("-id",),
            },
        ),
    ]
