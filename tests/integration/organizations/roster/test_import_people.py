"""People from a workbook: what is planned, what is written, what is refused."""

import datetime as dt
import io

import openpyxl
import pytest
from django.utils.translation import gettext as _

from organizations.models import Membership, Post, RosterImport, RosterRow, Tag, User
from organizations.roster.files import roster_storage
from tests.factories import MembershipFactory, OrganizationFactory, PostFactory, UserFactory
from tests.integration.organizations.roster.conftest import (
    HEAD,
    Check,
    Imported,
    Tree,
    member,
    workbook,
)

State = RosterImport.State


def test_checking_writes_no_people(tree: Tree, check: Check) -> None:
    before = User.objects.count()
    done = check([("P1", "张建国", "13800000001", "B1", "正式党员", "", "2024.9", "")])
    assert done.state == State.CHECKED
    assert done.plans == ["create"]
    assert User.objects.count() == before


def test_new_people_get_a_home_tags_and_no_way_to_sign_in(tree: Tree, check: Check) -> None:
    done = check(
        [("P1", "张 建国", 13800000001.0, "B1", "正式党员", "书记、支委", "2024.9", "")]
    ).confirm()
    assert done.state == State.DONE
    person = User.objects.get(code="P1")
    assert (person.name, person.phone) == ("张建国", "13800000001")
    assert person.activated_at is None
    assert not person.has_usable_password()
    tie = Membership.objects.get(user=person)
    assert (tie.organization, tie.kind) == (tree.branch, "home")
    assert tie.valid_from == dt.date(2024, 9, 1)
    values = set(Tag.objects.filter(user=person).values_list("value", flat=True))
    assert values == {"full", "secretary", "team_member"}
    assert not Post.objects.filter(user=person).exists()
    assert done.row(2).person == person


def test_the_same_file_again_changes_nothing(tree: Tree, check: Check) -> None:
    rows = [
        ("P1", "张建国", "13800000001", "B1", "正式党员", "", "2024.9", ""),
        ("", "李四", "13800000002", "B1", "", "", "", ""),
    ]
    check(rows).confirm()
    people = User.objects.count()
    again = check(rows)
    assert again.plans == ["same", "same"]
    again.confirm()
    assert again.outcomes == ["same", "same"]
    assert User.objects.count() == people


def test_who_has_neither_code_nor_phone_is_not_doubled(tree: Tree, check: Check) -> None:
    rows = [("", "王五", "", "B1", "", "", "", "")]
    check(rows).confirm()
    assert User.objects.get(name="王五").code.startswith("L-")
    again = check(rows)
    assert again.codes(2) == ["namesake"]


def test_a_code_keeps_the_person_when_name_and_phone_change(tree: Tree, check: Check) -> None:
    person = member(tree)
    done = check([("P1", "张建军", "13800000009", "B1", "", "", "", "")])
    assert done.row(2).changes == [
        ["name", "张建国", "张建军"],
        ["phone", "13800000001", "13800000009"],
    ]
    done.confirm()
    person.refresh_from_db()
    assert (person.name, person.phone) == ("张建军", "13800000009")


def test_another_branch_is_a_dated_transfer(tree: Tree, check: Check) -> None:
    person = member(tree)
    check([("P1", "张建国", "", "B2", "", "", "2025-03-05", "")]).confirm()
    ties = list(Membership.objects.filter(user=person).order_by("valid_from"))
    assert [(tie.organization, tie.valid_to) for tie in ties] == [
        (tree.branch, dt.date(2025, 3, 5)),
        (tree.sibling, None),
    ]
    assert ties[0].end_reason == "transferred"


def test_a_day_of_leaving_ends_the_tie_and_closes_the_account(tree: Tree, check: Check) -> None:
    person = member(tree)
    done = check([("P1", "张建国", "", "", "", "", "", "2025.6")]).confirm()
    assert done.outcomes == ["left"]
    person.refresh_from_db()
    assert not person.is_active
    assert Membership.objects.get(user=person).valid_to == dt.date(2025, 6, 1)
    again = check([("P1", "张建国", "", "B1", "", "", "", "")])
    assert again.plans == ["change"]
    again.confirm()
    person.refresh_from_db()
    assert person.is_active
    assert Membership.objects.current().get(user=person).organization == tree.branch


def test_who_holds_a_post_does_not_leave_by_a_file(tree: Tree, check: Check) -> None:
    person = member(tree)
    PostFactory(user=person, organization=tree.branch)
    done = check([("P1", "张建国", "", "", "", "", "", "2025.6")])
    assert done.codes(2) == ["leaver_holds_post"]


def test_another_tie_lets_no_holder_of_a_post_leave_home_by_a_file(
    tree: Tree, check: Check
) -> None:
    officer = UserFactory(code="P1", name="张建国", officer=True, unit=tree.city, home=tree.branch)
    MembershipFactory(user=officer, organization=tree.foreign, kind="floating_host")
    head = (*HEAD, "离开原因")
    done = check(
        [("P1", "张建国", "", "", "", "", "", "2025.6", "去世")], head=head, actor=tree.secretary,
        unit=tree.branch,
    )  # fmt: skip
    assert done.codes(2) == ["leaver_holds_post"]
    assert Membership.objects.current().filter(user=officer).count() == 2


