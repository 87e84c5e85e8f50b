"""Who may keep people, units, posts and accounts: the own unit and below, never by a grant."""

import pytest
from django.core.exceptions import PermissionDenied

from organizations import permissions
from organizations.models import ScopeGrant, today
from organizations.people import services
from tests.factories import MembershipFactory, PostFactory, UserFactory

KEEPERS = ("secretary", "officer", "administrator")
OTHERS = ("reviewer", "curator", "operator", "security", "auditor")


@pytest.mark.parametrize("role", KEEPERS)
def test_roster_keepers_keep_their_unit_and_what_is_below(units, role):
    keeper = UserFactory(**{role: True}, unit=units.township)

    for unit in (units.township, units.branch, units.second_branch):
        assert permissions.can_keep_people(keeper, unit)
    for unit in (units.city, units.county, units.sibling, units.other_branch, units.line):
        assert not permissions.can_keep_people(keeper, unit)


@pytest.mark.parametrize("role", OTHERS)
def test_other_posts_keep_no_roster(units, role):
    holder = UserFactory(**{role: True}, unit=units.city)

    with pytest.raises(PermissionDenied):
        permissions.check_can_keep_people(holder, units.branch)


def test_a_grant_shows_people_and_keeps_none(units, member):
    officer = UserFactory(officer=True, unit=units.line)
    ScopeGrant.objects.create(holder=units.line, organization=units.county)

    assert permissions.can_see_person(officer, member)
    assert not permissions.can_keep_people(officer, units.branch)
    assert not permissions.can_keep_person(officer, member)
    assert not permissions.can_keep_unit(officer, units.branch)


def test_an_ended_post_keeps_nothing(units):
    keeper = UserFactory(home=units.branch)
    PostFactory(user=keeper, organization=units.branch, valid_to=today())

    assert not permissions.can_keep_people(keeper, units.branch)


def test_units_are_kept_from_above(units):
    officer = UserFactory(officer=True, unit=units.township)

    assert permissions.can_keep_unit(officer, units.branch)
    assert not permissions.can_keep_unit(officer, units.township)
    assert permissions.can_create_below(officer, units.township)
    assert not permissions.can_create_below(officer, units.sibling)
    assert not permissions.can_keep_unit(
        UserFactory(secretary=True, unit=units.county), units.branch
    )


@pytest.mark.parametrize(
    ("actor", "at", "role", "unit", "allowed"),
    [
        ("officer", "township", "secretary", "branch", True),
        ("officer", "township", "secretary", "township", False),
        ("officer", "township", "site_operator", "township", True),
        ("officer", "township", "secretary", "other_branch", False),
        ("secretary", "branch", "site_operator", "branch", True),
        ("secretary", "branch", "secretary", "branch", False),
        ("officer", "city", "reviewer", "county", False),
        ("officer", "city", "administrator", "city", False),
        ("security", "city", "administrator", "city", False),
        ("security", "city", "security", "city", False),
        ("security", "city", "administrator", "county", True),
        ("security", "city", "security", "county", True),
        ("security", "county", "administrator", "county", False),
        ("security", "city", "reviewer", "branch", True),
        ("security", "county", "curator", "city", False),
        ("security", "city", "secretary", "branch", False),
        ("security", "city", "secretary", "city", True),
        ("security", "city", "auditor", "city", False),
        ("security", "city", "auditor", "county", False),
        ("auditor", "city", "reviewer", "branch", False),
    ],
)
def test_posts_are_given_by_those_above_or_by_security(units, actor, at, role, unit, allowed):
    user = UserFactory(**{actor: True}, unit=getattr(units, at))

    assert permissions.can_appoint(user, getattr(units, unit), role) is allowed


def test_read_scope_is_granted_by_security(units):
    security = UserFactory(security=True, unit=units.county)

    assert permissions.can_grant(security, units.branch)
    assert not permissions.can_grant(security, units.city)
    assert not permissions.can_grant(UserFactory(officer=True, unit=units.city), units.branch)


