"""Two hands on the tree at one moment: one waits for the other, and readers wait for nobody."""

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, transaction

from audit.models import AuditEntry
from organizations.models import Membership, Organization, Placement, User
from organizations.people.details import PeopleError
from organizations.people.memberships import membership_transfer
from organizations.units import tree
from tests.factories import OrganizationFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def townships() -> list[Organization]:
    county = OrganizationFactory(county=True, parent=OrganizationFactory(city=True))
    made = [OrganizationFactory(township=True, parent=county) for _ in range(4)]
    for township in made:
        for _ in range(3):
            OrganizationFactory(parent=township)
    return made


def at_once(*acts: Callable[[], Any]) -> list[BaseException]:
    """Run the acts in threads that begin together; what they raised, refusals apart."""
    gate, failed = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        try:
            gate.wait(20)
            act()
        except tree.TreeError:
            pass
        except BaseException as problem:  # noqa: BLE001
            failed.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failed


def is_sound() -> bool:
    rows = set(Placement.objects.current().values_list("organization", "path"))
    units = set(Organization.objects.open().values_list("pk", "path"))
    return Organization.find_problems() == ([], [], [], [], []) and rows == units


def test_two_moves_into_each_other_leave_a_sound_tree(townships: list[Organization]) -> None:
    first, second, third, _fourth = townships
    branches = [Organization.objects.within(unit).filter(kind="branch")[0] for unit in townships]

    def mover(unit: Organization, parent: Organization) -> Callable[[], Any]:
        return lambda: tree.organization_move(actor=None, organization=unit, parent=parent)

    failed = at_once(
        mover(branches[0], second),
        mover(branches[1], first),
        mover(branches[2], second),
        mover(branches[3], third),
    )
    assert failed == []
    assert is_sound()
    assert AuditEntry.objects.filter(action="unit.move").count() == 4


def test_a_branch_is_not_closed_under_a_person_who_arrives(townships: list[Organization]) -> None:
    branch = Organization.objects.filter(kind="branch")[0]
    officer = UserFactory(officer=True, unit=Organization.objects.get(depth=1))
    person = UserFactory(home=Organization.objects.filter(kind="branch")[1])

    def arrive() -> None:
        with contextlib.suppress(PeopleError):
            membership_transfer(actor=officer, person=person, to=branch)

    failed = at_once(lambda: tree.organization_close(actor=None, organization=branch), arrive)
    assert failed == []
    assert is_sound()
    branch.refresh_from_db()
    is_there = Membership.objects.filter(organization=branch, valid_to=None).exists()
    assert is_there is (branch.closed_on is None)


def test_merging_and_creating_at_once_loses_nobody(townships: list[Organization]) -> None:
    first, second = townships[:2]
    person = UserFactory(home=Organization.objects.within(first).filter(kind="branch")[0])

    def create(number: int) -> Callable[[], Any]:
        return lambda: tree.organization_create(
            actor=None, parent=first, code=f"c{number}", name="新支部", kind="branch"
        )

    failed = at_once(
        create(1),
        create(2),
        lambda: tree.organization_merge(actor=None, organization=first, into=second),
    )
    assert failed == []
    assert is_sound()
    officer = UserFactory(officer=True, unit=Organization.objects.get(pk=second.pk))
    assert person in User.objects.visible_to(officer)


def test_readers_do_not_wait_for_a_move(townships: list[Organization]) -> None:
    """While a move is not committed, another connection reads the tree as it was before."""
    first, second = townships[:2]
    branch = Organization.objects.within(first).filter(kind="branch")[0]
    moved, read = threading.Event(), threading.Event()
    seen: list[Any] = []

    def move() -> None:
        with transaction.atomic():
            tree.organization_move(actor=None, organization=branch, parent=second)
            moved.set()
            assert read.wait(20)

    def look() -> None:
        assert moved.wait(20)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '1ms'")
        seen.append(Organization.objects.get(pk=branch.pk).path)
        seen.append(Organization.objects.within(first).count())
        read.set()

    assert at_once(move, look) == []
    assert seen == [branch.path, 4]
    assert Organization.objects.within(first).count() == 3
