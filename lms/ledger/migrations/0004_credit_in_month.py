from django.db import migrations

# `lms.ledger.own_month.own_month` as Django writes it. A constant time zone makes it the same for
# ever, which an index asks for; Django has no words for such a zone in an index of a model.
YEAR, MONTH = (
    f"EXTRACT({part} FROM \"{{}}\" AT TIME ZONE 'Asia/Shanghai')" for part in ("YEAR", "MONTH")
)
NUMBER = f"((({YEAR} * 12) + {MONTH}) - 1)"
OWN_MONTH = (
    f'CASE WHEN "year" = ({YEAR.format("at")}) THEN {NUMBER.format("at", "at")} '
    f"ELSE {NUMBER.format('booked_at', 'booked_at')} END"
)


def months_indexed(apps, schema_editor):
    """What a branch has of some months, in their order. SQLite reads its few rows as they are."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE INDEX credit_in_month ON ledger_creditentry "
            f'(organization_id, ({OWN_MONTH}), "at", id)'
        )


def months_forgotten(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX credit_in_month")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_credit_of_subject")]

    operations = [
        migrations.RemoveIndex(model_name="creditentry", name="credit_of_branch"),
        migrations.RunPython(months_indexed, months_forgotten),
    ]
