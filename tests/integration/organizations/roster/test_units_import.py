"""Units from a workbook."""

from organizations.models import Organization
from tests.factories import UserFactory
from tests.integration.organizations.roster.conftest import Check, Imported, Tree

HEAD = ("组织编码", "组织名称", "组织类别", "上级编码")


def units(check: Check, rows: list[tuple[str, ...]], **more: object) -> Imported:
    return check(rows, head=HEAD, kind="units", **more)


def test_units_come_below_others_of_the_same_file(tree: Tree, check: Check) -> None:
    done = units(
        check,
        [("N2", "新村第一党支部", "党支部", "N1"), ("N1", "新村", "村", "T1")],
    )
    assert done.plans == ["create", "create"]
    done.confirm()
    assert done.outcomes == ["created", "created"]
    branch = Organization.objects.get(code="N2")
    assert branch.get_parent().code == "N1"
    assert branch.get_parent().get_parent() == tree.township


def test_renaming_and_moving(tree: Tree, check: Check) -> None:
    units(check, [("N1", "新村", "村", "T1")]).confirm()
    done = units(check, [("B1", "东村第一党支部", "", "N1")])
    assert done.row(2).changes == [
        ["name", "东村党支部", "东村第一党支部"],
        ["parent", "T1", "N1"],
    ]
    done.confirm()
    tree.branch.refresh_from_db()
    assert tree.branch.name == "东村第一党支部"
    assert tree.branch.get_parent().code == "N1"


def test_rows_that_cannot_be(tree: Tree, check: Check) -> None:
    done = units(
        check,
        [
            ("", "无编码", "村", "T1"),
            ("N1", "没有上级", "村", "Z9"),
            ("N2", "支部下的村", "村", "B1"),
            ("N3", "甲", "村", "N4"),
            ("N4", "乙", "村", "N3"),
            ("F1", "改别人的名", "", ""),
            ("B1", "东村党支部", "村", ""),
            ("N5", "外县", "乡镇", "X2"),
            ("B2", "西村党支部", "党支部", "T1"),
            ("b2", "西村党支部", "党支部", "T1"),
        ],
    )
    assert [codes[0] if (codes := done.codes(n)) else "" for n in range(2, 12)] == [
        "code_missing", "parent_unknown", "cannot_stand_there", "parent_refused", "circle",
        "unit_not_kept", "kind_differs", "parent_not_kept", "", "code_twice",
    ]  # fmt: skip
    assert done.row(10).plan == "same"


def test_a_secretary_keeps_no_units(tree: Tree, check: Check) -> None:
    import pytest
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied):
        units(check, [("N1", "x", "村", "T1")], actor=tree.secretary, unit=tree.branch)
    with pytest.raises(PermissionDenied):
        units(check, [("N1", "x", "村", "T1")], actor=UserFactory(), unit=tree.township)
