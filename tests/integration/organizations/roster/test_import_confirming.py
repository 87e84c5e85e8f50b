"""From a check that was looked at to people: once, by whom it may be, and what the log keeps."""

import datetime as dt

from audit.models import AuditEntry
from organizations.models import Post, RosterImport, User
from organizations.roster.imports import import_cancel, import_confirm
from organizations.roster.work import import_work
from tests.integration.organizations.roster.conftest import Check, Tree, member

State = RosterImport.State


def test_people_who_appear_between_check_and_commit_are_not_overwritten(
    tree: Tree, check: Check
) -> None:
    done = check([("P1", "张三", "", "B1"), ("P2", "李四", "", "B1")])
    member(tree, code="P1", name="别人", phone=None)
    done.confirm()
    assert done.outcomes == ["refused", "created"]
    assert done.codes(2) == ["changed_since_check"]
    assert User.objects.get(code="P1").name == "别人"


def test_confirming_twice_writes_once(tree: Tree, check: Check) -> None:
    done = check([("P1", "张三", "", "B1")])
    assert import_confirm(actor=tree.officer, roster_import=done.roster_import, wake=False)
    assert not import_confirm(actor=tree.officer, roster_import=done.roster_import, wake=False)
    assert import_work(key=done.roster_import.pk)
    assert not import_confirm(actor=tree.officer, roster_import=done.roster_import, wake=False)
    import_work(key=done.roster_import.pk)
    assert User.objects.filter(code="P1").count() == 1
    assert AuditEntry.objects.filter(action="person.import").count() == 1


def test_a_cancelled_check_writes_nothing(tree: Tree, check: Check) -> None:
    done = check([("P1", "张三", "", "B1")])
    assert import_cancel(actor=tree.officer, roster_import=done.roster_import)
    import_work(key=done.roster_import.pk)
    assert not User.objects.filter(code="P1").exists()
    assert done.state == State.CANCELLED


def test_somebody_who_lost_the_post_commits_nothing(tree: Tree, check: Check) -> None:
    done = check([("P1", "张三", "", "B1")])
    import_confirm(actor=tree.officer, roster_import=done.roster_import, wake=False)
    Post.objects.filter(user=tree.officer).update(valid_to=dt.date(2024, 2, 1))
    import_work(key=done.roster_import.pk)
    assert done.state == State.FAILED
    assert done.roster_import.reason == ["not_kept", {}]
    assert not User.objects.filter(code="P1").exists()


def test_the_log_has_one_entry_for_the_import_and_one_for_each_person(
    tree: Tree, check: Check
) -> None:
    check([("P1", "张三", "", "B1"), ("P2", "李四", "", "B1"), ("", "", "1", "B1")]).confirm()
    entry = AuditEntry.objects.get(action="roster.import")
    assert entry.actor == tree.officer
    assert entry.detail["outcomes"] == {"created": 2, "refused": 1}
    people = AuditEntry.objects.filter(action="person.import")
    assert {one.target_id for one in people} == {
        str(pk) for pk in User.objects.filter(code__in=["P1", "P2"]).values_list("pk", flat=True)
    }
    assert "张三" not in str([one.detail for one in people])
