"""The content security policy is kept: no page makes the browser complain, and no page runs a
script that somebody put into it.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import ConsoleMessage, Page

from tests.e2e.conftest import DESKTOP, PHONE, Site
from tests.e2e.test_pages import CLASS, DESK, LECTURE, PROGRESS, address_of

pytestmark = pytest.mark.e2e

PageFor = Callable[..., Page]
PAGES = {
    "member": [
        *("/", "/library/", LECTURE, "/learning/", "/classes/", CLASS, "/me/", "/privacy/"),
        *("/accounts/security/", "/accounts/password/", "/accounts/logout/", "/no-such-page/"),
        *("/accounts/security/factors/app/add/", "/accounts/security/factors/keys/add/"),
    ],
    "township": ["/upload/"],
    "county": ["/classes/", DESK, PROGRESS],
}
EDITOR = [
    *("/admin/", "/admin/pages/", "/admin/lectures/", "/admin/lecture-collections/"),
    *("/admin/lecture-collections/new/", "/admin/reports/site-history/"),
]


def complaints(page: Page) -> list[str]:
    """Violations of the policy that the browser's console names from now on."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            found.append(f"{page.url}: {message.text}")

    page.on("console", note)
    return found


@pytest.mark.parametrize("role", list(PAGES))
def test_public_pages_keep_the_policy(page_for: PageFor, site: Site, role: str) -> None:
    page = page_for(role, PHONE)
    found = complaints(page)
    for wanted in PAGES[role]:
        response = page.goto(address_of(page, wanted))
        assert response
        policy = response.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "object-src 'none'" in policy
        assert "base-uri 'none'" in policy
        page.wait_for_load_state("networkidle")
    assert found == []


def test_the_player_runs_under_the_policy(page_for: PageFor, site: Site) -> None:
    page = page_for("member", DESKTOP)
    found = complaints(page)
    page.goto(address_of(page, LECTURE))
    page.locator("[data-start]").click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 1", timeout=30_000)
    assert found == []


def test_the_editor_keeps_the_policy_and_works(page_for: PageFor, site: Site) -> None:
    page = page_for("admin", DESKTOP)
    found = complaints(page)
    for path in EDITOR:
        response = page.goto(path)
        assert response
        assert response.status == 200
        assert "unsafe" not in response.headers["content-security-policy"]
        page.wait_for_load_state("networkidle")
    page.goto("/admin/lectures/")
    page.locator("main a[href*='/admin/pages/'][href$='/edit/']").first.click()
    page.wait_for_load_state("networkidle")
    page.click("[data-side-panel-toggle=preview]")
    page.wait_for_selector("iframe")
    page.goto("/admin/lecture-collections/new/")
    page.click("#id_items-ADD")
    page.locator("[id$=-lecture-chooser] button[data-chooser-action-choose]:visible").last.click()
    page.wait_for_selector(".modal:visible a[data-chooser-modal-choice]")
    assert found == []


def test_a_script_put_into_a_page_does_not_run(page_for: PageFor, site: Site) -> None:
    page = page_for("member")
    page.goto("/me/")
    page.evaluate(
        """() => {
          document.body.insertAdjacentHTML("beforeend", '<img src="x" onerror="window.bad = 1">');
          const script = document.createElement("script");
          script.textContent = "window.bad = 2";
          document.body.append(script);
        }"""
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.bad") is None
