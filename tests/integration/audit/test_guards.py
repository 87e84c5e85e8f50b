import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.backends.base.operations import BaseDatabaseOperations

from audit import log
from audit.guards import guards_install, guards_missing
from audit.models import AuditEntry, AuditHead
from audit.verification import chain_verify

pytestmark = pytest.mark.django_db

STATEMENTS = [
    "UPDATE audit_auditentry SET action = 'other.thing'",
    "UPDATE audit_auditentry SET digest = digest",
    "DELETE FROM audit_auditentry",
    "DELETE FROM audit_auditentry WHERE position = 2",
    "DELETE FROM audit_audithead",
    "UPDATE audit_audithead SET position = 1",
    "UPDATE audit_audithead SET digest = 'x'",
    "UPDATE audit_audithead SET chain = 'x', position = position + 1",
    "UPDATE audit_audithead SET id = 2, position = position + 1",
]
POSTGRESQL = [
    "TRUNCATE audit_auditentry",
    "TRUNCATE audit_audithead",
    "SET LOCAL session_replication_role = replica; DELETE FROM audit_auditentry",
    "INSERT INTO audit_audithead (id, chain, position, digest) VALUES (1, 'x', 9, '') "
    "ON CONFLICT (id) DO UPDATE SET chain = 'x', position = 9",
]
SQLITE = [
    "UPDATE OR REPLACE audit_auditentry SET position = 1 WHERE position = 2",
    "INSERT OR REPLACE INTO audit_auditentry (id, position, digest, at, action, target_type, "
    "target_id, result, detail) SELECT id, position, digest, at, 'other.thing', '', '', result, "
    "detail FROM audit_auditentry WHERE position = 2",
    "INSERT OR REPLACE INTO audit_audithead (id, chain, position, digest) VALUES (1, 'x', 9, '')",
]


@pytest.mark.parametrize(
    "statement", STATEMENTS + (POSTGRESQL if connection.vendor == "postgresql" else SQLITE)
)
def test_the_database_refuses(statement: str) -> None:
    for _ in range(3):
        log.record("thing.do")
    before = list(AuditEntry.objects.order_by("id").values())
    head = AuditHead.objects.values().get()
    connection.check_constraints()  # else PostgreSQL refuses TRUNCATE for another reason
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert list(AuditEntry.objects.order_by("id").values()) == before
    assert AuditHead.objects.values().get() == head


def test_missing_triggers_are_told_and_put_back(tamper) -> None:
    log.record("thing.do")
    name = "audit_entry_fixed ON audit_auditentry"
    if connection.vendor == "sqlite":
        name = "audit_entry_update"
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}")
    found = chain_verify(anchored=False)
    assert found.problem == "guards"
    assert name.partition(" ")[0] in found.message
    guards_install(connection)
    assert guards_missing(connection) == []
    assert chain_verify(anchored=False).ok


HOLLOW_POSTGRESQL = [
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RETURN COALESCE(NEW, OLD); END $$",
    "CREATE OR REPLACE TRIGGER audit_entry_fixed BEFORE DELETE OR UPDATE ON audit_auditentry "
    "FOR EACH ROW WHEN (OLD.id < 0) EXECUTE FUNCTION audit_refuse()",
    "CREATE OR REPLACE TRIGGER audit_entry_fixed BEFORE DELETE ON audit_auditentry "
    "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "ALTER TABLE audit_auditentry DISABLE TRIGGER audit_entry_fixed",
    "ALTER TABLE audit_auditentry ENABLE TRIGGER audit_entry_fixed",
]
HOLLOW_SQLITE = [
    "CREATE TRIGGER audit_entry_update BEFORE UPDATE ON audit_auditentry BEGIN SELECT 1; END",
    "CREATE TRIGGER audit_entry_update BEFORE UPDATE ON audit_auditentry WHEN OLD.id < 0 "
    "BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END",
    "CREATE TRIGGER audit_entry_update BEFORE UPDATE ON audit_audithead "
    "BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END",
]


@pytest.mark.parametrize(
    "statement", HOLLOW_POSTGRESQL if connection.vendor == "postgresql" else HOLLOW_SQLITE
)
def test_triggers_that_do_something_else_are_told_and_put_back(statement: str) -> None:
    log.record("thing.do")
    assert chain_verify(anchored=False).ok
    connection.check_constraints()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_entry_update")
        cursor.execute(statement)
    assert chain_verify(anchored=False).problem == "guards"
    guards_install(connection)
    assert chain_verify(anchored=False).ok


@pytest.mark.django_db(transaction=True)
def test_flushing_a_real_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    log.record("thing.do")
    operations = type(connection.ops)
    with monkeypatch.context() as patch:
        patch.setattr(operations, "execute_sql_flush", BaseDatabaseOperations.execute_sql_flush)
        with pytest.raises(CommandError):
            call_command("flush", interactive=False, verbosity=0)
    assert AuditEntry.objects.count() == 1
