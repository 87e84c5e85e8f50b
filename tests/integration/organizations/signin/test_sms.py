"""Signing in by text message: alike for known and unknown numbers, bounded in every direction."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from audit.models import AuditEntry
from notices.sms import MemorySms
from organizations.models import User
from organizations.signin.forms import SmsCodeForm
from organizations.signin.limits import _digest
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PHONE = "13800138000"


@pytest.fixture(autouse=True)
def empty_outbox() -> Iterator[None]:
    MemorySms.outbox.clear()
    yield
    MemorySms.outbox.clear()


@pytest.fixture
def anna() -> User:
    user: User = UserFactory(phone=PHONE, password="three-old-date-trees")
    return user


def ask(client: Client, phone: str = PHONE, **extra: str) -> Any:
    return client.post("/accounts/login/sms/", {"phone": phone, **extra})


def code() -> str:
    return MemorySms.outbox[-1].values["code"]


def a_minute_later(phone: str = PHONE) -> None:
    cache.delete(f"signin:sms:hold:{_digest(phone)}")


def test_the_code_signs_in_and_the_way_is_logged(client: Client, anna: User) -> None:
    assert ask(client, "138 0013 8000")["Location"] == "/accounts/login/sms/code/"
    assert MemorySms.outbox[0].phone == PHONE
    assert code().isdigit()
    assert len(code()) == 6
    assert code() in MemorySms.outbox[0].text
    answer = client.post("/accounts/login/sms/code/", {"code": f" {code()} "})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(anna.pk)
    entry = AuditEntry.objects.filter(action="account.sign_in").last()
    assert entry is not None
    assert entry.detail == {"method": "sms"}
    assert client.session.get_expire_at_browser_close()


def test_staying_signed_in_is_asked_for(client: Client, anna: User) -> None:
    ask(client, remember="on")
    client.post("/accounts/login/sms/code/", {"code": code()})
    assert not client.session.get_expire_at_browser_close()


def test_known_and_unknown_numbers_are_answered_alike(client: Client, anna: User) -> None:
    other = Client()
    answers = [ask(client), ask(other, "13900139000")]
    assert [a.status_code for a in answers] == [302, 302]
    assert [a["Location"] for a in answers] == ["/accounts/login/sms/code/"] * 2
    pages = [c.get("/accounts/login/sms/code/").content.decode() for c in (client, other)]
    assert "138****8000" in pages[0]
    assert "139****9000" in pages[1]
    assert len(MemorySms.outbox) == 1
    for browser in (client, other):
        answer = browser.post("/accounts/login/sms/code/", {"code": "000 000x"})
        assert answer.status_code == 200
    a_minute_later()
    again = [ask(client), ask(other, "13900139000")]
    assert [a.status_code for a in again] == [302, 200]  # the other one's minute has not passed


@pytest.mark.parametrize(
    "trait", [{"activated_at": None}, {"is_active": False}, {"erased_at": "2026-01-01T00:00Z"}]
)
def test_an_account_that_may_not_sign_in_gets_no_message(
    client: Client, anna: User, trait: dict[str, Any]
) -> None:
    User.objects.filter(pk=anna.pk).update(**trait)
    assert ask(client)["Location"] == "/accounts/login/sms/code/"
    assert MemorySms.outbox == []


def test_an_account_closed_after_the_message_does_not_sign_in(client: Client, anna: User) -> None:
    ask(client)
    User.objects.filter(pk=anna.pk).update(activated_at=None)
    client.post("/accounts/login/sms/code/", {"code": code()})
    assert "_auth_user_id" not in client.session


def test_five_wrong_codes_end_it(client: Client, anna: User) -> None:
    ask(client)
    right = code()
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _n in range(5):
        client.post("/accounts/login/sms/code/", {"code": wrong})
    client.post("/accounts/login/sms/code/", {"code": right})
    assert "_auth_user_id" not in client.session
    denied = AuditEntry.objects.filter(action="account.sign_in", result="denied")
    assert denied.count() == 5
    assert denied[0].detail == {"method": "sms"}


def test_tries_that_overtake_each_other_are_five_in_all(client: Client, anna: User) -> None:
    ask(client)
    right, asked = code(), dict(client.session)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _n in range(5):
        client.post("/accounts/login/sms/code/", {"code": wrong})
        as_before(client, asked)
    held = client.post("/accounts/login/sms/code/", {"code": right})
    assert held["Location"] == "/accounts/login/sms/"
    assert "_auth_user_id" not in client.session


def as_before(client: Client, asked: dict[str, Any]) -> None:
    """A request that had read the session earlier ended later, and wrote what it knew."""
    session = client.session
    session.update(asked)
    session.save()


@pytest.mark.django_db(transaction=True)
def test_of_codes_posted_all_at_once_five_are_compared(
    client: Client, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(client)
    compared: list[str] = []

    def compare(self: SmsCodeForm) -> str:
        compared.append(self.cleaned_data["code"])
        raise ValidationError("wrong")

    monkeypatch.setattr(SmsCodeForm, "clean_code", compare)
    start = threading.Barrier(12)

    def one(number: int) -> None:
        browser = Client()
        browser.cookies = client.cookies.copy()
        start.wait()
        try:
            browser.post("/accounts/login/sms/code/", {"code": f"{number:06d}"})
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        for future in [pool.submit(one, number) for number in range(12)]:
            future.result()
    assert len(compared) <= 5


def test_a_code_is_good_for_five_minutes(
    client: Client, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(client)
    later = time.time() + 301
    monkeypatch.setattr("allauth.account.internal.flows.code_verification.time.time", lambda: later)
    client.post("/accounts/login/sms/code/", {"code": code()})
    assert "_auth_user_id" not in client.session


def test_a_code_belongs_to_the_browser_that_asked_and_is_used_once(
    client: Client, anna: User
) -> None:
    ask(client)
    right = code()
    other = Client()
    other.post("/accounts/login/sms/code/", {"code": right})
    assert "_auth_user_id" not in other.session
    client.post("/accounts/login/sms/code/", {"code": right})
    client.post("/accounts/logout/")
    client.post("/accounts/login/sms/code/", {"code": right})
    assert "_auth_user_id" not in client.session


def test_a_second_message_has_to_wait_and_the_first_code_ends_with_it(
    client: Client, anna: User
) -> None:
    ask(client)
    first = code()
    held = ask(client)
    assert held.status_code == 200
    assert "phone" in held.context["form"].errors
    a_minute_later()
    assert ask(client).status_code == 302
    assert len(MemorySms.outbox) == 2
    if first != code():
        client.post("/accounts/login/sms/code/", {"code": first})
        assert "_auth_user_id" not in client.session
    client.post("/accounts/login/sms/code/", {"code": code()})
    assert "_auth_user_id" in client.session


def test_whoever_goes_back_to_the_password_is_not_led_to_the_code_again(
    client: Client, anna: User
) -> None:
    ask(client)
    assert client.get("/accounts/login/").status_code == 200


def test_a_forgotten_password_is_set_anew_after_a_code(client: Client, anna: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(anna)
    ask(client, next="/accounts/reset/new/")
    answer = client.post(
        "/accounts/login/sms/code/", {"code": code(), "next": "/accounts/reset/new/"}
    )
    assert answer["Location"] == "/accounts/reset/new/"
    assert client.get("/accounts/reset/new/").status_code == 200
    client.post("/accounts/reset/new/", {"password1": "quite another sentence"})
    anna.refresh_from_db()
    assert anna.check_password("quite another sentence")
    assert client.get("/accounts/password/").status_code == 200
    assert elsewhere.get("/accounts/password/").status_code == 302
    assert AuditEntry.objects.filter(action="account.password_reset").count() == 1


def test_nothing_is_offered_without_a_back_end(client: Client, settings: Settings) -> None:
    settings.SMS_BACKEND = ""
    assert client.get("/accounts/login/sms/").status_code == 404
    assert ask(client).status_code == 404


def test_nonsense_is_answered_with_a_sentence(client: Client) -> None:
    assert "phone" in ask(client, "12345").context["form"].errors
    assert MemorySms.outbox == []
