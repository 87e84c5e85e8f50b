"""An import is no way to ask who is known elsewhere: few such rows, all counted in the log."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from organizations.models import RosterImport
from organizations.people.services import PeopleError, person_create
from organizations.roster import checking
from organizations.roster.imports import import_cancel
from organizations.roster.messages import sentence
from organizations.roster.people_act import Act
from organizations.roster.people_plan import person_plan
from organizations.roster.people_rows import PersonRow
from tests.factories import UserFactory
from tests.integration.organizations.roster.conftest import Check, Tree


@pytest.fixture
def strangers(tree: Tree, settings: Any) -> None:
    settings.ROSTER_MAX_FOREIGN = 2
    for number in range(4):
        UserFactory(code=f"F{number}", phone=f"1390000000{number}", home=tree.foreign)
    UserFactory(code="P1", name="张三", phone=None, home=tree.branch)


def test_rows_that_meet_people_elsewhere_are_counted_in_the_log(
    tree: Tree, check: Check, strangers: None
) -> None:
    done = check(
        [("F0", "某甲", "", "B1"), ("", "某乙", "13900000001", "B1"), ("N1", "新", "", "B1")]
    )
    assert done.plans == ["refuse", "refuse", "create"]
    entry = AuditEntry.objects.get(action="roster.import")
    assert entry.actor == tree.officer
    assert (entry.detail["foreign"], entry.detail["rows"]) == (2, 3)


def test_a_file_that_asks_for_many_is_stopped_and_tells_nothing(
    tree: Tree, check: Check, strangers: None
) -> None:
    done = check([(f"F{number}", "某人", "", "B1") for number in range(4)])
    assert done.state == "refused"
    assert not done.roster_import.rows.exists()
    assert "2" in sentence(done.roster_import.reason)
    entry = AuditEntry.objects.get(action="roster.import")
    assert (entry.result, entry.detail["reason"]) == ("failed", "too_many_foreign")
    assert entry.detail["foreign"] == 3


def test_phones_asked_for_beside_an_own_code_count_too(
    tree: Tree, check: Check, strangers: None
) -> None:
    done = check([("P1", "张三", f"1390000000{number}", "B1") for number in range(4)])
    assert done.state == "refused"


def test_other_refusals_do_not_count(tree: Tree, check: Check, strangers: None) -> None:
    done = check([(f"F{number}", "某人", "", "F1") for number in range(4)])
    assert done.state == "checked"
    assert not AuditEntry.objects.filter(action="roster.import").exists()


def test_a_check_that_is_cancelled_half_way_leaves_no_answers_and_is_logged(
    tree: Tree, check: Check, strangers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plan(row: PersonRow, *facts: Any, **given: Any) -> Act:
        if row.number == 3:
            import_cancel(actor=tree.officer, roster_import=RosterImport.objects.get())
        return person_plan(row, *facts, **given)

    monkeypatch.setattr(checking, "CHUNK", 1)
    monkeypatch.setattr(checking, "person_plan", plan)
    done = check([("F0", "某甲", "", "B1"), ("N1", "新", "", "B1")])
    assert (done.state, done.plans) == ("cancelled", [])
    details = [entry.detail for entry in AuditEntry.objects.filter(action="roster.import")]
    assert [detail.get("foreign") for detail in details] == [None, 1]  # newest first


def test_no_answers_are_shown_before_the_check_has_ended(
    tree: Tree, check: Check, strangers: None, client: Client
) -> None:
    done = check([("F0", "某甲", "", "B1")])
    client.force_login(tree.officer)
    address = reverse("roster:import_detail", args=[done.roster_import.pk])
    assert client.get(address).context["rows"] is not None
    RosterImport.objects.update(state="failed", checked_at=None)
    assert client.get(address).context["rows"] is None


def test_the_limit_holds_across_files(tree: Tree, check: Check, strangers: None) -> None:
    assert check([("F0", "某甲", "", "B1"), ("F1", "某乙", "", "B1")]).state == "checked"
    done = check([("F2", "某丙", "", "B1")])
    assert (done.state, done.roster_import.reason[0]) == ("refused", "asked_too_often")
    done = check([("N1", "新", "", "B1")])
    assert (done.state, done.roster_import.reason[0]) == ("refused", "asked_too_often")
    other = UserFactory(officer=True, unit=tree.township)
    assert check([("F2", "某丙", "", "B1")], actor=other).state == "checked"


def test_the_same_people_in_another_file_count_once(
    tree: Tree, check: Check, strangers: None
) -> None:
    for _again in range(3):
        assert check([("F0", "某甲", "", "B1")]).state == "checked"
    assert check([("F1", "某乙", "", "B1")]).state == "checked"


def test_a_file_that_is_refused_for_it_counts_as_one(
    tree: Tree, check: Check, strangers: None
) -> None:
    check([(f"F{number}", "某人", "", "B1") for number in range(4)])
    assert check([("F0", "某甲", "", "B1")]).state == "checked"
    assert check([("F1", "某乙", "", "B1")]).state == "refused"


def test_files_count_with_what_was_entered_on_pages(
    tree: Tree, check: Check, strangers: None
) -> None:
    for number in (0, 1):
        with pytest.raises(PeopleError):
            person_create(actor=tree.officer, name="某人", unit=tree.branch, code=f"F{number}")
    assert check([("F2", "某丙", "", "B1")]).state == "refused"
