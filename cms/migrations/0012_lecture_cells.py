"""By what lectures are counted and put in order, in a narrow row (`cms.finding.cells` fills it).

And on SQLite row numbers in the table of pairs that say lecture, field and kind, so that a word is
looked up there alone.
"""

import django.db.models.deletion
from django.db import migrations, models

from cms.finding.grams import gram_tokens


def pairs_numbered(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "sqlite":
        return
    texts = apps.get_model("cms", "SearchText").objects.order_by("lecture_id", "field", "initials")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cms_searchtext_grams(cms_searchtext_grams) VALUES ('delete-all')"
        )
        for lecture, field, initials, folded in texts.values_list(
            "lecture_id", "field", "initials", "folded"
        ).iterator():
            cursor.execute(
                "INSERT INTO cms_searchtext_grams(rowid, pairs) VALUES (%s, %s)",
                [lecture << 8 | field << 1 | initials, gram_tokens(folded)],
            )


def cost_told(apps, schema_editor):
    """At a cost beside which nothing counts the planner takes any way to count what was found.

    A hundred is enough to keep it from making the runs anew.
    """
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER FUNCTION cms_grams(text) COST 100")


class Migration(migrations.Migration):
    dependencies = [("cms", "0011_audience_tags")]

    operations = [
        migrations.CreateModel(
            name="LectureCell",
            fields=[
                (
                    "lecture",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="cell",
                        serialize=False,
                        to="cms.lecturepage",
                    ),
                ),
                ("marks", models.TextField()),
                ("path", models.CharField(max_length=255)),
                ("live", models.BooleanField()),
                ("is_open", models.BooleanField()),
                ("first_published_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-first_published_at", "-path"], name="cell_newest")
                ],
            },
        ),
        migrations.RunPython(pairs_numbered, migrations.RunPython.noop),
        migrations.RunPython(cost_told, migrations.RunPython.noop),
    ]
