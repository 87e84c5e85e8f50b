"""People who left, in a file: who may bring them back, and that a clash refuses a row only."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from organizations.models import Membership, Post, RosterImport, User
from organizations.permissions import can_keep_account
from organizations.roster import people_commit
from tests.factories import MembershipFactory, UserFactory
from tests.integration.organizations.roster.conftest import HEAD, Check, Tree

LEFT = dt.date(2025, 6, 1)
BACKEND = "organizations.signin.backend.AccountBackend"


def gone(unit: object, **fields: object) -> User:
    """Somebody whose account was in use until they left the unit."""
    person: User = UserFactory(
        **{"code": "P1", "name": "张建国", "phone": "13800000001", "is_active": False, **fields}
    )
    MembershipFactory(user=person, organization=unit, valid_to=LEFT, end_reason="moved_out")
    return person


def test_nobody_from_elsewhere_comes_back_by_a_file(tree: Tree, check: Check) -> None:
    person = gone(tree.foreign)
    done = check(
        [
            ("P1", "张建国", "13900000009", "B1"),
            ("", "张建国", "13800000001", "B1"),
            ("P1", "李四", "", "B1"),
        ]
    )
    assert [done.codes(number) for number in (2, 3, 4)] == [["person_outside"]] * 3
    done.confirm()
    person.refresh_from_db()
    assert (person.is_active, person.phone) == (False, "13800000001")


def test_who_comes_back_sets_the_account_up_anew(client: Client, tree: Tree, check: Check) -> None:
    person = gone(tree.sibling, is_active=True, activated_at=timezone.now())
    client.force_login(person, backend=BACKEND)
    assert client.get("/me/").status_code == 200
    User.objects.filter(pk=person.pk).update(is_active=False)
    Authenticator.objects.create(user=person, type="totp", data={})
    SocialAccount.objects.create(user=person, provider="oidc", uid="1")
    done = check([("P1", "张建国", "", "B1")]).confirm()
    assert done.outcomes == ["changed"]
    person.refresh_from_db()
    assert (person.is_active, person.activated_at) == (True, None)
    assert not person.has_usable_password()
    assert not Authenticator.objects.exists()
    assert not SocialAccount.objects.exists()
    assert client.get("/me/").status_code == 302
    assert AuditEntry.objects.get(action="person.import").detail["returned"] is True


def test_who_leaves_by_a_file_is_signed_out_for_good(
    client: Client, tree: Tree, check: Check
) -> None:
    person = UserFactory(code="P1", name="张建国", home=tree.branch, password="ein langes Wort 7")
    client.force_login(person, backend=BACKEND)
    assert client.get("/me/").status_code == 200
    check([("P1", "张建国", "", "", "", "", "", "2025.6")]).confirm()
    person.refresh_from_db()
    assert (person.is_active, person.activated_at) == (False, None)
    check([("P1", "张建国", "", "B1")]).confirm()
    person.refresh_from_db()
    assert person.is_active
    assert client.get("/me/").status_code == 302


def test_who_leaves_the_home_branch_by_a_file_is_not_left_to_the_host_branch(
    tree: Tree, check: Check
) -> None:
    person = UserFactory(code="P1", name="张建国", home=tree.branch)
    for unit, kind in ((tree.foreign, "floating_host"), (tree.sibling, "learner")):
        MembershipFactory(user=person, organization=unit, kind=kind, valid_from=dt.date(2024, 5, 1))
    host = UserFactory(secretary=True, unit=tree.foreign)
    done = check([("P1", "张建国", "", "", "", "", "", "2025.6")])
    assert (done.plans, done.codes(2)) == (["leave"], ["leaves_everything"])
    done.confirm()
    person.refresh_from_db()
    assert (person.is_active, person.activated_at) == (False, None)
    assert not Membership.objects.current().filter(user=person).exists()
    ends = person.memberships.values_list("valid_to", "end_reason").distinct()
    assert list(ends) == [(dt.date(2025, 6, 1), "moved_out")]
    assert not can_keep_account(host, person)


def test_nobody_leaves_by_a_file_before_the_first_day_of_any_tie(tree: Tree, check: Check) -> None:
    person = UserFactory(code="P1", name="张建国", home=tree.branch)
    MembershipFactory(user=person, organization=tree.foreign, kind="floating_host", valid_from=LEFT)
    assert check([("P1", "张建国", "", "", "", "", "", "2025.5")]).codes(2) == [
        "leaves_before_since"
    ]


def test_the_end_of_a_guest_tie_leaves_the_home_branch(tree: Tree, check: Check) -> None:
    person = UserFactory(code="P1", name="张建国", home=tree.branch)
    MembershipFactory(user=person, organization=tree.sibling, kind="floating_host")
    head = (*HEAD, "关系类型")
    check([("P1", "张建国", "", "B2", "", "", "", "2025.6", "流入")], head=head).confirm()
    person.refresh_from_db()
    assert person.is_active
    assert Membership.objects.current().get(user=person).organization == tree.branch


def test_the_phone_does_not_change_with_the_return(tree: Tree, check: Check) -> None:
    person = gone(tree.branch)
    done = check([("P1", "张建国", "13800000009", "B1")])
    assert (done.plans, done.codes(2)) == (["change"], ["phone_stays"])
    done.confirm()
    person.refresh_from_db()
    assert (person.is_active, person.phone) == (True, "13800000001")


def test_a_return_with_the_phone_of_somebody_else_is_refused(tree: Tree, check: Check) -> None:
    gone(tree.branch)
    UserFactory(code="P2", name="李四", phone="13800000002", home=tree.branch)
    gone(tree.branch, code="P3", name="王五", phone="13800000003")
    done = check([("P1", "张建国", "13800000002", "B1"), ("P9", "王五", "13800000003", "B1")])
    assert [done.codes(2), done.codes(3)] == [["phone_taken"], ["phone_taken"]]


def test_a_row_that_clashes_is_refused_and_the_others_are_written(
    tree: Tree, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(f"P{n}", f"张{'一二三四五六七'[n]}", f"1380000000{n}", "B1") for n in range(7)]
    done = check(rows)
    create = people_commit._accounts_create

    def overtaken(acts: list[people_commit.Act]) -> dict[str, int]:
        """Somebody else takes the number between the decision and the writing, every time."""
        if any(act.code == "P4" for act in acts):
            UserFactory(phone="13800000004")
        return create(acts)

    monkeypatch.setattr(people_commit, "_accounts_create", overtaken)
    done.confirm()
    assert done.state == RosterImport.State.DONE
    assert done.outcomes == [*["created"] * 4, "refused", *["created"] * 2]
    assert done.codes(6) == ["changed_since_check"]
    assert Membership.objects.filter(organization=tree.branch, kind="home").count() == 6
    assert done.roster_import.rows_done == 7


def test_the_code_of_an_administrator_is_not_changed_by_a_file(tree: Tree, check: Check) -> None:
    person = UserFactory(code=None, name="张建国", phone="13800000001", home=tree.branch)
    Post.objects.create(user=person, organization=tree.city, role="security")
    done = check([("P5", "张建国", "13800000001", "B1")])
    assert done.codes(2) == ["account_not_kept"]


def test_learners_with_a_home_elsewhere_are_outside(tree: Tree, check: Check) -> None:
    person = UserFactory(code="P1", name="张建国", home=tree.foreign)
    MembershipFactory(user=person, organization=tree.branch, kind="learner")
    assert check([("P1", "张建军", "", "")]).codes(2) == ["person_outside"]
