"""Headers on every kind of answer: pages, errors, JSON, files; and what signed-in pages add."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/accounts/login/", 200),
        ("/privacy/", 200),
        ("/no-such-page/", 404),
        ("/me/", 302),
        ("/watch/strips/", 401),
        ("/healthz", 200),
        ("/v/a.0000000000.aaaaaaaaaaaaaaaaaaaaaa/p/x.m4s", 410),
    ],
)
def test_every_answer_has_them(client: Client, path: str, status: int) -> None:
    response = client.get(path)
    if path.startswith("/v/"):
        assert response.status_code in (403, 410)
        assert response["Referrer-Policy"] == "no-referrer"
    else:
        assert response.status_code == status
        assert response["Referrer-Policy"] == "same-origin"
    assert "Permissions-Policy" in response
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"


def test_what_is_no_page_may_load_and_run_nothing(client: Client) -> None:
    policy = client.get("/watch/strips/")["Content-Security-Policy"]
    assert "script-src" not in policy
    media = client.get("/v/a.0000000000.aaaaaaaaaaaaaaaaaaaaaa/p/x.m4s")
    assert "sandbox" in media["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/me/", "/", "/library/", "/privacy/"])
def test_pages_of_somebody_signed_in_are_kept_nowhere(client: Client, path: str) -> None:
    client.force_login(UserFactory())
    assert "no-store" in client.get(path)["Cache-Control"]


def test_the_editor_may_be_framed_by_itself_only(client: Client) -> None:
    client.force_login(UserFactory(curator=True))
    response = client.get("/admin/", follow=True)
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]


def test_no_script_stands_in_a_page(client: Client) -> None:
    """But for data, which browsers do not run."""
    client.force_login(UserFactory(administrator=True))
    for path in ("/", "/me/", "/library/", "/accounts/security/", "/admin/lectures/"):
        page = client.get(path, follow=True).content.decode()
        for opening in page.split("<script")[1:]:
            tag = opening.split(">")[0]
            assert "src=" in tag or "json" in tag, (path, tag)
        assert "javascript:" not in page


def test_cookies_are_http_only_and_lax(client: Client) -> None:
    UserFactory(username="li", password="correct-horse-9")
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": "li", "password": "correct-horse-9"})
    assert {django_settings.SESSION_COOKIE_NAME, django_settings.CSRF_COOKIE_NAME} <= set(
        client.cookies
    )
    for cookie in client.cookies.values():
        assert cookie["httponly"], cookie.key
        assert cookie["samesite"] == "Lax", cookie.key


def test_an_error_of_the_server_has_them_too(client: Client, monkeypatch: Any) -> None:
    client.raise_request_exception = False

    def broken(**kwargs: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("lms.home.views.me_context", broken)
    client.force_login(UserFactory())
    response = client.get("/me/")
    assert response.status_code == 500
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
