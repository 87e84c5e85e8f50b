import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cms", "0001_initial"),
        ("media_pipeline", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="lecturepage",
            name="asset",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lectures",
                to="media_pipeline.videoasset",
                verbose_name="recording",
            ),
        ),
    ]
