"""The challenge: each way in and each mistake, setting up first, proving oneself again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from notices.sms import MemorySms
from organizations.models import User
from organizations.signin.second_factor.recent import recent_sign_in_required
from tests.factories import OrganizationFactory, PostFactory, UserFactory
from tests.integration.organizations.signin.second_factor.conftest import PASSWORD, totp_code

pytestmark = pytest.mark.django_db

SignedIn = Callable[..., Client]
CHALLENGE = "/accounts/security/challenge/"


def holder(role: str, **more: Any) -> User:
    user: User = UserFactory(post__role=role, password=PASSWORD, **more)
    return user


def opened(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def logged(action: str, result: str = "done") -> int:
    return AuditEntry.objects.filter(action=action, result=result).count()


def test_the_code_of_the_app_opens_and_renews_the_key(
    signed_in: SignedIn, add_totp: Callable[[User], None]
) -> None:
    user = holder("reviewer")
    add_totp(user)
    client = signed_in(user, "password")
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    response = client.post(CHALLENGE, {"way": "code", "said": totp_code(), "next": "/me/"})
    assert response.status_code == 302
    assert opened(client)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
    stale = Client()
    stale.cookies[settings.SESSION_COOKIE_NAME] = before
    assert stale.get("/me/").status_code == 302
    assert logged("second_factor.use") == 1


def test_a_code_counts_once(signed_in: SignedIn, add_totp: Callable[[User], None]) -> None:
    user = holder("reviewer")
    add_totp(user)
    code = totp_code()
    signed_in(user, "password").post(CHALLENGE, {"way": "code", "said": code})
    second = signed_in(user, "password")
    assert second.post(CHALLENGE, {"way": "code", "said": code}).status_code == 422
    assert not opened(second)


def test_a_wrong_code_says_so_and_is_logged(
    signed_in: SignedIn, add_totp: Callable[[User], None]
) -> None:
    user = holder("reviewer")
    add_totp(user)
    client = signed_in(user, "password")
    response = client.post(CHALLENGE, {"way": "code", "said": "000000"})
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert not opened(client)
    assert logged("second_factor.use", "denied") == 1


def test_tries_are_counted_for_the_account_over_all_sessions(
    signed_in: SignedIn, add_totp: Callable[[User], None]
) -> None:
    user = holder("reviewer")
    add_totp(user)
    for _n in range(10):
        signed_in(user, "password").post(CHALLENGE, {"way": "code", "said": "000000"})
    client = signed_in(user, "password")
    client.post(CHALLENGE, {"way": "code", "said": totp_code()})
    assert not opened(client)


def test_a_text_message_opens_after_the_password(signed_in: SignedIn) -> None:
    client = signed_in(holder("reviewer", phone="13800001111"), "password")
    client.post("/accounts/security/challenge/message/", {"next": "/me/"})
    message = MemorySms.outbox[-1]
    assert message.phone == "13800001111"
    client.post(CHALLENGE, {"way": "sms", "said": message.values["code"], "next": "/me/"})
    assert opened(client)


def test_after_a_sign_in_by_text_message_none_is_offered(signed_in: SignedIn) -> None:
    client = signed_in(holder("reviewer", phone="13800001111"), "sms")
    client.post("/accounts/security/challenge/message/", {"next": "/me/"})
    code = MemorySms.outbox[-1].values["code"]
    assert client.post(CHALLENGE, {"way": "sms", "said": code}).status_code == 422
    assert not opened(client)
    client.post(CHALLENGE, {"way": "password", "said": PASSWORD})
    assert opened(client)


def test_a_message_code_ends_after_five_mistakes(signed_in: SignedIn) -> None:
    client = signed_in(holder("reviewer", phone="13800001111"), "password")
    client.post("/accounts/security/challenge/message/")
    code = MemorySms.outbox[-1].values["code"]
    wrong = "000000" if code != "000000" else "111111"
    for _n in range(5):
        client.post(CHALLENGE, {"way": "sms", "said": wrong})
    client.post(CHALLENGE, {"way": "sms", "said": code})
    assert not opened(client)


def test_tries_of_a_message_code_that_overtake_each_other_are_five_in_all(
    signed_in: SignedIn,
) -> None:
    client = signed_in(holder("reviewer", phone="13800001111"), "password")
    client.post("/accounts/security/challenge/message/")
    code, sent = MemorySms.outbox[-1].values["code"], client.session["second_factor_sms"]
    wrong = "000000" if code != "000000" else "111111"
    for _n in range(5):
        client.post(CHALLENGE, {"way": "sms", "said": wrong})
        session = client.session
        session["second_factor_sms"] = sent  # as a slower request leaves it
        session.save()
    client.post(CHALLENGE, {"way": "sms", "said": code})
    assert not opened(client)


def test_messages_are_limited(signed_in: SignedIn) -> None:
    client = signed_in(holder("reviewer", phone="13800001111"), "password")
    for _n in range(3):
        client.post("/accounts/security/challenge/message/")
    assert len(MemorySms.outbox) == 1


def test_a_code_of_another_session_does_not_count(signed_in: SignedIn) -> None:
    user = holder("reviewer", phone="13800001111")
    signed_in(user, "password").post("/accounts/security/challenge/message/")
    other = signed_in(user, "password")
    other.post(CHALLENGE, {"way": "sms", "said": MemorySms.outbox[-1].values["code"]})
    assert not opened(other)


def test_a_printed_code_opens_once(
    signed_in: SignedIn, add_printed: Callable[[User], list[str]]
) -> None:
    user = holder("curator")
    code = add_printed(user)[0]
    client = signed_in(user, "password")
    client.post(CHALLENGE, {"way": "code", "said": code})
    assert opened(client)
    again = signed_in(user, "password")
    again.post(CHALLENGE, {"way": "code", "said": code})
    assert not opened(again)


def test_an_administrators_printed_code_leads_to_a_new_passkey_and_nowhere_else(
    signed_in: SignedIn,
    add_printed: Callable[[User], list[str]],
    add_passkey: Callable[[User], Authenticator],
) -> None:
    user = holder("administrator")
    add_passkey(user)
    code = add_printed(user)[0]
    # The row made by the fixture holds no key that could be read; only printed codes are asked.
    Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).delete()
    client = signed_in(user, "password")
    assert client.get(reverse("mfa_add_webauthn")).status_code == 302
    client.post(CHALLENGE, {"way": "code", "said": code})
    assert not opened(client)
    assert client.get(CHALLENGE)["Location"].startswith(reverse("security:set_up"))
    assert client.get(reverse("mfa_add_webauthn")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_who_has_nothing_sets_up_first_and_is_let_through_after(signed_in: SignedIn) -> None:
    client = signed_in(holder("reviewer"), "password")
    led = client.get("/me/", follow=True)
    assert led.redirect_chain[-1][0].startswith(reverse("security:set_up"))
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    found = re.search(r'class="security-key num">([A-Z2-7]+)<', page)
    assert found
    counter = next(iter(auth.yield_hotp_counters_from_time()))
    code = auth.format_hotp_value(auth.hotp_value(found[1], counter))
    client.post(reverse("mfa_activate_totp"), {"code": code})
    assert opened(client)
    assert logged("second_factor.add") >= 1


def test_a_stolen_password_does_not_register_a_factor_while_another_proof_exists(
    signed_in: SignedIn,
) -> None:
    client = signed_in(holder("administrator", phone="13800001111"), "password")
    for name in ("mfa_add_webauthn", "mfa_activate_totp", "mfa_generate_recovery_codes"):
        response = client.get(reverse(name))
        assert response["Location"].startswith(CHALLENGE)


def test_the_secret_of_the_app_is_not_readable_in_the_database(
    add_totp: Callable[[User], None],
) -> None:
    add_totp(UserFactory())
    stored = str(Authenticator.objects.get().data)
    assert "JBSWY3DPEHPK3PXP" not in stored


def test_printed_codes_are_shown_once(signed_in: SignedIn) -> None:
    client = signed_in(UserFactory(password=PASSWORD), "password")
    first = client.post(reverse("mfa_generate_recovery_codes"), follow=True).content.decode()
    assert len(re.findall(r"<li>\d{8}</li>", first)) == 10
    second = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert "<li>" not in second.split('class="page-head"')[1].split("</main>")[0]


def test_a_next_address_elsewhere_is_not_followed(
    signed_in: SignedIn, add_totp: Callable[[User], None]
) -> None:
    user = holder("reviewer")
    add_totp(user)
    client = signed_in(user, "password")
    said = {"way": "code", "said": totp_code(), "next": "https://evil.example/"}
    assert "evil" not in client.post(CHALLENGE, said)["Location"]


# -- proving oneself again -------------------------------------------------------------------------


def test_sensitive_pages_ask_again_after_ten_minutes(signed_in: SignedIn) -> None:
    user = UserFactory(password=PASSWORD)
    fresh = signed_in(user, "password", ago=500)
    assert fresh.get(reverse("mfa_add_webauthn")).status_code == 200
    stale = signed_in(user, "password", ago=700)
    response = stale.get(reverse("mfa_add_webauthn"))
    assert response["Location"].startswith(reverse("security:confirm"))


def test_after_confirming_it_goes_on_where_it_was(signed_in: SignedIn) -> None:
    client = signed_in(UserFactory(password=PASSWORD), "password", ago=700)
    asked = client.get(reverse("mfa_add_webauthn"))
    response = client.post(asked["Location"], {"way": "password", "said": PASSWORD, "next": "/me/"})
    assert response.status_code == 302
    assert client.get(reverse("mfa_add_webauthn")).status_code == 200


def test_a_posted_act_is_carried_out_after_confirming(signed_in: SignedIn) -> None:
    client = signed_in(UserFactory(password=PASSWORD), "password", ago=700)
    asked = client.post(reverse("mfa_generate_recovery_codes"))
    assert not Authenticator.objects.exists()
    client.post(
        asked["Location"],
        {
            "way": "password",
            "said": PASSWORD,
            "next": reverse("mfa_generate_recovery_codes"),
        },
    )
    assert Authenticator.objects.filter(type="recovery_codes").exists()


def test_a_posted_act_waits_for_the_second_step_of_a_post_gained_meanwhile(
    signed_in: SignedIn,
) -> None:
    user = UserFactory(password=PASSWORD)
    client = signed_in(user, "password", ago=700)
    address = reverse("mfa_generate_recovery_codes")
    asked = client.post(address)
    PostFactory(user=user, organization=OrganizationFactory(county=True), role="security")
    said = {"way": "password", "said": PASSWORD, "next": address}
    response = client.post(asked["Location"], said)
    assert not Authenticator.objects.filter(type="recovery_codes").exists()
    assert client.get(response["Location"])["Location"].startswith(CHALLENGE)


def test_the_wrong_password_confirms_nothing(signed_in: SignedIn) -> None:
    client = signed_in(UserFactory(password=PASSWORD), "password", ago=700)
    confirm = reverse("security:confirm")
    assert client.post(confirm, {"way": "password", "said": "wrong"}).status_code == 422
    assert client.get(reverse("mfa_add_webauthn")).status_code == 302


def test_the_decorator_lets_recent_sign_ins_through(rf: Any) -> None:
    request = rf.get("/")
    request.user = UserFactory()
    request.session = {}

    @recent_sign_in_required
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("ok")

    with pytest.raises(ReauthenticationRequired):
        view(request)
