"""Rows from before: every unit stands where it stands, every account with a password is in use."""

from django.db import migrations
from django.db.models import F, Q


def placements(apps, schema_editor):
    Organization = apps.get_model("organizations", "Organization")
    Placement = apps.get_model("organizations", "Placement")
    by_path = dict(Organization.objects.values_list("path", "pk"))
    Placement.objects.bulk_create(
        [
            Placement(
                organization_id=unit.pk,
                parent_id=by_path.get(unit.path[:-4]),
                name=unit.name,
                kind=unit.kind,
                path=unit.path,
                valid_from=unit.opened_on,
            )
            for unit in Organization.objects.iterator()
        ],
        batch_size=500,
    )


def activations(apps, schema_editor):
    User = apps.get_model("organizations", "User")
    unusable = Q(password="") | Q(password__startswith="!")  # noqa: S106
    User.objects.exclude(unusable).update(activated_at=F("date_joined"))


class Migration(migrations.Migration):
    dependencies = [("organizations", "0002_people")]

    operations = [
        migrations.RunPython(placements, migrations.RunPython.noop),
        migrations.RunPython(activations, migrations.RunPython.noop),
    ]
