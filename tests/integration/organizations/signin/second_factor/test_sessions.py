"""Sessions: how long they last, the list, ending them from afar, text that is not lost."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from pytest_django.fixtures import Settings

from audit.models import AuditEntry
from organizations.models import User
from organizations.signin import kept, sessions
from organizations.signin.device_words import device_words
from organizations.signin.second_factor.requirement import Needs
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

SignedIn = Callable[..., Client]
PASSWORD = "correct-horse-9"
PAGE = {"Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
SCRIPT = {"Sec-Fetch-Mode": "cors", "Accept": "*/*"}


def idle(client: Client, seconds: float, since: float = 0) -> None:
    """As if the person had been away for so long."""
    session = client.session
    session["seen_at"] = time.time() - seconds
    session["signed_in_at"] = time.time() - max(seconds, since)
    session.save()


def is_in(client: Client) -> bool:
    return client.get("/me/", headers=PAGE).status_code == 200


@pytest.mark.parametrize(
    ("needs", "minutes"),
    [
        (Needs(cryptographic_post=True, post=True), 30),
        (Needs(any_post=True, post=True), 30),
        (Needs(post=True), 12 * 60),
        (Needs(), 14 * 24 * 60),
        (Needs(switched_on=True), 14 * 24 * 60),
    ],
)
def test_idleness_is_limited_by_post(needs: Needs, minutes: int) -> None:
    assert sessions.limits_for(needs)[0] == minutes * 60


@pytest.mark.parametrize(
    ("role", "away", "stays"),
    [
        ("curator", 29 * 60, True),
        ("curator", 31 * 60, False),
        ("secretary", 11 * 3600, True),
        ("secretary", 13 * 3600, False),
    ],
)
def test_an_idle_session_ends(signed_in: SignedIn, role: str, away: int, stays: bool) -> None:
    client = signed_in(UserFactory(post__role=role), "password", "totp")
    idle(client, away)
    assert is_in(client) is stays
    assert AuditEntry.objects.filter(action="session.end").exists() is not stays


def test_a_session_ends_at_its_age_however_busy(signed_in: SignedIn) -> None:
    client = signed_in(UserFactory(post__role="curator"), "password", "totp")
    idle(client, 5, since=13 * 3600)
    assert not is_in(client)


def test_looking_at_pages_keeps_a_session(signed_in: SignedIn) -> None:
    client = signed_in(UserFactory(post__role="curator"), "password", "totp")
    idle(client, 20 * 60)
    assert is_in(client)
    assert time.time() - client.session["seen_at"] < 60


def test_a_page_that_asks_by_itself_keeps_nothing(signed_in: SignedIn) -> None:
    client = signed_in(UserFactory(post__role="curator"), "password", "totp")
    idle(client, 20 * 60)
    client.get("/watch/strips/?lectures=1", headers=SCRIPT)
    assert time.time() - client.session["seen_at"] > 19 * 60


def test_pieces_of_an_upload_keep_a_session(signed_in: SignedIn) -> None:
    client = signed_in(UserFactory(post__role="site_operator"), "password")
    idle(client, 11 * 3600)
    client.post("/uploads/", headers={"Tus-Resumable": "1.0.0", "Sec-Fetch-Mode": "cors"})
    assert time.time() - client.session["seen_at"] < 60


def test_after_idleness_the_person_is_led_to_sign_in_and_back(signed_in: SignedIn) -> None:
    client = signed_in(UserFactory(post__role="curator"), "password", "totp")
    idle(client, 31 * 60)
    response = client.get("/learning/", headers=PAGE)
    assert response["Location"] == "/accounts/login/?next=/learning/"


def test_typed_text_comes_back_instead_of_being_lost(signed_in: SignedIn) -> None:
    client = signed_in(UserFactory(post__role="curator"), "password", "totp")
    idle(client, 31 * 60)
    headers = {**PAGE, "Referer": "http://testserver/me/data/correct/"}
    response = client.post(
        "/me/data/correct/",
        {"text": "一段写了很久的说明<script>", "id": "12345", "csrfmiddlewaretoken": "x" * 32},
        headers=headers,
    )
    page = response.content.decode()
    assert response.status_code == 401
    assert "一段写了很久的说明&lt;script&gt;" in page
    assert "x" * 32 not in page
    assert "next=%2Fme%2Fdata%2Fcorrect%2F" in page


def addresses(patterns: Any = None, above: str = "/", space: str = "") -> Iterator[tuple[str, str]]:
    """Every address of the site with the name of its view."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from addresses(one.url_patterns, above + str(one.pattern), inner)
        else:
            yield above + str(one.pattern), f"{space}{one.name}"


def test_what_is_typed_where_people_prove_themselves_never_comes_back(
    signed_in: SignedIn,
) -> None:
    """Whatever the field is called: also /accounts/security/confirm/, whose field is `said`."""
    said = "three-old-date-trees"
    fields = ("said", "text", "name", "oldpassword", "password1", "login", "anything")
    found = [path for path, _name in addresses() if path.startswith("/accounts/")]
    assert "/accounts/security/confirm/" in found
    paths = {re.sub(r"<(?:int:)?[a-z_]+>", "1", re.sub(r"<slug:[a-z_]+>", "x", p)) for p in found}
    user = UserFactory(post__role="curator")
    old = Client(enforce_csrf_checks=True)
    for path in sorted({*paths, "/me/data/phone/code/", "/admin/pages/1/privacy/"}):
        headers = {**PAGE, "Origin": "http://testserver", "Referer": f"http://testserver{path}"}
        for client in (signed_in(user, "password"), Client(), old):
            page = client.post(path, dict.fromkeys(fields, said), headers=headers)
            assert f">\n{said}</textarea>" not in page.content.decode(), path
            assert not page.context or not page.context.get("texts"), path


