import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("classes", "0001_initial"),
        ("cms", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="classitem",
            name="lecture",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="class_items",
                to="cms.lecturepage",
                verbose_name="lecture",
            ),
        ),
    ]
