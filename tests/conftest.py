"""What every test shares: a private data folder for each worker process, no way out."""

import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from audit import guards as audit_guards
from lms.ledger import guards as ledger_guards
from lms.watching import group_commit

# The machine is shared: how long one example took says nothing about the code. New examples are
# drawn at every run, so that many short ones see as much as a long one.
hypothesis.settings.register_profile("short", deadline=None, max_examples=40)
hypothesis.settings.register_profile("long", deadline=None, max_examples=400)
hypothesis.settings.load_profile(os.environ.get("LECTERN_EXAMPLES", "short"))


# A migrated database to begin with, made by tests/run.py: a file for SQLite, a name for PostgreSQL.
MIGRATED = os.environ.get("LECTERN_MIGRATED")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a file as on a real installation; either begins as a copy of what is migrated.

    The in-memory database that Django shares between threads has table locks which no timeout
    waits for.
    """
    chosen = connection.settings_dict["TEST"]
    if connection.vendor == "sqlite":
        path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        chosen["NAME"] = str(path)
        if MIGRATED:
            shutil.copy(MIGRATED, path)
    elif MIGRATED:
        chosen["TEMPLATE"] = MIGRATED


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The file that was just copied is taken as it is; it ends with its folder."""
    return connection.vendor == "sqlite"


@pytest.fixture(autouse=True)
def force_login_has_every_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """`client.force_login` signs in with a passkey, whoever it is.

    Tests of signing in itself use the pages instead (tests/integration/organizations/signin).
    """
    original = Client._login

    def login(self: Client, user: Any, backend: str | None = None) -> None:
        original(self, user, backend)
        session = self.session
        session["account_authentication_methods"] = [
            {"method": "mfa", "type": "webauthn", "at": time.time()}
        ]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()

    monkeypatch.setattr(Client, "_login", login)


@pytest.fixture(autouse=True)
def connection_of_beats_is_closed() -> Iterator[None]:
    """A database to which somebody is connected cannot be thrown away."""
    yield
    if (opened := group_commit.group.__dict__.get("connection")) is not None:
        opened.close()


@pytest.fixture(autouse=True, scope="session")
def flush_past_the_guards() -> Iterator[None]:
    """Between tests Django empties every table, which the triggers of the audit log and of the
    ledger refuse.
    """
    operations = type(connection.ops)
    execute = operations.execute_sql_flush

    def unguarded(self: Any, statements: list[str]) -> None:
        vendor = self.connection.vendor
        both = (audit_guards, ledger_guards)
        removed = [line for one in both for line in one.remove_sql(vendor)]
        installed = [line for one in both for line in one.install_sql(vendor)]
        execute(self, [*removed, *statements, *installed])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "execute_sql_flush", unguarded)
        yield


@pytest.fixture(autouse=True)
def private_folders(
    request: pytest.FixtureRequest,
    settings: Settings,
    tmp_path: Path,
    empty_cache: Callable[[], None],
) -> Iterator[None]:
    """Uploads, packages and cache entries of a test are its own."""
    if "e2e" in str(request.path):
        yield
        return
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise looks for it
    settings.LECTERN_VAR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.INCOMING_ROOT = tmp_path / "incoming"
    settings.AUDIT_ANCHOR = str(tmp_path / "audit" / "anchor")
    settings.STORAGES = {
        **settings.STORAGES,
        "recordings": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media"), "base_url": None},
        },
        "roster": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "roster"), "base_url": None},
        },
        "claims": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "claims"), "base_url": None},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    empty_cache()
    yield
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture
def empty_cache(settings: Settings) -> Callable[[], None]:
    """A cache without entries. `cache.clear()` would empty it for tests that run beside, too."""

    def fresh() -> None:
        settings.CACHES = {
            name: {**options, "KEY_PREFIX": uuid.uuid4().hex}
            for name, options in settings.CACHES.items()
        }

    return fresh
