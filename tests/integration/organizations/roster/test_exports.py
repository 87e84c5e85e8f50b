"""Rosters that leave the site: for a reason, marked, for hours, for one person."""

import datetime as dt
import io
from collections.abc import Callable

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from openpyxl.worksheet.worksheet import Worksheet

from audit.models import AuditEntry
from organizations.models import Membership, Organization, RosterExport, Tag, User
from organizations.roster import exports, files
from organizations.roster.exports import export_create, export_work, exports_expire
from organizations.roster.imports import RosterError
from organizations.roster.transitions import LEASE
from tests.factories import MembershipFactory, UserFactory
from tests.integration.organizations.roster.conftest import Imported, Tree


@pytest.fixture
def people(tree: Tree) -> list[User]:
    made = [
        UserFactory(code="P1", name="张建国", phone="13800000001", home=tree.branch),
        UserFactory(code="P2", name="=李四", phone=None, home=tree.sibling),
        UserFactory(code="P3", name="外人", phone="13800000003", home=tree.foreign),
    ]
    Tag.objects.create(user=made[0], dimension="stage", value="full")
    Tag.objects.create(user=made[0], dimension="position", value="secretary")
    Tag.objects.create(user=made[0], dimension="position", value="team_member")
    gone = UserFactory(code="P4", name="走了")
    MembershipFactory(user=gone, organization=tree.branch, valid_to=dt.date(2024, 5, 1))
    return made


def made(tree: Tree, **more: object) -> RosterExport:
    wanted = {"actor": tree.officer, "unit": tree.township, "reason": "check", **more}
    return export_create(**wanted)  # type: ignore[arg-type]


def opened(export: RosterExport) -> Worksheet:
    with files.roster_storage().open(export.file) as file:
        return openpyxl.load_workbook(io.BytesIO(file.read())).active


def test_the_official_layout(tree: Tree, people: list[User]) -> None:
    export = made(tree)
    sheet = opened(export)
    rows = [[cell.value or "" for cell in row] for row in sheet.iter_rows()]
    assert tree.township.name in rows[0][0]
    assert tree.officer.name in rows[1][0]
    assert rows[2][:5] == ["序号", "人员编号", "姓名", "手机号码", "支部编码"]
    assert rows[3][:5] == ["1", "P1", "张建国", "138****0001", "B1"]
    assert rows[3][7:10] == ["正式党员", "", "党组织书记、班子成员"]
    assert rows[4][2] == "'=李四"
    assert rows[5][0] == "合计"
    assert export.number in rows[6][0]
    assert "A1:L1" in [str(one) for one in sheet.merged_cells.ranges]
    assert export.number in sheet.oddHeader.right.text
    assert export.number in sheet.oddFooter.left.text
    assert {cell.number_format for row in sheet.iter_rows(max_col=1) for cell in row} == {"@"}


def test_whole_phones_only_when_asked_for(tree: Tree, people: list[User]) -> None:
    export = made(tree, full_phones=True)
    assert opened(export)["D4"].value == "13800000001"
    entry = AuditEntry.objects.get(action="roster.export")
    assert entry.detail["full_phones"] is True
    assert (entry.detail["reason"], entry.detail["rows"]) == ("check", 2)


def test_an_export_comes_back_as_an_import_that_changes_nothing(
    tree: Tree, people: list[User], check: Callable[..., Imported]
) -> None:
    people[1].name = "李四"
    people[1].save()
    for full in (False, True):
        export = made(tree, full_phones=full)
        with files.roster_storage().open(export.file) as file:
            done = check(file.read())
        assert done.plans == ["same", "same"], done.row(4).messages


def test_only_keepers_and_only_for_a_reason(tree: Tree, people: list[User]) -> None:
    with pytest.raises(PermissionDenied):
        made(tree, actor=tree.secretary)
    with pytest.raises(PermissionDenied):
        made(tree, unit=tree.foreign)
    with pytest.raises(RosterError):
        made(tree, reason="")
    with pytest.raises(RosterError):
        made(tree, reason="other", reason_text="  ")
    assert not RosterExport.objects.exists()


def test_a_large_one_is_made_by_a_worker_and_survives_a_kill(
    tree: Tree, people: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 1)
    export = made(tree, wake=False)
    assert export.state == RosterExport.State.WAITING

    class Killed(BaseException):
        pass

    def killed(*args: object) -> int:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(exports, "_write", killed)
        with pytest.raises(Killed):
            export_work(key=export.pk)
    assert not export_work(key=export.pk)
    assert export_work(key=export.pk, now=timezone.now() + LEASE + dt.timedelta(seconds=1))
    export.refresh_from_db()
    assert (export.state, export.rows) == (RosterExport.State.DONE, 2)


def test_rows_come_in_pages_without_loss(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "CHUNK", 3)
    users = User.objects.bulk_create(
        [User(username=f"n{n}", name=f"同名{n % 2}", code=f"N{n}") for n in range(11)]
    )
    Membership.objects.bulk_create(
        [Membership(user=one, organization=tree.branch) for one in users]
    )
    export = made(tree)
    codes = [row[1].value for row in opened(export).iter_rows(min_row=4, max_row=14)]
    assert sorted(codes) == sorted(one.code for one in users)


def test_it_is_removed_when_its_time_is_over(tree: Tree, people: list[User]) -> None:
    export = made(tree)
    assert export.expires_at is not None
    assert exports_expire(now=timezone.now()) == 0
    assert exports_expire(now=export.expires_at + dt.timedelta(seconds=1)) == 1
    assert not files.roster_storage().exists(export.file)
    export.refresh_from_db()
    assert (export.state, export.file) == (RosterExport.State.EXPIRED, "")


def test_within_is_the_unit_and_below(tree: Tree, people: list[User]) -> None:
    assert made(tree, unit=tree.branch).rows == 1
    city = UserFactory(officer=True, unit=tree.city)
    assert made(tree, actor=city, unit=Organization.objects.get(pk=tree.city.pk)).rows == 3
