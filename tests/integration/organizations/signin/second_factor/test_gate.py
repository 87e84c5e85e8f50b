"""Every post × every way of signing in × every factor: what opens, and where it leads otherwise."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from organizations.models import Post, User
from organizations.signin.second_factor.requirement import requirement
from tests.factories import OrganizationFactory, PostFactory, UserFactory

pytestmark = pytest.mark.django_db

SignedIn = Callable[..., Client]
FIRST = ("password", "credential", "sms", "oidc", "wecom")
SECOND = ("", "password", "sms", "wecom", "totp", "recovery_codes", "webauthn")
KNOWLEDGE, PHONE = {"password", "credential", "oidc"}, {"sms", "wecom"}
NEEDS = {
    "reviewer": "any",
    "curator": "any",
    "administrator": "cryptographic",
    "security": "cryptographic",
    "auditor": "cryptographic",
    "secretary": "none",
    "site_operator": "none",
    "affairs_officer": "none",
}


def holder(role: str, **more: Any) -> User:
    user: User = UserFactory(post__role=role, **more)
    return user


def should_open(needed: str, first: str, second: str) -> bool:
    """The rule, written down a second time and from the other end."""
    if needed == "none" or second == "webauthn":
        return True
    if needed == "cryptographic":
        return False
    if second in ("totp", "recovery_codes"):
        return True
    return bool({first, second} & KNOWLEDGE) and bool({first, second} & PHONE)


@pytest.mark.parametrize(("role", "needed"), NEEDS.items())
def test_posts_decide_what_is_needed(role: str, needed: str) -> None:
    assert requirement(holder(role)) == needed


# One post of each need stands for the others.
SAMPLE = ("curator", "administrator", "secretary")


@pytest.mark.parametrize(
    "role",
    [role if role in SAMPLE else pytest.param(role, marks=pytest.mark.long) for role in NEEDS],
)
def test_every_way_of_signing_in_with_every_factor(signed_in: SignedIn, role: str) -> None:
    user = holder(role, password="correct-horse-9")
    for first, second in itertools.product(FIRST, SECOND):
        client = signed_in(user, *[way for way in (first, second) if way])
        opened = client.get("/me/").status_code == 200
        assert opened == should_open(NEEDS[role], first, second), (role, first, second)


def test_no_two_ways_on_the_same_phone_are_two_factors(signed_in: SignedIn) -> None:
    client = signed_in(holder("reviewer"), "sms", "sms")
    assert client.get("/me/").status_code == 302
    assert signed_in(holder("reviewer"), "wecom", "sms").get("/me/").status_code == 302


def test_factors_of_somebody_else_count_for_nothing(signed_in: SignedIn) -> None:
    client = signed_in(holder("curator"), "password", "totp")
    session = client.session
    session["account_authentication_methods_user"] = "999999"
    session.save()
    assert client.get("/me/").status_code == 302


@pytest.mark.parametrize(
    "path", ["/", "/me/", "/library/", "/admin/", "/upload/", "/classes/", "/no-such-page/"]
)
def test_pages_lead_to_the_challenge_and_remember_where_to_go(
    signed_in: SignedIn, path: str
) -> None:
    user = holder("curator", password="correct-horse-9", phone="13800001111")
    response = signed_in(user, "password").get(path)
    if path == "/no-such-page/" and response.status_code == 404:
        return
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("security:challenge"))
    assert response["Location"].endswith(f"next={path.replace('/', '%2F')}")


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("get", "/watch/strips/?lectures=1", {"Accept": "application/json"}),
        ("post", "/watch/open/", {"Accept": "application/json", "Sec-Fetch-Mode": "cors"}),
        ("post", "/uploads/", {"Tus-Resumable": "1.0.0", "Sec-Fetch-Mode": "cors"}),
        ("get", "/admin/api/main/pages/", {"X-Requested-With": "XMLHttpRequest"}),
    ],
)
def test_scripts_are_refused_with_a_sentence(
    signed_in: SignedIn, method: str, path: str, headers: dict[str, str]
) -> None:
    client = signed_in(holder("curator"), "password")
    response = getattr(client, method)(path, headers=headers)
    assert response.status_code == 403
    assert response.json()["message"]


@pytest.mark.parametrize("path", ["/privacy/", "/healthz"])
def test_what_needs_no_account_stays_open(signed_in: SignedIn, path: str) -> None:
    assert signed_in(holder("curator"), "password").get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/linked/",
        "/accounts/linked/signup/",
        "/accounts/wecom/login/?process=connect",
        "/accounts/oidc/oidc/login/?process=connect",
        "/accounts/oidc/oidc/back/",
    ],
)
def test_identities_are_linked_after_the_second_step_only(
    signed_in: SignedIn, add_totp: Callable[[User], None], path: str
) -> None:
    user = holder("curator")
    add_totp(user)
    client, challenge = signed_in(user, "password"), reverse("security:challenge")
    assert client.get(path)["Location"].startswith(challenge)
    assert challenge in client.post(path).content.decode()


def test_a_beat_passes_without_a_question_about_the_person(
    signed_in: SignedIn, django_assert_num_queries: Any
) -> None:
    client = signed_in(holder("curator"), "password")
    with django_assert_num_queries(0):
        answer = client.post("/watch/beat/", {"token": "x"}, "application/json")
    assert "second step" not in answer.content.decode()
    assert answer.status_code != 401


def test_signing_out_stays_open(signed_in: SignedIn) -> None:
    client = signed_in(holder("curator"), "password")
    client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session


def test_a_post_gained_in_mid_session_counts_at_once(signed_in: SignedIn) -> None:
    user = UserFactory(password="correct-horse-9")
    client = signed_in(user, "password")
    assert client.get("/me/").status_code == 200
    PostFactory(user=user, organization=OrganizationFactory(), role=Post.Role.REVIEWER)
    assert client.get("/me/").status_code == 302


def test_demo_accounts_are_exempt(signed_in: SignedIn) -> None:
    user = holder("administrator", is_demo=True)
    assert signed_in(user, "password").get("/me/").status_code == 200


def test_whoever_switched_it_on_is_asked(
    signed_in: SignedIn, add_totp: Callable[[User], None]
) -> None:
    user = UserFactory()
    add_totp(user)
    assert signed_in(user, "password").get("/me/").status_code == 302
    assert signed_in(user, "password", "totp").get("/me/").status_code == 200


def test_the_question_costs_no_query(signed_in: SignedIn, django_assert_num_queries: Any) -> None:
    client = signed_in(holder("curator"), "password", "totp")
    client.get("/privacy/")
    with django_assert_num_queries(1):  # the account itself
        client.get("/watch/strips/?lectures=none", headers={"Sec-Fetch-Mode": "cors"})
