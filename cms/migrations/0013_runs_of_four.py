"""PostgreSQL finds words of four characters, which most terms of Chinese are, by its index alone."""

from django.db import migrations

# What cms.finding.grams makes of a word; a run of four, where each is below 55,108, is negative.
FUNCTION = """
CREATE OR REPLACE FUNCTION cms_grams(folded text) RETURNS bigint[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100 AS $$
    SELECT array_agg(gram) FROM (
        SELECT unnest(ARRAY[
            a, (a << 21) | b, (a << 42) | (b << 21) | c,
            CASE WHEN greatest(a, b, c, d) < 55108
                THEN -1 - (((a * 55108 + b) * 55108 + c) * 55108 + d) END
        ]) AS gram FROM (
            SELECT ascii(w)::bigint AS a, ascii(x)::bigint AS b, ascii(y)::bigint AS c,
                ascii(z)::bigint AS d
            FROM (SELECT string_to_array(folded, NULL) AS signs) AS whole,
                unnest(signs, signs[2:], signs[3:], signs[4:]) AS runs(w, x, y, z)
        ) AS points
    ) AS grams WHERE gram IS NOT NULL
$$
"""
# People go on searching and writing: the old index serves until the new one is whole, since what it
# holds of a text is part of what the function makes of it now.
POSTGRESQL = (
    FUNCTION,
    # One that was broken off in the middle is there, and of no use.
    "DROP INDEX CONCURRENTLY IF EXISTS cms_searchtext_runs",
    "CREATE INDEX CONCURRENTLY cms_searchtext_runs ON cms_searchtext "
    "USING gin (cms_grams(folded)) WITH (fastupdate = off)",
    "ALTER INDEX cms_searchtext_runs ALTER COLUMN 1 SET STATISTICS 0",
    "DROP INDEX CONCURRENTLY IF EXISTS cms_searchtext_grams",
    "ALTER INDEX cms_searchtext_runs RENAME TO cms_searchtext_grams",
)


def with_fours(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in POSTGRESQL:
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cms", "0012_lecture_cells")]

    operations = [migrations.RunPython(with_fours, migrations.RunPython.noop)]
