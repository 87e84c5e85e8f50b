"""OpenID Connect against a stand-in that signs its tokens: who gets in, who is refused and why."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.test import Client
from pytest_django.fixtures import Settings

from audit.models import AuditEntry
from organizations.models import User
from tests.factories import UserFactory
from tests.integration.organizations.signin.servers import OpenIdProvider, running

pytestmark = pytest.mark.django_db
LOGIN, BACK = "/accounts/oidc/oidc/login/", "/accounts/oidc/oidc/back/"


@pytest.fixture
def provider(settings: Settings) -> Iterator[OpenIdProvider]:
    system = OpenIdProvider()
    with running(system):
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {
                "APPS": [
                    {
                        "provider_id": "oidc",
                        "name": "统一身份认证",
                        "client_id": system.client_id,
                        "secret": system.secret,
                        "settings": {
                            "server_url": system.url,
                            "oauth_pkce_enabled": True,
                            "scope": ["openid", "profile"],
                            "match_claim": "",
                            "match_field": "code",
                        },
                    }
                ]
            }
        }
        yield system


@pytest.fixture(autouse=True)
def our_provider() -> None:
    """As the settings name it when OIDC is configured; the registry was filled before."""
    from allauth.socialaccount.providers import registry

    from organizations.signin.oidc import OidcProvider

    registry.load()
    registry.register(OidcProvider)


def matching(settings: Settings, claim: str, field: str) -> None:
    wanted = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]
    wanted.update(match_claim=claim, match_field=field)


def come_back(client: Client, provider: OpenIdProvider, path: str = LOGIN, **claims: Any) -> Any:
    address = client.post(path)["Location"]
    return client.get(BACK, provider.consent(address, **claims))


def link(user: User, subject: str = "s-1") -> None:
    SocialAccount.objects.create(user=user, provider="oidc", uid=subject)


def test_a_linked_identity_signs_in(client: Client, provider: OpenIdProvider) -> None:
    anna = UserFactory()
    link(anna)
    answer = come_back(client, provider, sub="s-1", name="王安娜", email="a@example.org")
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(anna.pk)
    entry = AuditEntry.objects.get(action="account.sign_in")
    assert entry.detail == {"method": "oidc"}


def test_nothing_that_the_other_system_says_is_kept(
    client: Client, provider: OpenIdProvider
) -> None:
    link(UserFactory(name="张三"))
    come_back(client, provider, sub="s-1", name="王安娜", email="a@example.org")
    account = SocialAccount.objects.get()
    assert account.extra_data == {}
    assert account.user.name == "张三"
    assert account.user.email == ""
    assert not SocialToken.objects.exists()


def test_an_identity_nobody_linked_is_refused_and_makes_no_account(
    client: Client, provider: OpenIdProvider
) -> None:
    answer = come_back(client, provider, sub="s-9", name="王安娜")
    assert answer.status_code == 403
    assert not User.objects.exists()
    assert AuditEntry.objects.get().detail == {"method": "oidc", "reason": "unlinked"}


@pytest.mark.parametrize(
    "trait", [{"activated_at": None}, {"is_active": False}, {"erased_at": "2026-01-01T00:00Z"}]
)
def test_an_account_that_is_not_in_use_is_refused_with_a_sentence(
    client: Client, provider: OpenIdProvider, trait: dict[str, Any]
) -> None:
    anna = UserFactory(**trait)
    link(anna)
    answer = come_back(client, provider, sub="s-1")
    assert answer.status_code == 403
    assert b"/accounts/first/" in answer.content
    assert "_auth_user_id" not in client.session


def test_a_trusted_claim_matches_the_person_code_and_links_nothing(
    client: Client, provider: OpenIdProvider, settings: Settings
) -> None:
    matching(settings, "employee", "code")
    anna = UserFactory(code="LN-1")
    for _again in range(2):
        come_back(client, provider, sub="s-1", employee="LN-1")
        assert client.session["_auth_user_id"] == str(anna.pk)
        client.post("/accounts/logout/")
    assert not SocialAccount.objects.exists()
    assert not AuditEntry.objects.filter(action="identity.link").exists()


def test_a_code_that_is_corrected_leads_to_the_right_account_from_then_on(
    client: Client, provider: OpenIdProvider, settings: Settings
) -> None:
    matching(settings, "employee", "code")
    li, wang = UserFactory(code="LN-WANG"), UserFactory(code="LN-OTHER")
    come_back(client, provider, sub="wang", employee="LN-WANG")
    assert client.session["_auth_user_id"] == str(li.pk)
    client.post("/accounts/logout/")
    User.objects.filter(pk=li.pk).update(code="LN-LI")
    User.objects.filter(pk=wang.pk).update(code="LN-WANG")
    come_back(client, provider, sub="wang", employee="LN-WANG")
    assert client.session["_auth_user_id"] == str(wang.pk)


@pytest.mark.parametrize(("verified", "signed_in"), [(True, True), (False, False), ("true", False)])
def test_a_phone_matches_only_when_the_other_system_verified_it(
    client: Client, provider: OpenIdProvider, settings: Settings, verified: Any, signed_in: bool
) -> None:
    matching(settings, "phone_number", "phone")
    UserFactory(phone="13800138000")
    come_back(
        client,
        provider,
        sub="s-1",
        phone_number="+86 138 0013 8000",
        phone_number_verified=verified,
    )
    assert ("_auth_user_id" in client.session) is signed_in


def test_a_match_does_not_put_an_account_in_use(
    client: Client, provider: OpenIdProvider, settings: Settings
) -> None:
    matching(settings, "employee", "code")
    UserFactory(code="LN-1", activated_at=None)
    assert come_back(client, provider, sub="s-1", employee="LN-1").status_code == 403
    assert not SocialAccount.objects.exists()


def test_the_owner_links_and_unlinks_while_signed_in(
    client: Client, provider: OpenIdProvider
) -> None:
    anna = UserFactory(password="three-old-date-trees", username="anna")
    client.post("/accounts/login/", {"login": "anna", "password": "three-old-date-trees"})
    assert "统一身份认证" in client.get("/accounts/linked/").content.decode()
    come_back(client, provider, f"{LOGIN}?process=connect", sub="s-7")
    account = SocialAccount.objects.get()
    assert (account.user, account.uid) == (anna, "s-7")
    client.post("/accounts/linked/", {"account": account.pk})
    assert not SocialAccount.objects.exists()
    actions = AuditEntry.objects.filter(action__startswith="identity.").order_by("pk")
    assert [entry.action for entry in actions] == ["identity.link", "identity.unlink"]


def test_an_identity_of_somebody_else_is_not_taken_over(
    client: Client, provider: OpenIdProvider
) -> None:
    other = UserFactory()
    link(other)
    UserFactory(password="three-old-date-trees", username="anna")
    client.post("/accounts/login/", {"login": "anna", "password": "three-old-date-trees"})
    come_back(client, provider, f"{LOGIN}?process=connect", sub="s-1")
    assert SocialAccount.objects.get().user == other


@pytest.mark.parametrize(
    "spoil",
    [
        {"signing_key": OpenIdProvider.stranger_key},
        {"id_claims": {"aud": "another-site"}},
        {"id_claims": {"iss": "https://elsewhere.example"}},
        {"id_claims": {"exp": 1_000_000_000}},
        {"id_claims": {"nonce": "of-another-sign-in"}},
        {"id_claims": {"nonce": None}},
        {"info_claims": {"sub": "s-2"}},
        {"issuer": "https://elsewhere.example"},
        {"algorithm": "HS256", "signing_key": "a-shared-secret-of-thirty-two-signs-at-least"},
        {"secret": "another-secret"},
    ],
)
def test_a_token_that_is_not_right_signs_nobody_in(
    client: Client, provider: OpenIdProvider, spoil: dict[str, Any]
) -> None:
    link(UserFactory())
    asked = provider.consent(client.post(LOGIN)["Location"], sub="s-1")
    for name, value in spoil.items():
        setattr(provider, name, value)
    answer = client.get(BACK, asked)
    assert answer.status_code == 401
    assert "_auth_user_id" not in client.session
    assert AuditEntry.objects.get().detail == {"method": "oidc", "reason": "failed"}


def test_a_code_without_its_browser_is_worth_nothing(
    client: Client, provider: OpenIdProvider
) -> None:
    link(UserFactory())
    asked = provider.consent(client.post(LOGIN)["Location"], sub="s-1")
    stranger = Client()
    assert stranger.get(BACK, asked).status_code == 401
    assert client.get(BACK, {**asked, "state": "made-up"}).status_code == 401
    assert client.get(BACK, asked).status_code == 302
    client.post("/accounts/logout/")
    assert client.get(BACK, asked).status_code == 401


def test_a_provider_that_is_down_is_a_sentence(client: Client, provider: OpenIdProvider) -> None:
    from django.conf import settings

    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["server_url"] = "http://127.0.0.1:9"
    assert client.post(LOGIN).status_code == 401


def test_going_there_takes_a_press_of_a_button(client: Client, provider: OpenIdProvider) -> None:
    assert client.get(LOGIN).status_code == 200


def test_providers_in_the_database_and_unknown_ones_are_not_found(client: Client) -> None:
    SocialApp.objects.create(
        provider="openid_connect",
        provider_id="oidc",
        name="x",
        client_id="x",
        settings={"server_url": "http://127.0.0.1:9"},
    )
    for path in (LOGIN, BACK, "/accounts/oidc/wecom/login/", "/accounts/wecom/login/"):
        assert client.post(path).status_code == 404


def test_strangers_who_come_back_without_having_left_do_not_flood_the_log(
    client: Client, provider: OpenIdProvider
) -> None:
    for number in range(5):
        client.get(BACK, {"state": f"x{number}"}, REMOTE_ADDR=f"203.0.113.{number + 1}")
    assert AuditEntry.objects.filter(action="account.sign_in").count() == 1
