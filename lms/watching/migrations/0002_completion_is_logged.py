from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("watching", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="completion",
            name="is_logged",
            field=models.BooleanField(default=False, verbose_name="in the log of actions"),
        ),
        migrations.AddIndex(
            model_name="completion",
            index=models.Index(
                condition=models.Q(("is_logged", False)),
                fields=["id"],
                name="completion_unlogged",
            ),
        ),
    ]
