"""Passkeys in a real browser, with Chromium's virtual authenticator: setting one up first, the
challenge at the next sign-in, and what stays closed without it.

The account is no demo account, since those are exempt; and the site is called localhost, the only
name without TLS under which browsers offer passkeys.
"""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import PHONE, ROOT, Site

pytestmark = pytest.mark.e2e

ContextFor = Callable[..., BrowserContext]
PASSWORD = "correct-Horse-97"
MAKE = """
import sys
from django.utils import timezone
from organizations.models import Organization, Post, User
name, role = sys.argv[1:]
user = User(username=name, name="李管理", activated_at=timezone.now())
user.set_password("correct-Horse-97")
user.save()
Post.objects.create(user=user, role=role, organization=Organization.objects.first())
"""


@pytest.fixture
def account(site: Site) -> Callable[[str], str]:
    """Makes an account with a post and only a password; returns its name."""

    def make(role: str) -> str:
        name = f"{role}-{uuid.uuid4().hex[:6]}"
        environment = {
            **{key: value for key, value in os.environ.items() if key != "REDIS_URL"},
            "LECTERN_VAR": str(site.var),
            "LECTERN_MODE": "demo",
        }
        code = f"import sys; sys.argv = ['-', {name!r}, {role!r}]\n{MAKE}"
        argv = [sys.executable, "manage.py", "shell", "-v0", "-c", code]
        subprocess.run(argv, cwd=ROOT, env=environment, check=True)
        return name

    return make


def local(site: Site) -> str:
    return site.url.replace("127.0.0.1", "localhost")


def with_authenticator(page: Page) -> None:
    """A fingerprint reader of the device, whose owner agrees to everything."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_in(page: Page, site: Site, name: str) -> None:
    page.goto(f"{local(site)}/accounts/login/?next=/me/")
    page.fill("input[name=login]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("form.login-form button:not([type=button])")
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def sign_out(page: Page, site: Site) -> None:
    page.goto(f"{local(site)}/accounts/logout/")
    page.click("main form .btn-primary")
    page.wait_for_url("**/accounts/login/**")


def test_an_administrator_sets_up_a_passkey_and_uses_it_next_time(
    context_for: ContextFor, site: Site, account: Callable[[str], str]
) -> None:
    name = account("administrator")
    page = context_for(PHONE).new_page()
    with_authenticator(page)
    sign_in(page, site, name)

    assert "/accounts/security/set-up/" in page.url
    page.goto(f"{local(site)}/me/")
    assert "/accounts/security/set-up/" in page.url
    page.click("a[href$='/keys/add/']")
    page.click("[data-passkey-button]")
    page.wait_for_url("**/accounts/security/factors/codes/")
    expect(page.locator(".security-codes li")).to_have_count(10)
    page.goto(f"{local(site)}/me/")
    assert page.url.endswith("/me/")

    sign_out(page, site)
    sign_in(page, site, name)
    assert "/accounts/security/challenge/" in page.url
    answer = page.request.get(
        f"{local(site)}/watch/strips/?lectures=1", headers={"Sec-Fetch-Mode": "cors"}
    )
    assert answer.status == 403
    assert answer.json()["message"]
    page.click("[data-passkey-button]")
    page.wait_for_url("**/me/")


def test_a_device_without_the_passkey_opens_nothing(
    context_for: ContextFor, site: Site, account: Callable[[str], str]
) -> None:
    name = account("security")
    owner = context_for(PHONE).new_page()
    with_authenticator(owner)
    sign_in(owner, site, name)
    owner.click("a[href$='/keys/add/']")
    owner.click("[data-passkey-button]")
    owner.wait_for_url("**/accounts/security/factors/codes/")

    thief = context_for(PHONE).new_page()
    with_authenticator(thief)
    sign_in(thief, site, name)
    thief.click("[data-passkey-button]")
    expect(thief.locator("[data-passkey-failed]")).to_be_visible(timeout=70_000)
    for path in ("/me/", "/admin/", "/accounts/security/factors/keys/add/"):
        thief.goto(f"{local(site)}{path}")
        assert "/accounts/security/challenge/" in thief.url


def test_a_remote_sign_out_ends_the_other_device(
    context_for: ContextFor, site: Site, account: Callable[[str], str]
) -> None:
    name = account("secretary")
    mine, other = context_for(PHONE).new_page(), context_for(PHONE).new_page()
    sign_in(mine, site, name)
    sign_in(other, site, name)
    mine.goto(f"{local(site)}/accounts/security/")
    expect(mine.locator("button[name=session]")).to_have_count(2)  # one, and all others
    mine.locator(".security-row button[name=session]").click()
    other.goto(f"{local(site)}/me/")
    assert "/accounts/login/" in other.url
    mine.goto(f"{local(site)}/me/")
    assert mine.url.endswith("/me/")
    assert json.dumps(mine.context.cookies()).count('"httpOnly": false') == 0