def test_a_host_branch_keeps_only_those_whom_nobody_here_holds(units, member):
    host = UserFactory(secretary=True, unit=units.other_branch)
    MembershipFactory(user=member, organization=units.other_branch, kind="floating_host")
    guest = UserFactory()
    MembershipFactory(user=guest, organization=units.other_branch, kind="floating_host")

    assert permissions.can_see_person(host, member)
    assert not permissions.can_keep_person(host, member)
    assert permissions.can_keep_person(host, guest)


def test_a_branch_does_not_open_the_accounts_of_those_above_it(units, secretary, officer):
    administrator = UserFactory(administrator=True, unit=units.city, home=units.branch)
    security = UserFactory(security=True, unit=units.city)

    reviewer = UserFactory(reviewer=True, unit=units.city, home=units.branch)

    assert permissions.can_keep_person(secretary, administrator)
    assert not permissions.can_keep_account(secretary, administrator)
    assert not permissions.can_keep_account(secretary, reviewer)
    assert permissions.can_keep_account(security, reviewer)
    assert permissions.can_keep_account(officer, secretary)
    assert not permissions.can_keep_account(security, security)


@pytest.mark.parametrize("role", ["administrator", "security", "auditor"])
def test_administrators_of_one_unit_do_not_open_each_others_accounts(units, role):
    keeper = UserFactory(security=True, unit=units.county)
    PostFactory(user=keeper, organization=units.county, role="secretary")
    beside = UserFactory(**{role: True}, unit=units.county, home=units.branch)
    below = UserFactory(**{role: True}, unit=units.township, home=units.branch)

    assert permissions.can_keep_person(keeper, beside)
    assert not permissions.can_keep_account(keeper, beside)
    assert permissions.can_keep_account(keeper, below)
    assert permissions.can_keep_account(UserFactory(security=True, unit=units.city), beside)


def test_who_learns_elsewhere_is_kept_at_home_only(units, member):
    teacher = UserFactory(officer=True, unit=units.sibling)
    MembershipFactory(user=member, organization=units.other_branch, kind="learner")
    learner = UserFactory()
    MembershipFactory(user=learner, organization=units.other_branch, kind="learner")
    MembershipFactory(user=learner, organization=units.foreign_branch, kind="floating_host")

    assert permissions.can_see_person(teacher, member)
    assert not permissions.can_keep_person(teacher, member)
    assert not permissions.can_keep_account(teacher, member)
    assert permissions.can_keep_person(teacher, learner)
    host = UserFactory(officer=True, unit=units.other_county)
    assert not permissions.can_keep_person(host, learner)


def test_a_grant_gives_no_posts_and_no_accounts(units, member):
    ScopeGrant.objects.create(holder=units.line, organization=units.county)
    guest = UserFactory(home=units.foreign_branch)
    MembershipFactory(user=guest, organization=units.branch, kind="floating_host")

    for reader, person, unit, role in (
        (UserFactory(security=True, unit=units.line), member, units.line, "curator"),
        (UserFactory(officer=True, unit=units.line), member, units.line, "site_operator"),
        (UserFactory(security=True, unit=units.county), guest, units.county, "curator"),
    ):
        assert permissions.can_see_person(reader, person)
        with pytest.raises(PermissionDenied):
            services.post_open(actor=reader, person=person, unit=unit, role=role)
        PostFactory(user=person, organization=unit, role=role)
        assert not permissions.can_keep_account(reader, person)


def test_a_grant_makes_no_ties(units):
    ScopeGrant.objects.create(holder=units.line, organization=units.county)
    reader = UserFactory(officer=True, unit=units.line)
    learner = UserFactory()
    MembershipFactory(user=learner, organization=units.branch, kind="learner")

    with pytest.raises(PermissionDenied):
        services.membership_open(actor=reader, person=learner, unit=units.line, kind="learner")
    assert not permissions.can_keep_account(reader, learner)
