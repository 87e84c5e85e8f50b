"""The index of what can be found, with what each database needs to look words up in it."""

import django.db.models.deletion
from django.db import migrations, models

import cms.finding.models

# Numbers of runs of one, two and three characters; the same that cms.finding.grams makes of a
# word. Costly, and the planner must know: it is to read them from the index, never to make them.
FUNCTION = """
CREATE OR REPLACE FUNCTION cms_grams(folded text) RETURNS bigint[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100000 AS $$
    SELECT array_agg(gram) FROM (
        SELECT unnest(ARRAY[a, (a << 21) | b, (a << 42) | (b << 21) | c]) AS gram FROM (
            SELECT ascii(x)::bigint AS a, ascii(y)::bigint AS b, ascii(z)::bigint AS c
            FROM (SELECT string_to_array(folded, NULL) AS signs) AS whole,
                unnest(signs, signs[2:], signs[3:]) AS runs(x, y, z)
        ) AS points
    ) AS grams WHERE gram IS NOT NULL
$$
"""
POSTGRESQL = (
    FUNCTION,
    # Looked through as a whole, so it lies there as it is.
    "ALTER TABLE cms_searchtext ALTER COLUMN folded SET STORAGE EXTERNAL",
    # Reading is what counts: no list of things to be indexed later.
    "CREATE INDEX cms_searchtext_grams ON cms_searchtext "
    "USING gin (cms_grams(folded)) WITH (fastupdate = off)",
    # No statistics: ANALYZE would make the runs of thousands of texts.
    "ALTER INDEX cms_searchtext_grams ALTER COLUMN 1 SET STATISTICS 0",
)
# Positions make a row of overlapping pairs exact; `prefix` is for single characters.
SQLITE = (
    "CREATE VIRTUAL TABLE cms_searchtext_grams USING fts5("
    "pairs, content='', columnsize=0, tokenize='ascii', prefix='1')",
)


def create(apps, schema_editor):
    statements = POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE
    for statement in statements:
        schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX cms_searchtext_grams", params=None)
        schema_editor.execute("DROP FUNCTION cms_grams(text)", params=None)
    else:
        schema_editor.execute("DROP TABLE cms_searchtext_grams", params=None)


class Migration(migrations.Migration):
    dependencies = [("cms", "0008_newest_first")]

    operations = [
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("field", models.PositiveSmallIntegerField()),
                ("initials", models.BooleanField(default=False)),
                ("text", models.TextField(blank=True)),
                ("folded", cms.finding.models.FoldedField()),
                ("starts", models.JSONField(blank=True, default=list)),
                (
                    "lecture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="cms.lecturepage",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lecture", "field", "initials"), name="one_text_of_each_kind"
                    )
                ],
            },
        ),
        migrations.RunPython(create, drop),
    ]
