import os
import stat
import time

import pytest

from audit import log
from audit.anchor import Anchor, AnchorForged, AnchorMissing, anchor_put, anchor_read
from audit.anchoring import AnchorRefused, anchor_accept
from audit.models import AuditEntry, AuditHead
from audit.verification import chain_verify

pytestmark = pytest.mark.django_db


def test_the_anchor_follows_each_commit(committed) -> None:
    committed(1)
    assert anchor_read().position == 1
    committed(2)
    head = AuditHead.objects.get()
    assert anchor_read() == Anchor(head.chain, 3, head.digest)


def test_only_the_owner_reads_it(committed, anchor_file) -> None:
    committed()
    assert stat.S_IMODE(anchor_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(anchor_file.parent.stat().st_mode) == 0o700
    assert anchor_file.stat().st_size == 512


def test_what_is_not_committed_is_not_anchored(committed) -> None:
    committed(2)
    log.record("thing.do")  # whose transaction never ends in this test
    assert anchor_read().position == 2


def test_a_process_that_ended_before_the_anchor_does_no_harm(committed) -> None:
    log.record("thing.do")
    assert anchor_read().position == 0
    assert chain_verify().ok
    assert anchor_read().position == 1
    log.record("thing.do")
    committed(1)
    assert anchor_read().position == 3


def test_it_never_moves_backwards(committed, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks() as slower:
        log.record("thing.do")
    committed(1)
    for callback in slower:
        callback()
    assert anchor_read().position == 2
    assert chain_verify().ok


def test_a_lost_anchor_is_not_made_anew(committed, anchor_file, caplog) -> None:
    committed(3)
    anchor_file.unlink()
    committed(1)
    assert not anchor_file.exists()
    assert "anchor does not follow" in caplog.text
    assert chain_verify().problem == "anchor"


def test_an_emptied_anchor_counts_as_lost(committed, anchor_file) -> None:
    committed(3)
    anchor_file.write_bytes(b"")
    committed(1)
    with pytest.raises(AnchorMissing):
        anchor_read()
    assert chain_verify().problem == "anchor"


@pytest.mark.parametrize("old", [b" 3 ", b"lectern"])
def test_an_anchor_that_was_edited_is_forged(committed, anchor_file, old: bytes) -> None:
    committed(3)
    anchor_file.write_bytes(anchor_file.read_bytes().replace(old, old[::-1].upper() + b"2 "))
    with pytest.raises(AnchorForged):
        anchor_read()
    assert chain_verify().problem == "forged"
    committed(1)
    assert chain_verify().problem == "forged"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x", b"\n" * 600, b"a b c d e"])
def test_anything_else_in_its_place_is_forged(committed, anchor_file, content: bytes) -> None:
    committed(1)
    anchor_file.write_bytes(content)
    assert chain_verify().problem == "forged"


def test_an_anchor_sealed_with_another_key_is_forged(committed, anchor_file, settings) -> None:
    committed(2)
    real, settings.AUDIT_KEY = settings.AUDIT_KEY, "guessed"
    anchor_put(Anchor("x", 1, "x"))
    settings.AUDIT_KEY = real
    assert chain_verify().problem == "forged"


def test_a_new_database_beside_an_old_anchor_is_told_apart(committed, tamper) -> None:
    committed(3)
    tamper("DELETE FROM audit_auditentry", "DELETE FROM audit_audithead")
    committed(2)
    found = chain_verify()
    assert found.problem == "foreign"
    assert "audit_anchor --accept" in found.message
    assert anchor_read().position == 3


def test_an_anchor_that_holds_nothing_yet_gives_way(committed, tamper) -> None:
    log.record("thing.do")
    tamper("DELETE FROM audit_auditentry", "DELETE FROM audit_audithead")
    committed(2)
    assert anchor_read().position == 2
    assert chain_verify().ok


def test_a_folder_that_cannot_be_written_loses_no_act(
    committed, settings, tmp_path, caplog
) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.AUDIT_ANCHOR = str(tmp_path / "file" / "anchor")
    committed(2)
    assert AuditEntry.objects.count() == 2
    assert "anchor does not follow" in caplog.text
    assert not chain_verify().ok


def test_a_host_without_an_anchor_records_in_peace(committed, settings, caplog) -> None:
    settings.AUDIT_ANCHOR = ""
    committed(2)
    assert not caplog.records
    assert chain_verify().problem == "anchor"


def test_writing_it_is_cheap(committed) -> None:
    committed(1)
    head = AuditHead.objects.get()
    started = time.process_time()
    for _ in range(200):
        anchor_put(Anchor(head.chain, 1, head.digest))
    assert (time.process_time() - started) / 200 < 0.002
    assert os.listdir(os.path.dirname(os.fspath(_path()))) == ["anchor"]


def test_after_a_restore_the_log_is_anchored_again_with_a_reason(committed, tamper) -> None:
    committed(5)
    kept = AuditEntry.objects.get(position=3).digest
    tamper(
        "DELETE FROM audit_auditentry WHERE position > 3",
        f"UPDATE audit_audithead SET position = 3, digest = '{kept}'",
    )
    assert chain_verify().problem == "truncated"
    anchor_accept(reason=" Restored from the backup of Monday ")
    assert chain_verify().ok
    entry = AuditEntry.objects.latest("position")
    assert entry.action == "audit.anchor"
    assert entry.detail == {
        "reason": "Restored from the backup of Monday",
        "log_ended": 3,
        "anchor": "cut",
        "stood": 5,
    }
    committed(2)
    assert anchor_read().position == 6
    assert chain_verify().ok


def test_a_lost_anchor_is_accepted_anew(committed, anchor_file) -> None:
    committed(2)
    anchor_file.unlink()
    anchor_accept(reason="New disk")
    assert AuditEntry.objects.latest("position").detail["anchor"] == "missing"
    assert chain_verify().ok


def test_no_reason_heals_an_altered_log(committed, tamper) -> None:
    committed(3)
    tamper("UPDATE audit_auditentry SET action = 'x' WHERE position = 2")
    with pytest.raises(AnchorRefused, match="2"):
        anchor_accept(reason="Because")
    assert not AuditEntry.objects.filter(action="audit.anchor").exists()
    assert anchor_read().position == 3


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_a_reason_is_needed(committed, reason: str) -> None:
    committed(1)
    with pytest.raises(AnchorRefused):
        anchor_accept(reason=reason)
    assert AuditEntry.objects.count() == 1


def _path() -> str:
    from django.conf import settings

    return settings.AUDIT_ANCHOR
