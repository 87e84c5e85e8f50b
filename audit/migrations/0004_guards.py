"""The chain has no gaps from here on, and the database refuses changes to it."""

import django.utils.timezone
from django.db import migrations, models

from audit.guards import guards_install, guards_remove


def install(apps, schema_editor):
    guards_install(schema_editor.connection)


def remove(apps, schema_editor):
    guards_remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_chain")]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="position",
            field=models.PositiveBigIntegerField(
                unique=True, editable=False, verbose_name="number"
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="digest",
            field=models.CharField(max_length=64, editable=False, verbose_name="digest"),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="time"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["at", "position"], name="audit_time"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["action", "position"], name="audit_action"),
        ),
        migrations.RunPython(install, remove),
    ]
