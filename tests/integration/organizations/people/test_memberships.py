"""Transfers and other ties: what changes, what is refused with a sentence, what is logged."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from lms.watching.models import Completion
from organizations.models import Membership, User, today
from organizations.people import services
from organizations.people.services import PeopleError
from tests.factories import (
    CompletionFactory,
    MembershipFactory,
    OrganizationFactory,
    PostFactory,
    UserFactory,
)
from tests.integration.organizations.people.acts import create, home_of, logged

pytestmark = pytest.mark.django_db


# -- transfer --------------------------------------------------------------------------------------


def transfer(officer, person, to, **given):
    return services.membership_transfer(actor=officer, person=person, to=to, **given)


def test_a_transfer_closes_one_home_and_opens_another(units, officer, member):
    CompletionFactory(user=member)
    transfer(officer, member, units.second_branch)

    old = Membership.objects.get(user=member, organization=units.branch)
    assert (old.valid_to, old.end_reason) == (today(), "transferred")
    assert home_of(member).organization == units.second_branch
    assert Completion.objects.filter(user=member).count() == 1
    detail = logged("person.transfer").get().detail
    assert (detail["left"], detail["to"]) == (units.branch.code, units.second_branch.code)


def test_of_several_transfers_on_a_day_the_last_one_counts(units, officer, member):
    third = OrganizationFactory(parent=units.township)
    transfer(officer, member, units.second_branch)
    transfer(officer, member, third)

    rows = Membership.objects.filter(user=member)
    assert rows.count() == 2
    assert home_of(member).organization == third
    transfer(officer, member, units.branch)
    only = rows.get()
    assert (only.organization, only.valid_to, only.end_reason) == (units.branch, None, "")


def test_a_transfer_needs_both_branches(units, officer, secretary, member):
    with pytest.raises(PermissionDenied):
        transfer(officer, member, units.other_branch)
    with pytest.raises(PermissionDenied):
        transfer(secretary, member, units.second_branch)
    county = UserFactory(officer=True, unit=units.county)
    assert transfer(county, member, units.other_branch).organization == units.other_branch


def test_transfers_that_make_no_sense_are_refused(units, officer, member):
    learner = create(officer, units.branch, kind="learner")
    for person, to, given in (
        (member, units.branch, {}),
        (member, units.township, {}),
        (member, units.second_branch, {"on": dt.date(2023, 1, 1)}),
        (member, units.second_branch, {"on": today() + dt.timedelta(days=1)}),
        (learner, units.second_branch, {}),
    ):
        with pytest.raises(PeopleError):
            transfer(officer, person, to, **given)
    assert home_of(member).organization == units.branch


def test_where_one_floated_to_becomes_the_home_branch(units, officer, member):
    host = MembershipFactory(user=member, organization=units.second_branch, kind="floating_host")
    transfer(officer, member, units.second_branch)

    host.refresh_from_db()
    assert (host.valid_to, host.end_reason) == (today(), "transferred")


def test_posts_in_the_old_branch_end_only_when_asked(units, officer, member):
    post = PostFactory(user=member, organization=units.branch)
    transfer(officer, member, units.second_branch)
    post.refresh_from_db()
    assert post.valid_to is None

    transfer(officer, member, units.branch)
    transfer(officer, member, units.second_branch, end_posts=True)
    post.refresh_from_db()
    assert post.valid_to == today()


def test_posts_of_others_to_give_stop_a_transfer_that_would_end_them(units, officer, member):
    PostFactory(user=member, organization=units.branch, role="reviewer")

    with pytest.raises(PermissionDenied):
        transfer(officer, member, units.second_branch, end_posts=True)
    assert home_of(member).organization == units.branch


# -- other ties ------------------------------------------------------------------------------------


def tie(actor, person, unit, kind, **given):
    return services.membership_open(actor=actor, person=person, unit=unit, kind=kind, **given)


def test_who_keeps_a_person_enters_where_they_float_to(units, secretary, member):
    tie(secretary, member, units.foreign_branch, "floating_host")

    host = UserFactory(secretary=True, unit=units.foreign_branch)
    assert User.objects.visible_to(host).filter(pk=member.pk).exists()
    assert logged("membership.open").count() == 1


def test_nobody_changes_their_own_ties(units, officer, secretary):
    with pytest.raises(PermissionDenied):
        tie(secretary, secretary, units.other_branch, "floating_host")
    host = MembershipFactory(user=secretary, organization=units.second_branch, kind="floating_host")
    with pytest.raises(PermissionDenied):
        services.membership_close(actor=secretary, membership=host, reason="mistake")
    MembershipFactory(user=officer, organization=units.branch, kind="home")
    with pytest.raises(PermissionDenied):
        transfer(officer, officer, units.second_branch)
    assert Membership.objects.current().filter(user__in=(officer, secretary)).count() == 3


def test_nobody_ties_strangers_to_the_own_branch(units, member):
    stranger = UserFactory(secretary=True, unit=units.foreign_branch)

    for kind in ("floating_host", "learner", "home"):
        with pytest.raises(PermissionDenied):
            tie(stranger, member, units.foreign_branch, kind)
    assert member.memberships.count() == 1


def test_a_second_home_or_the_same_tie_twice_is_refused(units, officer, member):
    tie(officer, member, units.second_branch, "learner")
    for unit, kind in (
        (units.second_branch, "home"),
        (units.second_branch, "learner"),
        (units.branch, "floating_host"),
        (units.branch, "nonsense"),
    ):
        with pytest.raises(PeopleError):
            tie(officer, member, unit, kind)
    assert member.memberships.count() == 2


def test_a_learner_becomes_a_member(units, officer):
    learner = create(officer, units.branch, kind="learner")
    tie(officer, learner, units.branch, "home")

    assert home_of(learner).organization == units.branch


def test_a_tie_ends_for_a_reason_the_last_one_does_not(units, officer, member):
    host = tie(officer, member, units.second_branch, "floating_host")

    with pytest.raises(PeopleError):
        services.membership_close(actor=officer, membership=host, reason="died")
    services.membership_close(actor=officer, membership=host, reason="returned")
    host.refresh_from_db()
    assert (host.valid_to, host.end_reason) == (today(), "returned")
    with pytest.raises(PeopleError):
        services.membership_close(actor=officer, membership=host, reason="returned")
    with pytest.raises(PeopleError):
        services.membership_close(actor=officer, membership=home_of(member), reason="mistake")
    guest = create(officer, units.branch, name="群众", kind="learner")
    with pytest.raises(PeopleError):
        services.membership_close(
            actor=officer, membership=guest.memberships.get(), reason="finished"
        )


def test_the_host_branch_ends_its_own_tie_and_strangers_none(units, officer, member):
    host = tie(officer, member, units.foreign_branch, "floating_host")

    with pytest.raises(PermissionDenied):
        services.membership_close(
            actor=UserFactory(secretary=True, unit=units.other_branch),
            membership=host,
            reason="returned",
        )
    keeper = UserFactory(secretary=True, unit=units.foreign_branch)
    services.membership_close(actor=keeper, membership=host, reason="returned")
    assert not User.objects.visible_to(keeper).filter(pk=member.pk).exists()
