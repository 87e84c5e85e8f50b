"""Kill -9 in the middle: the next worker goes on, and nothing is there twice."""

import datetime as dt

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from organizations.models import Membership, RosterImport, RosterRow, User
from organizations.roster import checking, people_commit, tasks, wakeups, work
from organizations.roster.imports import import_confirm, import_create, import_retry, works_due
from organizations.roster.transitions import LEASE, work_claim
from organizations.roster.work import import_work
from tests.integration.organizations.roster.conftest import Check, Tree, workbook

State = RosterImport.State
ROWS = [(f"P{number}", f"张{'一二三四五六七八九十'[number]}", "", "B1") for number in range(10)]


class Killed(BaseException):
    """Not an error that anything handles."""


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "CHUNK", 3)
    monkeypatch.setattr(checking, "CHUNK", 3)


def later() -> dt.datetime:
    return timezone.now() + LEASE + dt.timedelta(seconds=1)


def test_a_commit_goes_on_where_it_was_killed(
    tree: Tree, check: Check, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = check(ROWS)
    import_confirm(actor=tree.officer, roster_import=done.roster_import, wake=False)
    calls = 0
    record = people_commit._record

    def killing(*args: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Killed
        record(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(people_commit, "_record", killing)
    with pytest.raises(Killed):
        import_work(key=done.roster_import.pk)
    assert User.objects.filter(code__startswith="P").count() == 6
    assert not import_work(key=done.roster_import.pk)  # the lease has not run out yet
    assert import_work(key=done.roster_import.pk, now=later())
    assert done.state == State.DONE
    assert User.objects.filter(code__startswith="P").count() == 10
    assert Membership.objects.filter(organization=tree.branch, kind="home").count() == 10
    assert AuditEntry.objects.filter(action="person.import").count() == 10
    assert AuditEntry.objects.filter(action="roster.import").count() == 1
    assert done.roster_import.outcomes == {"created": 10}


def test_a_check_begins_anew_when_it_was_killed(
    tree: Tree, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.files.base import ContentFile

    made = import_create(
        actor=tree.officer, unit=tree.township, kind="people",
        file=ContentFile(workbook(ROWS)), file_name="a.xlsx", wake=False,
    )  # fmt: skip
    held, calls = checking.held, 0

    def killing(*args: object, **changes: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Killed
        held(*args, **changes)  # type: ignore[arg-type]

    monkeypatch.setattr(checking, "held", killing)
    with pytest.raises(Killed):
        import_work(key=made.pk)
    assert RosterRow.objects.filter(roster_import=made).count() == 3
    assert import_work(key=made.pk, now=later())
    made.refresh_from_db()
    assert (made.state, made.rows_total, made.plans) == (State.CHECKED, 10, {"create": 10})


def test_a_worker_that_was_thought_dead_writes_nothing_more(
    tree: Tree, check: Check, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = check(ROWS)
    import_confirm(actor=tree.officer, roster_import=done.roster_import, wake=False)
    commit, calls = work.people_commit, 0

    def overtaken(**arguments: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            RosterImport.objects.update(fence=99)
        commit(**arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "people_commit", overtaken)
    import_work(key=done.roster_import.pk)
    assert done.state == State.COMMITTING
    assert User.objects.filter(code__startswith="P").count() <= 6


def test_three_failures_stop_it_and_a_person_can_go_on(
    tree: Tree, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = check(ROWS)
    import_confirm(actor=tree.officer, roster_import=done.roster_import, wake=False)

    def failing(**arguments: object) -> None:
        raise OSError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(work, "people_commit", failing)
        for _ in range(4):
            import_work(key=done.roster_import.pk)
    assert done.state == State.FAILED
    assert done.roster_import.reason == ["gave_up", {}]
    import_retry(actor=tree.officer, roster_import=done.roster_import, wake=False)
    import_work(key=done.roster_import.pk)
    assert done.state == State.DONE
    assert User.objects.filter(code__startswith="P").count() == 10


def test_the_sweep_wakes_what_waits_and_what_was_lost(
    tree: Tree, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = check(ROWS)
    woken: list[object] = []
    monkeypatch.setattr(tasks, "work_wake", lambda task, key: woken.append((task, key)))
    tasks.sweep()
    assert woken == []  # it waits for a person
    import_confirm(actor=tree.officer, roster_import=done.roster_import, wake=False)
    tasks.sweep()
    assert woken == [(wakeups.IMPORT, done.roster_import.pk)]
    claimed = work_claim(
        RosterImport,
        done.roster_import.pk,
        states={"committing": "committing"},
        owner="x",
        now=timezone.now(),
    )
    assert claimed is not None
    assert not works_due(timezone.now())[0].exists()
    assert works_due(later())[0].exists()


def test_files_that_cannot_be_read_are_removed_and_say_why(tree: Tree, check: Check) -> None:
    from organizations.roster.files import roster_storage

    done = check(b"%PDF-1.7")
    assert done.state == State.REFUSED
    assert done.roster_import.reason == ["not_a_workbook", {}]
    assert not roster_storage().exists(f"imports/{done.roster_import.pk}/source")
    assert AuditEntry.objects.get(action="roster.import").result == "failed"
