"""What is published today has a standing since its first publication, by whoever did it then."""

from typing import Any

from django.db import migrations


def published(apps: Any, schema_editor: Any) -> None:
    lectures = apps.get_model("cms", "LecturePage").objects.filter(
        live=True, first_published_at__isnull=False, organization__isnull=False
    )
    standings = apps.get_model("cms", "Standing").objects
    entries = apps.get_model("wagtailcore", "PageLogEntry").objects.filter(action="wagtail.publish")
    by = dict(entries.order_by("-timestamp").values_list("page_id", "user_id"))
    users = set(
        apps.get_model("organizations", "User")
        .objects.filter(pk__in=set(by.values()))
        .values_list("pk", flat=True)
    )
    rows = (
        standings.model(
            lecture_id=pk,
            kind="published",
            organization_id=unit,
            since=since,
            decided_by_id=by.get(pk) if by.get(pk) in users else None,
        )
        for pk, unit, since in lectures.values_list("pk", "organization_id", "first_published_at")
    )
    standings.bulk_create(rows, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("cms", "0006_curated_lists")]
    operations = [migrations.RunPython(published, migrations.RunPython.noop)]
