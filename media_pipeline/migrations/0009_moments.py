from django.db import migrations, models


def carry_over(apps, schema_editor):
    """What a chore of its own found goes to the recording; what it had still to do is dropped:
    these recordings keep the picture that their package came with.
    """
    Chore = apps.get_model("media_pipeline", "Chore")
    VideoAsset = apps.get_model("media_pipeline", "VideoAsset")
    looked = Chore.objects.filter(kind="poster_pick")
    for asset_id, result in looked.values_list("asset_id", "result").iterator():
        moments = result.get("seconds", [])
        VideoAsset.objects.filter(pk=asset_id).update(moments=moments)
    looked.delete()


class Migration(migrations.Migration):
    dependencies = [("media_pipeline", "0008_arriving")]

    operations = [
        migrations.AddField(
            model_name="videoasset",
            name="moments",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AlterField(
            model_name="chore",
            name="kind",
            field=models.CharField(
                choices=[
                    ("poster_frame", "take a picture"),
                    ("pack", "pack for download"),
                    ("speech", "recognise speech"),
                ],
                max_length=12,
            ),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
