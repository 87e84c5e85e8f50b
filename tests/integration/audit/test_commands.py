import datetime as dt
import io
import json
import stat
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit import log, tasks
from audit.canonical import Sealed, canonical, digest
from audit.models import AuditEntry

pytestmark = pytest.mark.django_db


def run(*argv: str) -> str:
    out = io.StringIO()
    call_command(*argv, stdout=out)
    return out.getvalue()


def test_a_whole_log_is_said_to_be_whole(committed) -> None:
    committed(4)
    assert "4" in run("audit_verify")
    assert json.loads(run("audit_verify", "--json")) == {
        "ok": True,
        "entries": 5,
        "problem": "",
        "position": None,
        "message": "",
    }


def test_an_altered_entry_ends_with_a_sentence_that_names_it(committed, tamper) -> None:
    committed(4)
    tamper("UPDATE audit_auditentry SET action = 'x' WHERE position = 3")
    with pytest.raises(CommandError, match="3"):
        run("audit_verify")


def test_the_machine_readable_outcome_fails_too(committed, tamper, capsys) -> None:
    committed(4)
    tamper("DELETE FROM audit_auditentry WHERE position = 3")
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("audit_verify", "--json", stdout=out)
    assert ended.value.code == 1
    found = json.loads(out.getvalue())
    assert (found["ok"], found["problem"], found["position"]) == (False, "missing", 3)


def test_the_nightly_check_leaves_its_outcome_in_the_log(committed, tamper, caplog) -> None:
    committed(2)
    tasks.verify()
    assert AuditEntry.objects.get(action="audit.verify").result == "done"
    tamper("UPDATE audit_auditentry SET action = 'x' WHERE position = 1")
    tasks.verify()
    assert AuditEntry.objects.latest("position").result == "failed"
    assert "in doubt" in caplog.text


def test_anchoring_anew_asks_for_a_reason(committed, anchor_file) -> None:
    committed(2)
    anchor_file.unlink()
    with pytest.raises(CommandError):
        run("audit_anchor")
    with pytest.raises(CommandError):
        run("audit_verify")
    assert "4" in run("audit_anchor", "--accept", "New disk")
    run("audit_verify")


def test_an_export_can_be_verified_with_the_key_alone(committed, tmp_path, settings) -> None:
    committed(5)
    target = tmp_path / "log.jsonl"
    run("audit_export", str(target))
    head, *rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    previous = head["previous"]
    assert len(rows) == 5
    for row in rows:
        facts = Sealed(
            row["position"],
            dt.datetime.fromisoformat(row["at"]),
            row["actor"],
            row["action"],
            row["target_type"],
            row["target_id"],
            row["result"],
            row["address"],
            row["detail"],
        )
        previous = digest(settings.AUDIT_KEY, previous, canonical(head["chain"], facts))
        assert previous == row["digest"]
    entry = AuditEntry.objects.latest("position")
    assert (entry.action, entry.detail["entries"]) == ("audit.export", 5)


def test_an_export_holds_the_days_that_were_asked_for(tmp_path) -> None:
    # 2026-03-01 00:30 and 2026-03-02 00:30 in Asia/Shanghai
    for at in ("2026-02-28T16:30+00:00", "2026-03-01T16:30+00:00"):
        with mock.patch.object(timezone, "now", return_value=dt.datetime.fromisoformat(at)):
            log.record("thing.do")
    target = tmp_path / "log.jsonl"
    run("audit_export", "--from", "2026-03-01", "--to", "2026-03-01", str(target))
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert [row["position"] for row in rows[1:]] == [1]
    assert rows[0]["from"] == rows[0]["to"] == "2026-03-01"


def test_a_failed_export_leaves_nothing_behind(committed, tmp_path) -> None:
    committed(1)
    with pytest.raises(CommandError):
        run("audit_export", str(tmp_path / "missing" / "log.jsonl"))
    with pytest.raises(CommandError):
        run("audit_export", "--from", "yesterday", str(tmp_path / "log.jsonl"))
    assert not (tmp_path / "log.jsonl").exists()
    assert not AuditEntry.objects.filter(action="audit.export").exists()
