"""The database refuses changes to entries and rules from here on."""

from django.db import migrations

from lms.ledger.guards import guards_install, guards_remove


def install(apps, schema_editor):
    guards_install(schema_editor.connection)


def remove(apps, schema_editor):
    guards_remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
