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
    """What a branch has of some months, in their order, for one index that is no longer needed;
    people go on reading and entering meanwhile. SQLite reads its few rows as they are.
    """
    if schema_editor.connection.vendor == "postgresql":
        # One that was broken off in the middle is there, and of no use.
        schema_editor.execute("DROP INDEX CONCURRENTLY IF EXISTS credit_in_month")
        schema_editor.execute(
            "CREATE INDEX CONCURRENTLY credit_in_month ON ledger_creditentry "
            f'(organization_id, ({OWN_MONTH}), "at", id)'
        )
        schema_editor.execute("DROP INDEX CONCURRENTLY IF EXISTS credit_of_branch")
    else:
        schema_editor.execute("DROP INDEX IF EXISTS credit_of_branch")


def months_forgotten(apps, schema_editor):
    how = "CONCURRENTLY" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(
        f"CREATE INDEX {how} IF NOT EXISTS credit_of_branch "
        "ON ledger_creditentry (organization_id, year)"
    )
    schema_editor.execute(f"DROP INDEX {how} IF EXISTS credit_in_month")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("ledger", "0003_credit_of_subject")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name="creditentry", name="credit_of_branch")
            ],
            database_operations=[migrations.RunPython(months_indexed, months_forgotten)],
        )
    ]
