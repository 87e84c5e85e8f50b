"""What rosters narrow by stands at each tie, in the index of a unit's ties and in one of its own."""

from django.db import migrations, models

from organizations.models.marks import MarksField
from organizations.people.mark_bits import marks_index, marks_install, marks_refresh, marks_remove


def install(apps, schema_editor):
    marks_install(schema_editor.connection)
    marks_refresh(schema_editor.connection)


def index(apps, schema_editor):
    marks_index(schema_editor.connection)


def remove(apps, schema_editor):
    marks_remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("organizations", "0005_roster_place")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="marks",
            field=MarksField(default=0, editable=False),
        ),
        migrations.RunPython(install, remove),
        migrations.RemoveIndex(model_name="membership", name="membership_place"),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                fields=["organization", "marks", "kind", "user", "valid_from", "valid_to", "id"],
                name="membership_place",
            ),
        ),
        migrations.RunPython(index, migrations.RunPython.noop),
    ]
