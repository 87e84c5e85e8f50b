"""Who has a tag, a name, a tie or an unused account is answered by an index alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organizations", "0003_backfill")]

    operations = [
        migrations.RemoveIndex(model_name="tag", name="tag_value"),
        migrations.AddIndex(
            model_name="tag",
            index=models.Index(
                fields=["value", "user", "valid_from", "valid_to"], name="tag_value"
            ),
        ),
        migrations.RemoveIndex(model_name="user", name="user_name"),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                fields=["name", "id"],
                name="user_name",
                opclasses=["varchar_pattern_ops", "int8_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                fields=["id"], name="user_waiting", condition=models.Q(("activated_at", None))
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                fields=["user", "organization", "kind", "valid_from", "valid_to", "id"],
                name="membership_person",
            ),
        ),
    ]