def test_the_views_that_give_text_back_are_there_and_ask_for_no_proof() -> None:
    known = {name: path for path, name in addresses()}
    assert set(known) >= kept.WRITING
    assert not [name for name in kept.WRITING if known[name].startswith("/accounts/")]


def test_a_strangers_form_puts_no_words_on_our_page(signed_in: SignedIn) -> None:
    client = signed_in(UserFactory(post__role="curator"), "password", "totp")
    idle(client, 31 * 60)
    headers = {**PAGE, "Origin": "https://evil.example", "Referer": "https://evil.example/"}
    response = client.post("/me/data/correct/", {"text": "请拨打诈骗电话"}, headers=headers)
    assert "请拨打诈骗电话" not in response.content.decode()


def test_the_way_back_never_leads_elsewhere(signed_in: SignedIn) -> None:
    client = signed_in(UserFactory(post__role="curator"), "password", "totp")
    idle(client, 31 * 60)
    headers = {**PAGE, "Referer": "http://testserver//evil.example/x"}
    response = client.post("/me/data/correct/", {"text": "某某支部书记"}, headers=headers)
    assert "evil.example" not in response.content.decode()


def test_a_form_that_grew_too_old_gives_its_text_back(signed_in: SignedIn) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(
        "/me/data/correct/",
        {"text": "某某支部书记", "csrfmiddlewaretoken": "x" * 32},
        headers={**PAGE, "Origin": "http://testserver"},
    )
    assert response.status_code == 403
    assert "某某支部书记" in response.content.decode()


def test_signing_in_changes_the_key(client: Client) -> None:
    UserFactory(username="li", password=PASSWORD)
    client.get("/accounts/login/")
    session = client.session
    session["x"] = 1
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    client.post("/accounts/login/", {"login": "li", "password": PASSWORD})
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != session.session_key


def test_the_list_says_device_place_and_times(signed_in: SignedIn) -> None:
    user = UserFactory()
    mine = signed_in(user, "password")
    signed_in(user, "password")
    page = mine.get(reverse("security:index")).content.decode()
    assert "10.20.*.*" in page
    assert "10.20.30.40" not in page
    assert page.count('class="btn" name="session"') == 1


def test_a_session_ended_from_afar_is_gone_at_its_next_request(signed_in: SignedIn) -> None:
    user = UserFactory()
    mine, other = signed_in(user, "password"), signed_in(user, "password")
    assert is_in(other)
    row = UserSession.objects.get(session_key=other.session.session_key)
    mine.post(reverse("security:end"), {"session": row.pk})
    assert not is_in(other)
    assert is_in(mine)


def test_all_others_end_at_once(signed_in: SignedIn) -> None:
    user = UserFactory()
    mine, *others = [signed_in(user, "password") for _n in range(3)]
    mine.post(reverse("security:end"), {"session": "others"})
    assert [is_in(client) for client in others] == [False, False]
    assert is_in(mine)


def test_nobody_ends_sessions_of_others(signed_in: SignedIn) -> None:
    victim = signed_in(UserFactory(), "password")
    row = UserSession.objects.get(session_key=victim.session.session_key)
    attacker = signed_in(UserFactory(), "password")
    response = attacker.post(reverse("security:end"), {"session": row.pk})
    assert response.status_code == 404
    assert is_in(victim)


def test_a_copy_in_the_cache_ends_within_minutes(signed_in: SignedIn) -> None:
    client = signed_in(UserFactory(), "password")
    store = client.session
    left = cache._cache.get_client().ttl(cache.make_key(store.cache_key))
    assert 0 < left <= 300


def test_a_new_password_ends_the_others(signed_in: SignedIn) -> None:
    user = UserFactory(password=PASSWORD)
    mine, other = signed_in(user, "password"), signed_in(user, "password")
    new = "another-Horse-77"
    said = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    mine.post("/accounts/password/", said)
    assert is_in(mine)
    assert not is_in(other)


@pytest.mark.parametrize("closing", [{"is_active": False}, {"activated_at": None}])
def test_closing_an_account_ends_its_sessions(signed_in: SignedIn, closing: dict[str, Any]) -> None:
    user = UserFactory()
    client = signed_in(user, "password")
    assert is_in(client)
    User.objects.filter(pk=user.pk).update(**closing)
    assert not is_in(client)


def test_cookies_have_host_names_under_tls_and_plain_ones_without(
    settings: Settings,
) -> None:
    assert settings.SESSION_COOKIE_NAME == "sessionid"
    assert settings.CSRF_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 10; M2006) Chrome/78 Mobile MicroMessenger/8", "WeChat"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 13_3) Version/13 Safari/604", "Safari"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/120 Safari/537 Edg/120", "Edge"),
        ("", ""),
    ],
)
def test_devices_are_named_in_words(agent: str, words: str) -> None:
    said = device_words(agent)
    assert said
    assert words in said or "微信" in said


@pytest.mark.parametrize(
    ("address", "short"),
    [
        ("10.20.30.40", "10.20.*.*"),
        ("::ffff:10.20.30.40", "10.20.*.*"),
        ("2001:db8:1:2::5", "2001:0db8:0001:*"),
        ("nonsense", ""),
    ],
)
def test_addresses_are_shortened(address: str, short: str) -> None:
    assert sessions.short_address(address) == short
