"""The newest lectures come from an index: the library's first page reads 24 of them, not all.

It lies on Wagtail's table. Should a later version of Wagtail make that table anew on SQLite, the
index goes with the old one: lists are slower then, and nothing else.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0007_published_standings"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX cms_newest_first ON wagtailcore_page (first_published_at DESC, path DESC)",
            "DROP INDEX cms_newest_first",
        )
    ]
