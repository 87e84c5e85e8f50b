"""The triggers by which the database itself refuses to change the log.

Entries are never updated, deleted or truncated; the head is never removed and never goes back. Who
can drop them need not be the role that the site uses (docs/audit.md).
"""

from __future__ import annotations

from typing import Any

from audit.append_only import Guards, refusing

ENTRY, HEAD = "audit_auditentry", "audit_audithead"
REFUSED = "The audit log is append-only."

_PG_FUNCTIONS = {
    "audit_refuse": refusing(REFUSED),
    "audit_forward": f"""
BEGIN
  IF NEW.id <> OLD.id OR NEW.chain <> OLD.chain OR NEW.position <= OLD.position THEN
    RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation',
      DETAIL = 'The head goes forward only.';
  END IF;
  RETURN NEW;
END """,
}
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


GUARDS = Guards(REFUSED, _PG_FUNCTIONS, _PG_TRIGGERS, _SQLITE_TRIGGERS)
install_sql, remove_sql = GUARDS.install_sql, GUARDS.remove_sql
guards_missing, guards_install, guards_remove = GUARDS.missing, GUARDS.install, GUARDS.remove


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
