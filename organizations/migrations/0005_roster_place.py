"""A unit's ties are answered by one index alone; two narrow ones go."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organizations", "0004_roster_speed")]

    operations = [
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                fields=["organization", "kind", "user", "valid_from", "valid_to", "id"],
                name="membership_place",
            ),
        ),
        migrations.RemoveIndex(model_name="membership", name="membership_kind"),
        migrations.AlterField(
            model_name="membership",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="memberships",
                to="organizations.organization",
                verbose_name="organisation",
            ),
        ),
    ]
