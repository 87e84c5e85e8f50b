"""The triggers by which the database itself refuses to change what was booked, and the rules by
which it was.

Erasing a person needs no way round them, for a row holds the id of an account that becomes a
pseudonym.
"""

from __future__ import annotations

from typing import Any

from django.db import connections

from audit.append_only import Guards, refusing

TABLES = ("ledger_creditentry", "ledger_creditrule")
REFUSED = "The ledger is append-only."
_REFUSE = "EXECUTE FUNCTION ledger_refuse()"
# INSERT OR REPLACE removes rows without asking a delete trigger, so it is met on its way in.
_AGAIN = "WHEN EXISTS (SELECT 1 FROM {} WHERE id = NEW.id)"
_Triggers = dict[str, tuple[str, str, str]]
_PG_TRIGGERS: _Triggers = {}
_SQLITE_TRIGGERS: _Triggers = {}
for _table in TABLES:
    _PG_TRIGGERS |= {
        f"{_table}_fixed": (_table, "BEFORE DELETE OR UPDATE", f"ROW {_REFUSE}"),
        f"{_table}_kept": (_table, "BEFORE TRUNCATE", f"STATEMENT {_REFUSE}"),
    }
    _SQLITE_TRIGGERS |= {
        f"{_table}_update": (_table, "UPDATE", ""),
        f"{_table}_delete": (_table, "DELETE", ""),
        f"{_table}_insert": (_table, "INSERT", _AGAIN.format(_table)),
    }
GUARDS = Guards(REFUSED, {"ledger_refuse": refusing(REFUSED)}, _PG_TRIGGERS, _SQLITE_TRIGGERS)
install_sql, remove_sql = GUARDS.install_sql, GUARDS.remove_sql
guards_missing, guards_install, guards_remove = GUARDS.missing, GUARDS.install, GUARDS.remove


def after_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """SQLite forgets a table's triggers whenever a migration remakes the table."""
    connection = connections[using]
    with connection.cursor() as cursor:
        there = connection.introspection.table_names(cursor)
    if all(table in there for table in TABLES):
        GUARDS.install(connection)
