"""WeCom against a stand-in that keeps to the published protocol."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from pytest_django.fixtures import Settings

from audit.models import AuditEntry
from organizations.models import User
from tests.factories import UserFactory
from tests.integration.organizations.signin.servers import WeComServer, running

pytestmark = pytest.mark.django_db
LOGIN, BACK = "/accounts/wecom/login/", "/accounts/wecom/back/"
CONNECT = f"{LOGIN}?process=connect"
INSIDE = "Mozilla/5.0 (Linux; Android 10) wxwork/4.1.22 MicroMessenger/7.0.1"


@pytest.fixture
def wecom(settings: Settings) -> Iterator[WeComServer]:
    system = WeComServer()
    with running(system):
        settings.SOCIALACCOUNT_PROVIDERS = {
            "wecom": {
                "APPS": [
                    {
                        "provider_id": "wecom",
                        "name": "企业微信",
                        "client_id": system.corp_id,
                        "secret": system.secret,
                        "settings": {
                            "agent_id": system.agent_id,
                            "match_claim": "userid",
                            "match_field": "",
                            "api_url": system.url,
                            "web_url": f"{system.url}/web",
                            "client_url": f"{system.url}/client",
                        },
                    }
                ]
            }
        }
        bases = settings.SOCIALACCOUNT_PROVIDERS["wecom"]["APPS"][0]["settings"]
        bases.update(web_url=system.url, client_url=system.url)
        yield system


@pytest.fixture
def anna(wecom: WeComServer) -> User:
    user: User = UserFactory()
    SocialAccount.objects.create(user=user, provider="wecom", uid=f"{wecom.corp_id}/WangAnna")
    return user


def scan(client: Client, wecom: WeComServer, **who: str) -> Any:
    return client.get(BACK, wecom.scan(client.post(LOGIN)["Location"], **who))


def test_a_member_scans_and_is_signed_in(client: Client, wecom: WeComServer, anna: User) -> None:
    assert scan(client, wecom, userid="WangAnna").status_code == 302
    assert client.session["_auth_user_id"] == str(anna.pk)
    assert AuditEntry.objects.get(action="account.sign_in").detail == {"method": "wecom"}


def test_going_there_takes_a_press_of_a_button_with_its_name(
    client: Client, wecom: WeComServer
) -> None:
    assert "企业微信" in client.get(LOGIN).content.decode()


def test_inside_wecom_nothing_is_scanned(client: Client, wecom: WeComServer, anna: User) -> None:
    there = client.post(LOGIN, headers={"User-Agent": INSIDE})["Location"]
    asked = wecom.scan(there, inside=True, userid="WangAnna")
    assert client.get(BACK, asked).status_code == 302
    assert client.session["_auth_user_id"] == str(anna.pk)


def test_the_token_is_asked_for_once(client: Client, wecom: WeComServer, anna: User) -> None:
    for _n in range(3):
        scan(client, wecom, userid="WangAnna")
        client.post("/accounts/logout/")
    assert wecom.calls == [1, 3]


@pytest.mark.parametrize("why", ["replaced", "expired"])
def test_a_token_that_ended_early_is_replaced(
    client: Client, wecom: WeComServer, anna: User, why: str
) -> None:
    scan(client, wecom, userid="WangAnna")
    client.post("/accounts/logout/")
    if why == "replaced":
        wecom.token = "a-newer-one"
    else:
        wecom.token_ends = 0
    assert scan(client, wecom, userid="WangAnna").status_code == 302
    assert wecom.calls[0] == 2


def refused(client: Client, answer: Any, reason: str, status: int) -> None:
    assert answer.status_code == status
    assert "_auth_user_id" not in client.session
    assert AuditEntry.objects.first().detail == {"method": "wecom", "reason": reason}  # type: ignore[union-attr]


def test_an_outsider_is_refused(client: Client, wecom: WeComServer, anna: User) -> None:
    answer = scan(client, wecom, openid="oAbC", external_userid="WangAnna")
    refused(client, answer, "failed", 401)


def test_a_member_whom_nobody_linked_is_refused(
    client: Client, wecom: WeComServer, anna: User
) -> None:
    refused(client, scan(client, wecom, userid="LiSi"), "unlinked", 403)
    assert User.objects.count() == 1


def test_an_account_not_in_use_is_refused(client: Client, wecom: WeComServer, anna: User) -> None:
    User.objects.update(activated_at=None)
    refused(client, scan(client, wecom, userid="WangAnna"), "not_activated", 403)


def test_a_wrong_secret_signs_nobody_in(client: Client, wecom: WeComServer, anna: User) -> None:
    wecom.secret = "changed-there"
    refused(client, scan(client, wecom, userid="WangAnna"), "failed", 401)


def test_a_code_is_used_once(client: Client, wecom: WeComServer, anna: User) -> None:
    first = wecom.scan(client.post(LOGIN)["Location"], userid="WangAnna")
    assert client.get(BACK, first).status_code == 302
    client.post("/accounts/logout/")
    state = wecom.scan(client.post(LOGIN)["Location"], userid="WangAnna")["state"]
    refused(client, client.get(BACK, {"code": first["code"], "state": state}), "failed", 401)
    # Also when WeCom itself would take it again.
    wecom.codes[first["code"]] = ({"userid": "WangAnna"}, 9e9)
    state = wecom.scan(client.post(LOGIN)["Location"], userid="WangAnna")["state"]
    refused(client, client.get(BACK, {"code": first["code"], "state": state}), "failed", 401)


def test_a_code_that_ran_out_signs_nobody_in(
    client: Client, wecom: WeComServer, anna: User
) -> None:
    asked = wecom.scan(client.post(LOGIN)["Location"], userid="WangAnna")
    wecom.codes[asked["code"]] = ({"userid": "WangAnna"}, 0.0)
    refused(client, client.get(BACK, asked), "failed", 401)


def test_a_state_of_another_browser_is_refused(
    client: Client, wecom: WeComServer, anna: User
) -> None:
    asked = wecom.scan(client.post(LOGIN)["Location"], userid="WangAnna")
    stranger = Client()
    refused(stranger, stranger.get(BACK, asked), "failed", 401)
    refused(client, client.get(BACK, {"code": asked["code"]}), "failed", 401)


def test_a_person_code_matches_when_the_installation_says_so(
    client: Client, wecom: WeComServer, settings: Settings
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["wecom"]["APPS"][0]["settings"]["match_field"] = "code"
    berta = UserFactory(code="LN-2")
    scan(client, wecom, userid="LN-2")
    assert client.session["_auth_user_id"] == str(berta.pk)


def test_no_secret_reaches_page_log_or_session(
    client: Client, wecom: WeComServer, anna: User, caplog: pytest.LogCaptureFixture
) -> None:
    wecom.codes.clear()
    answer = scan(client, wecom, openid="oAbC")
    for text in (answer.content.decode(), caplog.text, str(dict(client.session))):
        assert "corp-secret" not in text
        assert wecom.token not in text


def test_without_the_cache_the_token_is_asked_for_each_time(
    client: Client, wecom: WeComServer, anna: User, empty_cache: Callable[[], None]
) -> None:
    scan(client, wecom, userid="WangAnna")
    empty_cache()
    client.post("/accounts/logout/")
    assert scan(client, wecom, userid="WangAnna").status_code == 302
    assert wecom.calls[0] == 2


# -- linking ---------------------------------------------------------------------------------------

PASSWORD = "three-old-date-trees"


@pytest.fixture
def curator(wecom: WeComServer) -> User:
    user: User = UserFactory(post__role="curator", username="curator", password=PASSWORD)
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    return user


def half_way(client: Client) -> None:
    """Signed in by the password; the second step is still to come."""
    client.post("/accounts/login/", {"login": "curator", "password": PASSWORD})
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize(("path", "form"), [(LOGIN, {"process": "connect"}), (CONNECT, {})])
def test_linking_begins_after_the_second_step_only(
    client: Client, curator: User, path: str, form: dict[str, str]
) -> None:
    half_way(client)
    led = client.post(path, form)
    assert led.status_code == 401
    assert "/accounts/security/challenge/" in led.content.decode()
    assert not client.session.get("socialaccount_states")


def test_linking_that_was_begun_before_signing_in_ends_after_the_second_step_only(
    client: Client, wecom: WeComServer, curator: User
) -> None:
    there = client.post(CONNECT)["Location"]
    half_way(client)
    led = client.get(BACK, wecom.scan(there, userid="Stranger"))
    assert led["Location"].startswith("/accounts/security/challenge/")
    assert not SocialAccount.objects.exists()
    assert client.get("/me/").status_code == 302


def test_the_owner_links_after_the_second_step(
    client: Client, wecom: WeComServer, curator: User
) -> None:
    client.force_login(curator)
    client.get(BACK, wecom.scan(client.post(CONNECT)["Location"], userid="WangAnna"))
    assert SocialAccount.objects.get().user == curator


def test_an_identity_that_a_code_led_here_is_no_second_step(
    client: Client, wecom: WeComServer, curator: User, settings: Settings
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["wecom"]["APPS"][0]["settings"]["match_field"] = "code"
    User.objects.filter(pk=curator.pk).update(code="LN-3")
    half_way(client)
    there = client.post(LOGIN, {"process": "redirect", "next": "/me/"})["Location"]
    client.get(BACK, wecom.scan(there, userid="LN-3"))
    assert client.get("/me/")["Location"].startswith("/accounts/security/challenge/")
    assert not SocialAccount.objects.exists()
