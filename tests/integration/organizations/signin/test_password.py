"""Account name or phone with a password: tolerant input, sentences, what is logged."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from audit.models import AuditEntry
from organizations.models import User
from organizations.signin.backend import AccountBackend
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "three-old-date-trees"


@pytest.fixture
def anna() -> User:
    user: User = UserFactory(username="Anna.W", phone="13800138000", password=PASSWORD)
    return user


def sign_in(client: Client, login: str, password: str = PASSWORD, **extra: str) -> int:
    answer = client.post("/accounts/login/", {"login": login, "password": password, **extra})
    return answer.status_code


@pytest.mark.parametrize(
    "login",
    [
        "Anna.W",
        " anna.w ",
        "ＡＮＮＡ.w",
        "13800138000",
        "138 0013 8000",
        "+86 １３８００１３８０００",
    ],
)
def test_one_field_takes_the_account_name_or_the_phone(
    client: Client, anna: User, login: str
) -> None:
    assert sign_in(client, login) == 302
    assert client.session["_auth_user_id"] == str(anna.pk)


@pytest.mark.parametrize("login", ["Anna.W", "13800138000"])
def test_an_account_that_was_never_used_does_not_sign_in(
    client: Client, anna: User, login: str
) -> None:
    User.objects.filter(pk=anna.pk).update(activated_at=None)
    assert sign_in(client, login) == 200
    assert "_auth_user_id" not in client.session


def test_a_phone_that_is_somebodys_account_name_opens_its_own_account_only(
    client: Client, anna: User
) -> None:
    other = UserFactory(username="13800138000", password="another-long-secret")
    assert sign_in(client, "13800138000", "another-long-secret") == 302
    assert client.session["_auth_user_id"] == str(other.pk)
    client.post("/accounts/logout/")
    assert sign_in(client, "13800138000") == 302
    assert client.session["_auth_user_id"] == str(anna.pk)


def test_the_way_is_logged(client: Client, anna: User) -> None:
    sign_in(client, "13800138000")
    entry = AuditEntry.objects.filter(action="account.sign_in").last()
    assert entry is not None
    assert (entry.actor_id, entry.result) == (anna.pk, "done")
    assert entry.detail == {"method": "password"}


def test_a_wrong_password_is_logged_without_what_was_typed(client: Client, anna: User) -> None:
    sign_in(client, "13800138000", "typed-by-mistake")
    entry = AuditEntry.objects.get(action="account.sign_in")
    assert (entry.result, entry.target_id) == ("denied", str(anna.pk))
    assert entry.detail == {"method": "password"}


def test_known_and_unknown_accounts_are_answered_alike(client: Client, anna: User) -> None:
    pages = []
    for login in ("Anna.W", "nobody"):
        answer = client.post("/accounts/login/", {"login": login, "password": "wrong-password"})
        pages.append([str(error) for error in answer.context["form"].non_field_errors()])
    assert pages[0] == pages[1]
    assert pages[0]


def test_the_fifth_mistake_says_how_long_to_wait_and_what_to_do(client: Client, anna: User) -> None:
    for _n in range(5):
        answer = client.post("/accounts/login/", {"login": "Anna.W", "password": "wrong"})
    sentence = str(answer.context["form"].non_field_errors())
    assert "30" in sentence
    assert AuditEntry.objects.filter(action="account.hold", target_id=str(anna.pk)).count() == 1
    # The right password does not help either, in another browser of this network.
    assert sign_in(Client(), "Anna.W") == 200


def test_the_browser_of_the_owner_is_not_held(client: Client, anna: User) -> None:
    assert sign_in(client, "Anna.W") == 302
    client.post("/accounts/logout/")
    stranger = Client()
    for _n in range(6):
        sign_in(stranger, "Anna.W", "wrong")
    assert sign_in(client, "Anna.W") == 302


def test_the_cookie_of_a_known_browser_is_out_of_reach_of_scripts(
    client: Client, anna: User, settings: Settings
) -> None:
    sign_in(client, "Anna.W")
    cookie = client.cookies[settings.DEVICE_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "Anna" not in cookie.value


def test_a_session_lasts_with_the_browser_unless_it_is_asked_to_stay(
    client: Client, anna: User
) -> None:
    sign_in(client, "Anna.W")
    assert client.session.get_expire_at_browser_close()
    client.post("/accounts/logout/")
    sign_in(client, "Anna.W", remember="on")
    assert not client.session.get_expire_at_browser_close()


def test_a_password_of_any_length_costs_no_long_hashing(client: Client, anna: User) -> None:
    answer = client.post("/accounts/login/", {"login": "Anna.W", "password": "x" * 5000})
    assert "password" in answer.context["form"].errors


def test_the_page_offers_what_is_configured_only(client: Client, settings: Settings) -> None:
    page = client.get("/accounts/login/").content.decode()
    assert "/accounts/login/sms/" in page
    assert "/accounts/oidc/" not in page
    assert "/accounts/wecom/" not in page
    settings.SMS_BACKEND = ""
    assert "/accounts/login/sms/" not in client.get("/accounts/login/").content.decode()


def test_nobody_registers(client: Client) -> None:
    for address in ("/accounts/signup/", "/accounts/linked/signup/"):
        assert client.get(address)["Location"] == "/accounts/login/"
        client.post(address, {"username": "x", "password1": PASSWORD})
    assert not User.objects.exists()


# -- changing it -----------------------------------------------------------------------------------


def change(client: Client, old: str, new: str) -> int:
    data = {"oldpassword": old, "password1": new}
    return client.post("/accounts/password/", data).status_code


def test_a_change_needs_the_current_password_and_ends_other_sessions(
    client: Client, anna: User
) -> None:
    elsewhere = Client()
    sign_in(elsewhere, "Anna.W")
    sign_in(client, "Anna.W")
    assert change(client, "wrong", "quite another sentence") == 200
    assert change(client, PASSWORD, "quite another sentence") == 302
    assert client.get("/accounts/password/").status_code == 200
    assert elsewhere.get("/accounts/password/").status_code == 302
    assert AuditEntry.objects.filter(action="account.password_change").count() == 1
    anna.refresh_from_db()
    assert anna.check_password("quite another sentence")


@pytest.mark.parametrize("new", ["short", "password2026", "Anna.W 138001"])
def test_a_weak_new_password_is_refused_with_a_reason(client: Client, anna: User, new: str) -> None:
    sign_in(client, "Anna.W")
    answer = client.post("/accounts/password/", {"oldpassword": PASSWORD, "password1": new})
    assert answer.context["form"].errors["password1"]
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


def test_the_form_lets_people_paste_and_see_what_they_type(client: Client, anna: User) -> None:
    sign_in(client, "Anna.W")
    page = client.get("/accounts/password/").content.decode()
    assert 'data-reveal="id_password1"' in page
    assert "onpaste" not in page
    assert page.count("password-rules") >= 2


# -- forgotten -------------------------------------------------------------------------------------


def test_the_page_for_a_forgotten_password_says_whom_to_ask(
    client: Client, settings: Settings
) -> None:
    assert b"/accounts/login/sms/" in client.get("/accounts/reset/").content
    settings.SMS_BACKEND = ""
    page = client.get("/accounts/reset/").content
    assert b"/accounts/login/sms/" not in page
    assert b"/accounts/first/" in page


def test_a_new_password_without_the_old_one_needs_a_code(client: Client, anna: User) -> None:
    assert client.get("/accounts/reset/new/").status_code == 302
    sign_in(client, "Anna.W")
    answer = client.post("/accounts/reset/new/", {"password1": "quite another sentence"})
    assert answer["Location"] == "/accounts/password/"
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


def test_the_flood_page_is_a_sentence(client: Client, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    sign_in(client, "nobody")
    answer = client.post("/accounts/login/", {"login": "nobody", "password": "x"})
    assert answer.status_code == 429


def test_the_backend_refuses_closed_and_erased_accounts(anna: User) -> None:
    backend = AccountBackend()
    assert backend.user_can_authenticate(anna)
    anna.is_active = False
    assert not backend.user_can_authenticate(anna)
