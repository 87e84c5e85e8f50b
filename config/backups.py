"""What a backup needs to know: its key, where the database is, how SQLite is copied while in use.

The ciphers are `config.sealing`; the order of things is deploy/backup.sh and deploy/restore.sh,
because nothing here starts a process.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connection

from config.sealing import SealError, key_from_text

LEFT_BESIDE = ("-wal", "-shm", "-journal")


class BackupError(Exception):
    """A copy could not be taken or put back; the message is for the operator."""


def backup_key() -> bytes:
    """The master key of sealed backups. Raises SealError."""
    if not settings.BACKUP_KEY:
        raise SealError(
            "BACKUP_KEY is not set: 32 random bytes as base64, for instance from "
            "`openssl rand -base64 32`. Keep a copy away from this machine."
        )
    return key_from_text(settings.BACKUP_KEY)


def shell_assignments() -> list[str]:
    """Lines for `eval` in a POSIX shell: which database, how libpq reaches it, the audit anchor.

    Through the environment, so that no password appears in a list of processes.
    """
    about = connection.settings_dict
    values: dict[str, Any] = {
        "LECTERN_DATABASE": connection.vendor,
        "LECTERN_ANCHOR": anchor_path(),
    }
    if connection.vendor == "postgresql":
        options: dict[str, Any] = about.get("OPTIONS") or {}
        values |= {
            "PGHOST": about["HOST"] or options.get("host"),
            "PGPORT": about["PORT"],
            "PGUSER": about["USER"],
            "PGPASSWORD": about["PASSWORD"],
            "PGDATABASE": about["NAME"],
            "PGSSLMODE": options.get("sslmode"),
            "PGSSLROOTCERT": options.get("sslrootcert"),
        }
    return [f"export {name}={shlex.quote(str(value))}" for name, value in values.items() if value]


def anchor_path() -> str:
    """The file that holds the head of the audit chain outside the database, if there is one."""
    return str(getattr(settings, "AUDIT_ANCHOR", "") or "")


# -- SQLite ----------------------------------------------------------------------------------------


def sqlite_dump(target: BinaryIO) -> None:
    """A consistent copy of the database, taken while the site goes on writing."""
    with _beside_database() as copy:
        with (
            closing(sqlite3.connect(_database_file())) as source,
            closing(sqlite3.connect(copy)) as other,
        ):
            source.backup(other)
        with copy.open("rb") as file:
            shutil.copyfileobj(file, target)


def sqlite_load(source: BinaryIO, *, replace: bool = False) -> None:
    """Put a copy in place of the database, only when it is sound. Raises BackupError."""
    database = _database_file()
    if database.exists() and not replace:
        raise BackupError(f"{database} exists. Stop the site, move it away, or use --replace.")
    with _beside_database() as copy:
        with copy.open("wb") as file:
            shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())
        _check_sound(copy)
        for end in LEFT_BESIDE:
            database.with_name(database.name + end).unlink(missing_ok=True)
        copy.replace(database)


def _check_sound(copy: Path) -> None:
    try:
        with closing(sqlite3.connect(copy)) as database:
            found = [row[0] for row in database.execute("PRAGMA integrity_check")]
            tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except sqlite3.DatabaseError as problem:
        raise BackupError("What was read is no SQLite database.") from problem
    if found != ["ok"] or not tables:
        raise BackupError("What was read is no complete SQLite database.")


@contextmanager
def _beside_database() -> Iterator[Path]:
    """A file on the same disk that only the owner reads and that does not stay."""
    folder = Path(tempfile.mkdtemp(prefix=".backup-", dir=_database_file().parent))
    try:
        yield folder / "copy.sqlite3"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _database_file() -> Path:
    if connection.vendor != "sqlite":
        raise BackupError("The database of this installation is not SQLite.")
    return Path(connection.settings_dict["NAME"])
