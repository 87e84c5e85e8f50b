"""The triggers by which the database itself refuses to change the log.

Entries are never updated, deleted or truncated; the head is never removed and never goes back.
On PostgreSQL they also fire where replication roles switch others off; only the tables' owner
can drop them, which need not be the role that the site uses (docs/audit.md).
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

ENTRY, HEAD = "audit_auditentry", "audit_audithead"
REFUSED = "The audit log is append-only."

_PG_FUNCTIONS = {
    "audit_refuse": f"""
BEGIN
  RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation',
    DETAIL = TG_OP || ' on ' || TG_TABLE_NAME;
END """,
    "audit_forward": f"""
BEGIN
  IF NEW.id <> OLD.id OR NEW.chain <> OLD.chain OR NEW.position <= OLD.position THEN
    RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation',
      DETAIL = 'The head goes forward only.';
  END IF;
  RETURN NEW;
END """,
}
# In PostgreSQL's own words, so that they can be compared with what it says of them.
_PG_TRIGGERS = {
    "audit_entry_fixed": (ENTRY, "BEFORE DELETE OR UPDATE", "ROW EXECUTE FUNCTION audit_refuse()"),
    "audit_entry_kept": (ENTRY, "BEFORE TRUNCATE", "STATEMENT EXECUTE FUNCTION audit_refuse()"),
    "audit_head_fixed": (HEAD, "BEFORE DELETE", "ROW EXECUTE FUNCTION audit_refuse()"),
    "audit_head_kept": (HEAD, "BEFORE TRUNCATE", "STATEMENT EXECUTE FUNCTION audit_refuse()"),
    "audit_head_forward": (HEAD, "BEFORE UPDATE", "ROW EXECUTE FUNCTION audit_forward()"),
}

# INSERT OR REPLACE removes rows without asking a delete trigger, so it is met on its way in.
_SQLITE_TRIGGERS = {
    "audit_entry_update": (ENTRY, "UPDATE", ""),
    "audit_entry_delete": (ENTRY, "DELETE", ""),
    "audit_entry_insert": (
        ENTRY,
        "INSERT",
        "WHEN EXISTS (SELECT 1 FROM audit_auditentry WHERE id = NEW.id OR position = NEW.position)",
    ),
    "audit_head_delete": (HEAD, "DELETE", ""),
    "audit_head_insert": (HEAD, "INSERT", "WHEN EXISTS (SELECT 1 FROM audit_audithead)"),
    "audit_head_forward": (
        HEAD,
        "UPDATE",
        "WHEN NEW.id <> OLD.id OR NEW.chain <> OLD.chain OR NEW.position <= OLD.position",
    ),
}


def install_sql(vendor: str) -> list[str]:
    if vendor == "postgresql":
        return [
            *(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
                f"AS $${body}$$;"
                for name, body in _PG_FUNCTIONS.items()
            ),
            *(
                f"CREATE OR REPLACE TRIGGER {name} {when} ON {table} FOR EACH {what}; "
                f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};"
                for name, (table, when, what) in _PG_TRIGGERS.items()
            ),
        ]
    return [
        statement
        for name in _SQLITE_TRIGGERS
        for statement in (f"DROP TRIGGER IF EXISTS {name};", f"{_sqlite_trigger(name)};")
    ]


def _sqlite_trigger(name: str) -> str:
    table, event, condition = _SQLITE_TRIGGERS[name]
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    )


def remove_sql(vendor: str) -> list[str]:
    if vendor == "postgresql":
        triggers = _PG_TRIGGERS.items()
        return [f"DROP TRIGGER IF EXISTS {name} ON {table};" for name, (table, *_) in triggers]
    return [f"DROP TRIGGER IF EXISTS {name};" for name in _SQLITE_TRIGGERS]


def guards_missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of triggers that are not there, do something else, or are switched off.

    What a trigger does is compared as the database itself tells it.
    """
    if connection.vendor == "postgresql":
        wanted: dict[str, tuple[str, ...]] = {
            name: (
                f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {what}",
                next(body for function, body in _PG_FUNCTIONS.items() if f" {function}(" in what),
            )
            for name, (table, when, what) in _PG_TRIGGERS.items()
        }
        sql = (
            "SELECT tgname, pg_get_triggerdef(t.oid, true), prosrc "
            "FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid "
            "WHERE tgenabled = 'A' AND proconfig IS NULL AND tgrelid IN "
            "(to_regclass('audit_auditentry'), to_regclass('audit_audithead'))"
        )
    else:
        wanted = {name: (_sqlite_trigger(name),) for name in _SQLITE_TRIGGERS}
        sql = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        found = {name: tuple(said) for name, *said in cursor.fetchall()}
    return sorted(name for name, said in wanted.items() if found.get(name) != said)


def guards_install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers in place, unless all are there as they should be."""
    if guards_missing(connection):
        _execute(connection, install_sql(connection.vendor))


def guards_remove(connection: BaseDatabaseWrapper) -> None:
    """For undoing the migration that brought them, and nothing else."""
    _execute(connection, remove_sql(connection.vendor))


def after_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """SQLite forgets a table's triggers whenever a migration remakes the table."""
    from django.db import connections

    connection = connections[using]
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        if HEAD not in tables:
            return
        about = connection.introspection.get_table_description(cursor, ENTRY)
    if any(column.name == "position" for column in about):
        guards_install(connection)


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
