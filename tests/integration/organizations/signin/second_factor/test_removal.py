"""A lost phone: who may take away somebody's factors, and what happens then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from organizations.models import Organization, User
from tests.factories import MembershipFactory, OrganizationFactory, PostFactory, UserFactory
from tests.integration.organizations.signin.second_factor.conftest import PASSWORD

pytestmark = pytest.mark.django_db

SignedIn = Callable[..., Client]


@pytest.fixture
def county() -> Organization:
    unit: Organization = OrganizationFactory(county=True)
    return unit


@pytest.fixture
def member(county: Organization, add_totp: Callable[[User], None]) -> User:
    user: User = UserFactory()
    MembershipFactory(user=user, organization=OrganizationFactory(parent=county))
    add_totp(user)
    return user


def remove(client: Client, person: User) -> Any:
    return client.post(reverse("security:person_factors", args=[person.pk]))


def test_within_scope_it_removes_logs_and_signs_out(
    signed_in: SignedIn, county: Organization, member: User
) -> None:
    keeper = UserFactory()
    PostFactory(user=keeper, organization=county, role="security")
    theirs = signed_in(member, "password", "totp")
    assert theirs.get("/me/").status_code == 200
    response = remove(signed_in(keeper, "password", "webauthn"), member)
    assert response.status_code == 302
    assert not Authenticator.objects.exists()
    assert theirs.get("/me/").status_code == 302
    entry = AuditEntry.objects.get(action="second_factor.remove")
    assert (entry.actor_id, entry.target_id) == (keeper.pk, str(member.pk))


def test_looking_at_somebodys_factors_is_a_look_at_the_person(
    signed_in: SignedIn, county: Organization, member: User
) -> None:
    keeper = UserFactory()
    PostFactory(user=keeper, organization=county, role="security")
    client = signed_in(keeper, "password", "webauthn")
    for _n in range(2):
        assert client.get(reverse("security:person_factors", args=[member.pk])).status_code == 200
    entry = AuditEntry.objects.get(action="person.view")
    assert (entry.actor_id, entry.target_id) == (keeper.pk, str(member.pk))


def test_the_page_shows_the_name_as_lists_do(
    signed_in: SignedIn, county: Organization, member: User
) -> None:
    keeper = UserFactory()
    PostFactory(user=keeper, organization=county, role="security")
    User.objects.filter(pk=member.pk).update(name="欧阳示范")
    page = signed_in(keeper, "password", "webauthn").get(
        reverse("security:person_factors", args=[member.pk])
    )
    assert "欧**范" in page.text
    assert "欧阳示范" not in page.text


@pytest.mark.parametrize("role", ["administrator", "secretary", "auditor", "curator"])
def test_no_other_post_may(
    signed_in: SignedIn, county: Organization, member: User, role: str
) -> None:
    other = UserFactory()
    PostFactory(user=other, organization=county, role=role)
    assert remove(signed_in(other, "password", "webauthn"), member).status_code == 403
    assert Authenticator.objects.exists()


def test_not_beyond_the_own_units(signed_in: SignedIn, member: User) -> None:
    foreign = UserFactory()
    PostFactory(user=foreign, organization=OrganizationFactory(county=True), role="security")
    assert remove(signed_in(foreign, "password", "webauthn"), member).status_code == 404
    assert Authenticator.objects.exists()


def test_not_from_a_guest_whose_home_is_elsewhere(
    signed_in: SignedIn, county: Organization, member: User
) -> None:
    host = OrganizationFactory(parent=OrganizationFactory(county=True))
    MembershipFactory(user=member, organization=host, kind="floating_host")
    keeper = UserFactory(security=True, unit=Organization.objects.get(pk=host.pk).get_parent())
    client = signed_in(keeper, "password", "webauthn")
    assert remove(client, member).status_code == 404
    member.memberships.filter(kind="home").delete()
    assert remove(client, member).status_code == 302


def test_not_from_somebody_with_a_post_above(
    signed_in: SignedIn, county: Organization, member: User
) -> None:
    township_keeper = UserFactory()
    branch = member.memberships.get().organization
    PostFactory(user=township_keeper, organization=branch, role="security")
    PostFactory(user=member, organization=county, role="administrator")
    client = signed_in(township_keeper, "password", "webauthn")
    assert remove(client, member).status_code == 404


@pytest.mark.parametrize("role", ["administrator", "security", "auditor"])
def test_not_from_an_administrator_of_the_same_unit(
    signed_in: SignedIn, county: Organization, member: User, role: str
) -> None:
    keeper = UserFactory(security=True, unit=county)
    post = PostFactory(user=member, organization=county, role=role)
    client = signed_in(keeper, "password", "webauthn")
    assert remove(client, member).status_code == 404
    assert Authenticator.objects.exists()
    post.organization = OrganizationFactory(township=True, parent=county)
    post.save()
    assert remove(client, member).status_code == 302
    assert not Authenticator.objects.filter(user=member).exists()


def test_from_the_shell_it_removes_logs_and_signs_out(signed_in: SignedIn, member: User) -> None:
    theirs = signed_in(member, "password", "totp")
    assert theirs.get("/me/").status_code == 200
    call_command("second_factor_reset", member.username)
    assert not Authenticator.objects.exists()
    assert theirs.get("/me/").status_code == 302
    entry = AuditEntry.objects.get(action="second_factor.remove")
    assert (entry.actor_id, entry.target_id) == (None, str(member.pk))
    assert entry.detail == {"kinds": ["totp"], "operator": True}


def test_the_shell_knows_no_other_account(db: None) -> None:
    with pytest.raises(CommandError):
        call_command("second_factor_reset", "nobody")


def test_not_from_oneself(signed_in: SignedIn, county: Organization) -> None:
    keeper = UserFactory()
    PostFactory(user=keeper, organization=county, role="security")
    assert remove(signed_in(keeper, "password", "webauthn"), keeper).status_code == 404


def test_it_asks_for_a_recent_sign_in(
    signed_in: SignedIn, county: Organization, member: User
) -> None:
    keeper = UserFactory()
    PostFactory(user=keeper, organization=county, role="security")
    client = signed_in(keeper, "password", "webauthn", ago=700)
    assert remove(client, member)["Location"].startswith(reverse("security:confirm"))
    assert Authenticator.objects.exists()


def test_without_the_post_nothing_is_kept_for_confirming(signed_in: SignedIn, member: User) -> None:
    client = signed_in(UserFactory(password=PASSWORD), "password", ago=700)
    assert remove(client, member).status_code == 403
    assert STATE_SESSION_KEY not in client.session
