"""A backup as it is really taken and put back: deploy/backup.sh and deploy/restore.sh, with this
run's database, PostgreSQL or SQLite. What comes back is row for row what was there.
"""

import base64
import io
import os
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from audit.log import record
from config.sealing import MAGIC, seal
from organizations.privacy.erasing import person_erase
from tests.factories import EnrolmentFactory, LecturePageFactory, PlaySessionFactory, UserFactory

ROOT = Path(__file__).resolve().parents[3]
KEY = base64.b64encode(os.urandom(32)).decode()

# Other processes read the database, so what a test writes is committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def content() -> None:
    """Rows of several rooms, and entries in the log, one of them of an erased person."""
    person = UserFactory(home=True, name="李秀英", phone="13812340001")
    lecture = LecturePageFactory()
    PlaySessionFactory(user=person, lecture=lecture, seen=b"\x00\xff\x10")
    EnrolmentFactory(user=person)
    for number in range(5):
        record("test.entry", actor=person, target=person, number=number)
    gone = UserFactory(home=True)
    person_erase(actor=gone, person=gone, reason="")


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    """Of the shell scripts: this test's database, keys and anchor."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return {
        **os.environ,
        "LECTERN_MODE": "test",
        "LECTERN_VAR": str(tmp_path / "var"),
        "LECTERN_PYTHON": sys.executable,
        "DATABASE_URL": database_url(str(connection.settings_dict["NAME"])),
        "BACKUP_KEY": KEY,
        "AUDIT_KEY": django_settings.AUDIT_KEY,
        "AUDIT_ANCHOR": str(django_settings.AUDIT_ANCHOR),
        "SECRET_KEY": "s" * 40,
        "DELIVERY_KEY_A": "d" * 40,
        "PATH": f"{programs[-1]}:{os.environ['PATH']}" if programs else os.environ["PATH"],
    }


def database_url(name: str) -> str:
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    about = connection.settings_dict
    secret = f":{about['PASSWORD']}" if about["PASSWORD"] else ""
    return f"postgres://{about['USER']}{secret}@{about['HOST']}:{about['PORT']}/{name}"


@pytest.fixture
def elsewhere(tmp_path) -> Iterator[str]:
    """An empty database to restore into."""
    if connection.vendor == "sqlite":
        yield str(tmp_path / "restored.sqlite3")
        return
    name = f"restored_{uuid.uuid4().hex[:12]}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield name
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run(environment: dict[str, str], script: str, *args: object) -> subprocess.CompletedProcess:
    argv = [str(ROOT / "deploy" / script), *map(str, args)]
    return subprocess.run(
        argv, env=environment, cwd="/", capture_output=True, text=True, check=False, timeout=600
    )


def restored(environment: dict[str, str], elsewhere: str, tmp_path: Path) -> dict[str, str]:
    return {
        **environment,
        "DATABASE_URL": database_url(elsewhere),
        "AUDIT_ANCHOR": str(tmp_path / "restored-anchor"),
    }


def rows_here() -> dict[str, Any]:
    if connection.vendor == "sqlite":
        return sqlite_rows(str(connection.settings_dict["NAME"]))
    connection.ensure_connection()
    return postgres_rows(connection.connection)


def rows_there(name: str) -> dict[str, Any]:
    if connection.vendor == "sqlite":
        return sqlite_rows(name)
    import psycopg

    with psycopg.connect(database_url(name)) as other:
        return postgres_rows(other)


def sqlite_rows(path: str) -> dict[str, Any]:
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute(
            # An index of texts cannot be read as a table; the tables that it is made of can.
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            " AND sql NOT LIKE 'CREATE VIRTUAL%'"
        ).fetchall()
        return {
            name: sorted(map(repr, database.execute(f'SELECT * FROM "{name}"')))
            for (name,) in tables
        }


def postgres_rows(database: Any) -> dict[str, Any]:
    with database.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for name in tables:
            cursor.execute(f'SELECT t::text FROM "{name}" t')
            found[name] = sorted(row for (row,) in cursor.fetchall())
        return found


def test_what_was_backed_up_comes_back(content, environment, elsewhere, tmp_path):
    taken = run(environment, "backup.sh", tmp_path / "backups")
    assert taken.returncode == 0, taken.stderr
    stem = taken.stdout.strip()
    sealed = Path(f"{stem}.database.sealed")
    assert sealed.read_bytes().startswith(MAGIC)
    assert "李秀英".encode() not in sealed.read_bytes()
    assert sealed.stat().st_mode & 0o077 == 0
    assert Path(f"{stem}.anchor.sealed").exists()

    there = restored(environment, elsewhere, tmp_path)
    put = run(there, "restore.sh", stem)

    assert put.returncode == 0, put.stderr
    before, after = rows_here(), rows_there(elsewhere)
    # That the chain was verified is an entry of its own.
    del before["audit_audithead"], after["audit_audithead"]
    old, new = set(before.pop("audit_auditentry")), set(after.pop("audit_auditentry"))
    assert old < new
    assert len(new) == len(old) + 1
    assert after == before
    assert Path(there["AUDIT_ANCHOR"]).exists()


def test_a_damaged_backup_writes_nothing(environment, elsewhere, tmp_path):
    sealed = tmp_path / "20260101T000000Z.database.sealed"
    whole = io.BytesIO()
    seal(io.BytesIO(b"rows" * 100_000), whole, key=base64.b64decode(KEY))
    sealed.write_bytes(whole.getvalue()[:-20])

    stem = str(sealed).removesuffix(".database.sealed")
    put = run(restored(environment, elsewhere, tmp_path), "restore.sh", stem)

    assert put.returncode != 0
    assert "cut short" in put.stderr
    if connection.vendor == "sqlite":
        assert not Path(elsewhere).exists()
    else:
        assert rows_there(elsewhere) == {}


def test_without_a_key_there_is_no_backup(content, environment, tmp_path):
    taken = run({**environment, "BACKUP_KEY": ""}, "backup.sh", tmp_path / "backups")

    assert taken.returncode != 0
    assert "BACKUP_KEY is not set" in taken.stderr
    assert list((tmp_path / "backups").iterdir()) == []
