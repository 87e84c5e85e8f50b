"""The triggers by which the database itself refuses to change what was booked, and the rules by
which it was.

As those of the audit log (`audit.guards`): on PostgreSQL they also fire where replication roles
switch others off. Erasing a person needs no way round them, for a row holds the id of an account
that becomes a pseudonym.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("ledger_creditentry", "ledger_creditrule")
REFUSED = "The ledger is append-only."

_BODY = f"""
BEGIN
  RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation',
    DETAIL = TG_OP || ' on ' || TG_TABLE_NAME;
END """
# In PostgreSQL's own words, so that they can be compared with what it says of them.
_PG = {
    "fixed": "BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_refuse()",
    "kept": "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()",
}
# INSERT OR REPLACE removes rows without asking a delete trigger, so it is met on its way in.
_SQLITE = {
    "update": "BEFORE UPDATE ON {table}",
    "delete": "BEFORE DELETE ON {table}",
    "insert": "BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)",
}


def _triggers(vendor: str) -> dict[str, tuple[str, str]]:
    """Name → (table, statement)."""
    found = {}
    for table in TABLES:
        for name, text in (_PG if vendor == "postgresql" else _SQLITE).items():
            trigger = f"{table}_{name}"
            statement = f"CREATE TRIGGER {trigger} {text.format(table=table)}"
            if vendor != "postgresql":
                statement += f" BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            found[trigger] = table, statement
    return found


def install_sql(vendor: str) -> list[str]:
    if vendor == "postgresql":
        function = "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql"
        return [
            f"{function} AS $${_BODY}$$;",
            *(
                f"{statement.replace('CREATE', 'CREATE OR REPLACE', 1)}; "
                f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};"
                for name, (table, statement) in _triggers(vendor).items()
            ),
        ]
    return [
        line
        for name, (_table, statement) in _triggers(vendor).items()
        for line in (f"DROP TRIGGER IF EXISTS {name};", f"{statement};")
    ]


def remove_sql(vendor: str) -> list[str]:
    on = " ON {}" if vendor == "postgresql" else ""
    return [
        f"DROP TRIGGER IF EXISTS {name}{on.format(table)};"
        for name, (table, _statement) in _triggers(vendor).items()
    ]


def guards_missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of triggers that are not there, do something else, or are switched off."""
    wanted: dict[str, tuple[str, ...]]
    if connection.vendor == "postgresql":
        wanted = {name: (sql, _BODY) for name, (_t, sql) in _triggers("postgresql").items()}
        sql = (
            "SELECT tgname, replace(pg_get_triggerdef(t.oid, true), 'public.', ''), prosrc "
            "FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid "
            "WHERE tgenabled = 'A' AND proconfig IS NULL AND tgrelid IN "
            "(to_regclass('ledger_creditentry'), to_regclass('ledger_creditrule'))"
        )
    else:
        wanted = {name: (sql,) for name, (_t, sql) in _triggers(connection.vendor).items()}
        sql = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        found = {name: tuple(said) for name, *said in cursor.fetchall()}
    return sorted(name for name, said in wanted.items() if found.get(name) != said)


def guards_install(connection: BaseDatabaseWrapper) -> None:
    if guards_missing(connection):
        _execute(connection, install_sql(connection.vendor))


def guards_remove(connection: BaseDatabaseWrapper) -> None:
    """For undoing the migration that brought them, and nothing else."""
    _execute(connection, remove_sql(connection.vendor))


def after_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """SQLite forgets a table's triggers whenever a migration remakes the table."""
    connection = connections[using]
    with connection.cursor() as cursor:
        there = connection.introspection.table_names(cursor)
    if all(table in there for table in TABLES):
        guards_install(connection)


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