def own_row(tree: Tree, check: Check, *row: str) -> Imported:
    """What the secretary's file says of the secretary."""
    secretary = tree.secretary
    User.objects.filter(pk=secretary.pk).update(code="P1", name="张建国")
    MembershipFactory(user=secretary, organization=tree.branch, valid_from=dt.date(2024, 5, 1))
    head = (*HEAD, "关系类型", "状态")
    return check([("P1", "张建国", *row)], head=head, actor=secretary, unit=tree.branch)


@pytest.mark.parametrize(
    "row",
    [
        ("", "B1", "", "", "", "", "", "免训"),
        ("", "B1", "", "", "2024-01-01", "", "", ""),
    ],
)
def test_nobody_changes_their_own_ties_and_tags_by_a_file(
    tree: Tree, check: Check, row: tuple[str, ...]
) -> None:
    done = own_row(tree, check, *row)
    assert (done.plans, done.codes(2)) == (["refuse"], ["own_record"])


def test_the_own_row_of_a_roster_is_taken_as_it_stands(tree: Tree, check: Check) -> None:
    assert own_row(tree, check, "", "B1", "", "", "", "", "", "").plans == ["same"]


def test_the_phone_of_an_administrator_is_not_changed_by_a_file(tree: Tree, check: Check) -> None:
    person = member(tree)
    PostFactory(user=person, organization=tree.city, role="security")
    done = check([("P1", "张建国", "13900000000", "B1", "", "", "", "")])
    assert done.codes(2) == ["account_not_kept"]


def test_tags_are_replaced_kept_or_taken_away(tree: Tree, check: Check) -> None:
    person = member(tree)
    Tag.objects.create(user=person, dimension="position", value="secretary")
    Tag.objects.create(user=person, dimension="stage", value="probationary")
    check([("P1", "张建国", "", "B1", "正式党员", "", "", "")]).confirm()
    current = Tag.objects.current().filter(user=person)
    assert set(current.values_list("value", flat=True)) == {"full", "secretary"}
    check([("P1", "张建国", "", "B1", "", "无", "", "")]).confirm()
    current = Tag.objects.current().filter(user=person)
    assert set(current.values_list("value", flat=True)) == {"full"}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("P1", "", "", "B1"), "name_missing"),
        (("P1", "张三", "138", "B1"), "bad_phone"),
        (("P1", "张三", "", "B9"), "unit_unknown"),
        (("P1", "张三", "", "F1"), "unit_outside"),
        (("P1", "张三", "", ""), "unit_missing"),
        (("P1", "张三", "", "T1"), "not_a_branch"),
        (("211302199001011234", "张三", "", "B1"), "identity_number"),
        (("P1", "张三", 211302199001011234.0, "B1"), "rounded"),
        (("P1", "张三", "1.38E+10", "B1"), "exponent"),
        (("P1", "张三", "", "B1", "大师"), "unknown_word"),
        (("P1", "张三", "", "B1", "", "", "2099-01-01"), "date_in_future"),
        (("P1", "张三", "", "B1", "", "", "2024"), "year_only"),
        (("P1", "张三", "", "B1", "", "", 2024.1), "month_or_october"),
        (("P1", "张三", "", "B1", "", "", "2024.9", "2024.8"), "dates_out_of_order"),
        (("P1", "张三", "138****0001", "B1"), "phone_hidden"),
        (("P1", "=cmd|'/c calc'!A1", "", "B1"), "name_missing"),
    ],
)
def test_bad_rows_are_refused_with_a_reason(
    tree: Tree, check: Check, row: tuple[object, ...], code: str
) -> None:
    done = check([row])
    assert done.plans == ["refuse"]
    assert done.codes(2) == [code]


def test_refused_rows_do_not_keep_identity_numbers(tree: Tree, check: Check) -> None:
    done = check([("P1", "211302199001011234", "", "B1")])
    assert "211302" not in str((done.row(2).data, done.row(2).messages, done.row(2).code))


def test_closed_units_take_nobody(tree: Tree, check: Check) -> None:
    tree.branch.closed_on = dt.date(2025, 1, 1)
    tree.branch.save()
    assert check([("P1", "张三", "", "B1")]).codes(2) == ["unit_closed"]


def test_people_outside_the_scope_are_refused_without_a_name(tree: Tree, check: Check) -> None:
    UserFactory(code="P7", name="外人甲", phone="13811111111", home=tree.foreign)
    done = check([("P7", "外人甲", "", "B1"), ("", "某人", "13811111111", "B1")])
    assert [done.codes(2), done.codes(3)] == [["person_outside"], ["person_outside"]]
    assert "外人甲" not in str(done.row(3).messages)


def test_administrators_without_a_branch_are_out_of_reach(tree: Tree, check: Check) -> None:
    admin = UserFactory(administrator=True, unit=tree.city, phone="13812121212", name="管理员")
    done = check([("", "管理员", "13812121212", "B1")])
    assert done.codes(2) == ["person_outside"]
    assert not Membership.objects.filter(user=admin).exists()


