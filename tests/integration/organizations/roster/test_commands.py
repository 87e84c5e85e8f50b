"""The same from a shell."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEntry
from organizations.models import RosterImport, User
from tests.factories import UserFactory
from tests.integration.organizations.roster.conftest import Tree, workbook


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def running(content: bytes, *arguments: str) -> tuple[int, dict[str, Any]]:
        path = tmp_path / "名册.xlsx"
        path.write_bytes(content)
        code = 0
        try:
            call_command("roster_import", str(path), "--json", *arguments)
        except SystemExit as end:
            code = int(str(end.code))
        return code, json.loads(capsys.readouterr().out)

    return running


def test_all_rows_taken(tree: Tree, run: Any, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    code, facts = run(workbook([("P1", "张三", "", "B1")]), "--out", str(out))
    assert (code, facts["exit"], facts["outcomes"]) == (0, 0, {"created": 1})
    assert User.objects.get(code="P1").name == "张三"
    assert openpyxl.load_workbook(out).active.max_row == 2
    assert AuditEntry.objects.get(action="roster.import").actor is None


def test_refused_rows_are_named_with_their_reasons(tree: Tree, run: Any) -> None:
    code, facts = run(workbook([("P1", "张三", "", "B1"), ("P2", "李四", "12", "B1")]))
    assert code == 1
    assert [(row["row"], row["codes"]) for row in facts["refused"]] == [(3, ["bad_phone"])]
    assert facts["refused"][0]["reasons"][0]


def test_a_dry_run_writes_and_keeps_nothing(tree: Tree, run: Any, tmp_path: Path) -> None:
    code, facts = run(workbook([("P1", "张三", "", "B1"), ("", "x", "1", "")]), "--dry-run")
    assert code == 1
    assert facts["plans"] == {"create": 1, "refuse": 1}
    assert facts["outcomes"] == {}
    assert not User.objects.filter(code="P1").exists()
    assert not RosterImport.objects.exists()


def test_a_file_that_is_none(tree: Tree, run: Any) -> None:
    code, facts = run(b"%PDF")
    assert (code, facts["state"]) == (2, "refused")
    assert facts["reason"]


def test_the_rights_of_an_account_count(tree: Tree, run: Any) -> None:
    code, facts = run(
        workbook([("P1", "张三", "", "B1"), ("P2", "李四", "", "F1")]),
        "--as", tree.officer.username,
    )  # fmt: skip
    assert code == 1
    assert facts["refused"][0]["codes"] == ["unit_outside"]
    member = UserFactory(home=tree.branch)
    code, facts = run(workbook([("P3", "王五", "", "B1")]), "--as", member.username)
    assert code == 2
    assert not User.objects.filter(code="P3").exists()


def test_a_unit_bounds_the_rows(tree: Tree, run: Any) -> None:
    code, facts = run(workbook([("P2", "李四", "", "F1")]), "--unit", "X1")
    assert code == 1
    assert facts["refused"][0]["codes"] == ["unit_outside"]


def test_what_does_not_exist_is_said(tree: Tree, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("roster_import", str(tmp_path / "none.xlsx"))
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook([]))
    for option in ("--unit", "--as"):
        with pytest.raises(CommandError):
            call_command("roster_import", str(path), option, "none")


def test_exporting(tree: Tree, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    UserFactory(name="张三", home=tree.branch)
    out = tmp_path / "out.xlsx"
    call_command("roster_export", str(out), "--unit", "T1", "--reason", "check", "--json")
    assert json.loads(capsys.readouterr().out)["rows"] == 1
    assert openpyxl.load_workbook(out).active["C4"].value == "张三"
    with pytest.raises(CommandError):
        call_command(
            "roster_export", str(out), "--unit", "F1", "--reason", "check",
            "--as", tree.officer.username,
        )  # fmt: skip
