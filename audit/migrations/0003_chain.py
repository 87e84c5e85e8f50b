"""Every entry gets its position and digest; those that are there are chained in their order."""

import uuid

from django.conf import settings
from django.db import connections, migrations, models, transaction

from audit.anchor import Anchor, anchor_put
from audit.canonical import FIELDS, Sealed, canonical, digest

CHUNK = 2000


def chain_existing(apps, schema_editor):
    using = schema_editor.connection.alias
    entries = apps.get_model("audit", "AuditEntry").objects.using(using)
    chain, position, previous, last = uuid.uuid4().hex, 0, "", 0
    columns = ["id", *(name for name in FIELDS if name != "position")]
    while rows := entries.filter(pk__gt=last).order_by("pk").values_list(*columns)[:CHUNK]:
        sealed = []
        for last, *facts in rows:
            position += 1
            content = canonical(chain, Sealed(position, *facts))
            previous = digest(settings.AUDIT_KEY, previous, content)
            sealed.append((position, previous, last))
        with connections[using].cursor() as cursor:
            cursor.executemany(
                "UPDATE audit_auditentry SET position = %s, digest = %s WHERE id = %s", sealed
            )
    heads = apps.get_model("audit", "AuditHead").objects.using(using)
    heads.create(pk=1, chain=chain, position=position, digest=previous)
    if position and settings.AUDIT_ANCHOR:
        anchor = Anchor(chain, position, previous)
        transaction.on_commit(lambda: anchor_put(anchor), using=using, robust=True)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_initial")]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="position",
            field=models.PositiveBigIntegerField(null=True, editable=False, verbose_name="number"),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="digest",
            field=models.CharField(
                max_length=64, default="", editable=False, verbose_name="digest"
            ),
        ),
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("chain", models.CharField(max_length=32)),
                ("position", models.PositiveBigIntegerField(default=0)),
                ("digest", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "verbose_name": "head of the audit chain",
                "verbose_name_plural": "heads of the audit chain",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(id=1), name="audit_one_head")
                ],
            },
        ),
        migrations.RunPython(chain_existing, migrations.RunPython.noop),
    ]