def test_the_same_person_twice_in_one_file(tree: Tree, check: Check) -> None:
    done = check(
        [
            ("P1", "张三", "13800000001", "B1"),
            ("p1", "张三", "", "B2"),
            ("P2", "李四", "13800000001", "B1"),
        ]
    )
    assert done.plans == ["create", "refuse", "refuse"]
    assert done.row(3).messages == [["twice_in_file", {"row": 2}]]


def test_a_phone_of_somebody_else_is_refused(tree: Tree, check: Check) -> None:
    member(tree)
    member(tree, code="P2", phone="13800000002", name="李四")
    done = check(
        [("P1", "张建国", "13800000002", "B1"), ("P9", "李四", "13800000002", "B1"),
         ("", "赵六", "13800000001", "B1")]
    )  # fmt: skip
    assert [done.codes(n) for n in (2, 3, 4)] == [
        ["phone_taken"], ["phone_taken"], ["phone_other_name"],
    ]  # fmt: skip


def test_a_second_home_outside_is_refused_inside_is_a_transfer(tree: Tree, check: Check) -> None:
    member(tree)
    done = check([("P1", "张建国", "", "B2")], unit=tree.sibling)
    assert done.codes(2) == ["second_home"]
    assert check([("P1", "张建国", "", "B2")]).plans == ["change"]


def test_a_learner_who_becomes_a_member(tree: Tree, check: Check) -> None:
    person = member(tree, home=False)
    MembershipFactory(user=person, organization=tree.branch, kind="learner")
    check([("P1", "张建国", "", "B1", "党员")], head=(*HEAD[:4], "关系类型")).confirm()
    assert [tie.kind for tie in Membership.objects.current().filter(user=person)] == ["home"]


def test_branches_by_full_name_when_it_is_unique(tree: Tree, check: Check) -> None:
    head = ("姓名", "所在支部")
    assert check([("张三", "东村党支部")], head=head).plans == ["create"]
    OrganizationFactory(parent=tree.township, name="东村党支部")
    assert check([("李四", "东村党支部")], head=head).codes(2) == ["unit_name_ambiguous"]


def test_a_secretary_imports_into_the_own_branch_only(tree: Tree, check: Check) -> None:
    done = check(
        [("P1", "张三", "", "B1"), ("P2", "李四", "", "B2")],
        actor=tree.secretary,
        unit=tree.branch,
    )
    assert done.plans == ["create", "refuse"]
    assert done.codes(3) == ["unit_outside"]


def test_every_row_comes_back_with_its_outcome(tree: Tree, check: Check) -> None:
    head = ("姓名", "手机", "支部编码", "备注", "初始密码")
    done = check(
        [
            ("张三", 13800000001, "B1", "=1+1", "123456"),
            ("李四", "138", "B1", "@x", "1"),
            ("合计", 2),
        ],
        head=head,
    ).confirm()
    with roster_storage().open(done.roster_import.outcome) as file:
        sheet = openpyxl.load_workbook(io.BytesIO(file.read())).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    added = [_("Row in the file"), _("Outcome"), _("Reason")]
    assert rows[0] == [added[0], "姓名", "手机", "支部编码", "备注", *added[1:]]
    assert len(rows) == 3
    assert rows[1][1:4] == ["张三", "13800000001", "B1"]
    assert rows[2][4] == "'@x"
    assert "123456" not in str(rows)
    assert rows[2][-1]
    assert {cell.number_format for row in sheet.iter_rows() for cell in row} == {"@"}
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}


def test_official_sheets_with_title_notes_and_totals(tree: Tree, check: Check) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["甲镇党员名册"])
    sheet.merge_cells("A1:E1")
    sheet.append(["填报单位：甲镇", None, "填报人：某某"])
    sheet.append(["序号", "*姓 名", "联系电话（手机）", "所在党支部", "政治面貌"])
    sheet.append([1, "张三", "１３８００００００１１", "东村党支部", "中共党员"])
    sheet.append([None])
    sheet.append(["序号", "*姓 名", "联系电话（手机）", "所在党支部", "政治面貌"])
    sheet.append([2, "买买提•艾力", "+86 138-0000-0012", "西村党支部", "预备党员"])
    sheet.append(["合计", "2人"])
    stream = io.BytesIO()
    book.save(stream)
    done = check(stream.getvalue()).confirm()
    assert done.outcomes == ["created", "created"]
    assert User.objects.get(name="买买提·艾力").phone == "13800000012"
    assert done.row(7).plan == RosterRow.Plan.CREATE


def test_a_form_that_is_sent_twice_makes_one_import(tree: Tree) -> None:
    import uuid

    from django.core.files.base import ContentFile

    from organizations.roster.imports import import_create

    key = uuid.uuid4()
    made = [
        import_create(
            actor=tree.officer, unit=tree.township, kind="people", key=key, wake=False,
            file=ContentFile(workbook([("P1", "张三", "", "B1")])), file_name="a.xlsx",
        )
        for _ in range(2)
    ]  # fmt: skip
    assert made[0].pk == made[1].pk
    assert RosterImport.objects.count() == 1
