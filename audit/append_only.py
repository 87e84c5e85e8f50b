"""Tables that the database itself refuses to change: their triggers, put in place and looked after.

On PostgreSQL the triggers also fire where replication roles switch others off; only the tables'
owner can drop them. SQLite forgets a table's triggers whenever a migration remakes the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper


def refusing(words: str) -> str:
    """The body of a function of PostgreSQL that refuses whatever the trigger meets."""
    return f"""
BEGIN
  RAISE EXCEPTION '{words}' USING ERRCODE = 'integrity_constraint_violation',
    DETAIL = TG_OP || ' on ' || TG_TABLE_NAME;
END """


@dataclass(frozen=True)
class Guards:
    """`functions` are bodies by name. Triggers by name: (table, when, what) of PostgreSQL, in its
    own words, so that they can be compared with what it says of them; (table, event, condition) of
    SQLite, which abort with the words `refused`.
    """

    refused: str
    functions: Mapping[str, str]
    postgresql: Mapping[str, tuple[str, str, str]]
    sqlite: Mapping[str, tuple[str, str, str]]

    def install_sql(self, vendor: str) -> list[str]:
        if vendor == "postgresql":
            return [
                *(
                    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
                    f"AS $${body}$$;"
                    for name, body in self.functions.items()
                ),
                *(
                    f"CREATE OR REPLACE TRIGGER {name} {when} ON {table} FOR EACH {what}; "
                    f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};"
                    for name, (table, when, what) in self.postgresql.items()
                ),
            ]
        return [
            statement
            for name in self.sqlite
            for statement in (f"DROP TRIGGER IF EXISTS {name};", f"{self._sqlite(name)};")
        ]

    def remove_sql(self, vendor: str) -> list[str]:
        if vendor == "postgresql":
            triggers = self.postgresql.items()
            return [f"DROP TRIGGER IF EXISTS {name} ON {table};" for name, (table, *_) in triggers]
        return [f"DROP TRIGGER IF EXISTS {name};" for name in self.sqlite]

    def missing(self, connection: BaseDatabaseWrapper) -> list[str]:
        """The names of triggers that are not there, do something else, or are switched off.

        What a trigger does is compared as the database itself tells it.
        """
        asked: list[list[str]] = []
        if connection.vendor == "postgresql":
            wanted: dict[str, tuple[str, ...]] = {
                name: (
                    f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {what}",
                    next(body for one, body in self.functions.items() if f" {one}(" in what),
                )
                for name, (table, when, what) in self.postgresql.items()
            }
            asked = [sorted({table for table, *_ in self.postgresql.values()})]
            sql = (
                "SELECT tgname, pg_get_triggerdef(t.oid, true), prosrc "
                "FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid "
                "WHERE tgenabled = 'A' AND proconfig IS NULL AND tgrelid IN "
                "(SELECT to_regclass(one) FROM unnest(%s::text[]) AS one)"
            )
        else:
            wanted = {name: (self._sqlite(name),) for name in self.sqlite}
            sql = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        with connection.cursor() as cursor:
            cursor.execute(sql, asked)
            found = {name: tuple(said) for name, *said in cursor.fetchall()}
        return sorted(name for name, said in wanted.items() if found.get(name) != said)

    def install(self, connection: BaseDatabaseWrapper) -> None:
        """Put the triggers in place, unless all are there as they should be."""
        if self.missing(connection):
            _execute(connection, self.install_sql(connection.vendor))

    def remove(self, connection: BaseDatabaseWrapper) -> None:
        """For undoing the migration that brought them, and nothing else."""
        _execute(connection, self.remove_sql(connection.vendor))

    def _sqlite(self, name: str) -> str:
        table, event, condition = self.sqlite[name]
        return (
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{self.refused}'); END"
        )


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
