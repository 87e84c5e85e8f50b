"""Coming back after leaving: through whom, to which account, and that nothing opens it any more."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from organizations.models import Credential, Membership, User, today
from organizations.people import services
from organizations.people.services import PeopleError
from tests.factories import MembershipFactory, UserFactory
from tests.integration.organizations.people.acts import create, home_of, logged

pytestmark = pytest.mark.django_db
BACKEND = "organizations.signin.backend.AccountBackend"


@pytest.fixture
def used(officer, member):
    """The account of the member, in use in every way."""
    member.activated_at = timezone.now()
    member.set_password("ein langes Wort 7")
    member.save()
    Authenticator.objects.create(user=member, type="totp", data={})
    SocialAccount.objects.create(user=member, provider="oidc", uid="1")
    Credential.objects.create(
        user=member,
        digest="x",
        issued_by=officer,
        expires_at=timezone.now() + dt.timedelta(days=1),
    )
    return member


def leave(officer, person):
    services.person_leave(actor=officer, person=person, reason="moved_out")


def back(actor, unit, **given):
    return create(actor, unit, **{"name": "张建国", "phone": "13812345678", **given})


def assert_asleep(person):
    person.refresh_from_db()
    assert person.activated_at is None
    assert not person.has_usable_password()
    assert not Authenticator.objects.exists()
    assert not SocialAccount.objects.exists()
    assert not UserSession.objects.exists()
    assert Credential.objects.get().revoked_at is not None


def test_who_comes_back_gets_the_old_account(units, officer, member):
    leave(officer, member)
    person = back(officer, units.second_branch)

    assert person == member
    assert person.is_active
    assert home_of(person).organization == units.second_branch
    assert logged("person.create").get().detail["returned"]
    with pytest.raises(PeopleError):
        back(officer, units.branch)


def test_leaving_takes_away_whatever_opened_the_account(client, units, officer, used):
    client.force_login(used, backend=BACKEND)
    assert client.get("/me/").status_code == 200
    UserSession.objects.create(
        user=used, ip="10.0.0.1", session_key=client.session.session_key, user_agent="x"
    )
    leave(officer, used)

    assert_asleep(used)
    assert not Session.objects.exists()
    back(officer, units.branch)
    assert client.get("/me/").status_code == 302
    assert_asleep(used)


def test_an_account_that_was_closed_otherwise_comes_back_asleep(client, units, officer, used):
    client.force_login(used, backend=BACKEND)
    assert client.get("/me/").status_code == 200
    Membership.objects.filter(user=used).update(valid_to=today())
    User.objects.filter(pk=used.pk).update(is_active=False)
    person = back(officer, units.branch)

    assert person.is_active
    assert_asleep(used)
    assert client.get("/me/").status_code == 302


def test_a_stranger_brings_nobody_back(units, officer, member):
    leave(officer, member)
    stranger = UserFactory(secretary=True, unit=units.foreign_branch)

    for given in (
        {},
        {"phone": "", "code": "P000001"},
        {"phone": "13500000009", "code": "P000001"},
    ):
        with pytest.raises(PeopleError):
            back(stranger, units.foreign_branch, **given)
    member.refresh_from_db()
    assert not member.is_active
    assert member.phone == "13812345678"
    assert member.memberships.count() == 1
    assert not logged("person.create").exists()
    above = UserFactory(officer=True, unit=units.city)
    assert back(above, units.foreign_branch) == member


def test_the_branch_before_a_transfer_brings_nobody_back(units, officer, secretary, member):
    services.membership_transfer(
        actor=officer, person=member, to=units.second_branch, on=dt.date(2025, 1, 1)
    )
    leave(officer, member)

    with pytest.raises(PeopleError):
        back(secretary, units.branch)


def test_a_host_branch_brings_back_only_who_was_never_more_here(units, officer, member):
    MembershipFactory(
        user=member,
        organization=units.foreign_branch,
        kind="floating_host",
        valid_from=dt.date(2025, 1, 1),
    )
    guest = UserFactory(name="李四", code="G1")
    MembershipFactory(user=guest, organization=units.foreign_branch, kind="floating_host")
    host = UserFactory(secretary=True, unit=units.foreign_branch)
    leave(officer, member)
    leave(host, guest)

    with pytest.raises(PeopleError):
        back(host, units.foreign_branch)
    assert back(host, units.foreign_branch, name="李四", phone="", code="G1") == guest


def test_who_comes_back_does_so_no_earlier_than_they_left(units, officer, member):
    left, before = dt.date(2025, 6, 1), dt.date(2024, 6, 1)
    services.person_leave(actor=officer, person=member, reason="moved_out", on=left)

    with pytest.raises(PeopleError, match="2025"):
        back(officer, units.second_branch, on=dt.date(2024, 2, 1))
    member.refresh_from_db()
    assert not member.is_active
    assert Membership.objects.current(before).filter(user=member).count() == 1
    back(officer, units.second_branch, on=left)
    assert Membership.objects.current(left).filter(user=member).count() == 1


def test_a_learner_who_becomes_a_member_again_does_so_after_the_last_home(units, officer):
    person = UserFactory(name="李四")
    MembershipFactory(user=person, organization=units.branch, valid_to=dt.date(2025, 6, 1))
    MembershipFactory(user=person, organization=units.branch, kind="learner")

    def enter(on):
        services.membership_open(
            actor=officer, person=person, unit=units.second_branch, kind="home", on=on
        )

    with pytest.raises(PeopleError, match="2025"):
        enter(dt.date(2025, 5, 31))
    enter(dt.date(2025, 6, 1))
    assert home_of(person).organization == units.second_branch


def test_the_phone_stays_as_it_is_with_a_return(units, officer, member):
    UserFactory(phone="13500000001")
    leave(officer, member)

    with pytest.raises(PeopleError):
        back(officer, units.branch, phone="13500000001", code="P000001")
    assert back(officer, units.branch, phone="13500000002", code="P000001") == member
    member.refresh_from_db()
    assert member.phone == "13812345678"
