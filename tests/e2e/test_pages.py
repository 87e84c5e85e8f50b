"""Every page, on a phone and on a desk, in both reading modes: fits, speaks, works by keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, LOOKS, ROOT, Site

pytestmark = pytest.mark.e2e

PageFor = Callable[..., Page]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# The account with which a page is looked at, and the page; LECTURE stands for the first lecture.
# CLASS for the demo's class, DESK for its keeper's page, and PROGRESS for the table.
LECTURE, CLASS, DESK, PROGRESS = "a lecture", "a class", "its desk", "its progress"
PAGES = {
    "member": [
        *("/", "/library/", LECTURE, "/learning/", "/classes/", CLASS, "/me/", "/privacy/"),
        *("/no-such-page/", "/upload/"),
    ],
    "secretary": ["/upload/"],
    "county": ["/classes/", "/classes/plans/", DESK, PROGRESS],
    "director": ["/review/", "/review/lines/"],
}


def address_of(page: Page, wanted: str) -> str:
    """The address that a placeholder stands for, found by following the site's own links."""
    desk = "main a[href$='/desk/']"
    found, *links = {
        LECTURE: ("/library/", "a.card-link"),
        CLASS: ("/classes/", "main a[href^='/classes/']"),
        DESK: ("/classes/", desk),
        PROGRESS: ("/classes/", desk, "main a[href$='/progress/']"),
    }.get(wanted, (wanted,))
    for link in links:
        page.goto(found)
        found = page.locator(link).first.get_attribute("href") or ""
    assert found
    return found


def serious(page: Page) -> list[str]:
    """What axe-core calls serious or critical on the page."""
    # Not as a script tag, which the policy of the page would refuse.
    page.evaluate(f"{AXE.read_text()}\n;0")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {one['nodes'][0]['target']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(("width", "mode"), LOOKS)
@pytest.mark.parametrize("role", list(PAGES))
def test_pages_fit_the_screen_and_are_accessible(
    page_for: PageFor, site: Site, role: str, width: int, mode: str
) -> None:
    page = page_for(role, width)
    if mode == "elder":
        page.context.add_cookies([{"name": "elder", "value": "1", "url": site.url}])
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
    for wanted in PAGES[role]:
        address = address_of(page, wanted)
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("lang", re.compile("zh"))
        expect(page.get_by_role("button", name=re.compile("长辈版|标准版")).first).to_be_visible()
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        problems += [f"{address} is {wider} px too wide"] if wider > 0 else []
        problems += [f"{address}: {one}" for one in serious(page)]
    assert problems == []


def test_with_scripts_off_every_page_reads(page_for: PageFor) -> None:
    page = page_for("member", java_script_enabled=False)
    for wanted in PAGES["member"]:
        page.goto(address_of(page, wanted))
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_reading_mode_is_remembered(page_for: PageFor) -> None:
    page = page_for("township")
    page.get_by_role("button", name="长辈版", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-mode", "elder")
    page.goto("/library/")
    expect(page.locator("html")).to_have_attribute("data-mode", "elder")
    other_device = page_for("township", anew=True)
    expect(other_device.locator("html")).to_have_attribute("data-mode", "elder")
    page.get_by_role("button", name="标准版", exact=True).click()
    expect(page.locator("html")).not_to_have_attribute("data-mode", "elder")


def test_a_wrong_password_is_answered_with_a_plain_sentence(
    context_for: Callable[..., object], site: Site
) -> None:
    page = context_for().new_page()  # type: ignore[attr-defined]
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "member")
    page.fill("input[name=password]", "wrong-password")
    page.press("input[name=password]", "Enter")
    alert = page.get_by_role("alert")
    expect(alert).to_be_visible()
    assert not re.search("[A-Za-z]{4,}", alert.inner_text())


def test_a_page_is_reached_by_keyboard_alone(page_for: PageFor) -> None:
    page = page_for("member", DESKTOP)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_class(re.compile("skip"))
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_admin_is_chinese_and_lets_in_by_post(page_for: PageFor) -> None:
    page = page_for("curator", DESKTOP)
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="已提交、审核中的课")).to_be_visible()
    member = page_for("member", DESKTOP)
    answer = member.goto("/admin/")
    assert answer is not None
    assert not member.url.endswith("/admin/") or answer.status == 403


def test_hours_are_printed_whole_and_without_the_page_around_them(page_for: PageFor) -> None:
    page = page_for("leader", 794, 1123)  # A4
    page.goto("/me/hours/")
    lines = page.locator(".hours-line")
    titles = lines.locator(".hours-title").all_inner_texts()
    assert titles
    for around in (".site-header", ".site-footer", ".hours-ways"):
        expect(page.locator(around)).to_be_visible()
    expect(page.locator(".hours-sign")).to_be_hidden()

    page.emulate_media(media="print")
    for around in (".site-header", ".site-footer", ".hours-ways", ".skip"):
        expect(page.locator(around).first).to_be_hidden()
    expect(page.locator(".hours-sign")).to_be_visible()
    expect(page.locator(".hours-sum")).to_be_visible()
    for line in lines.all():
        expect(line).to_be_visible()
        expect(line.locator(".hours-worth")).to_be_visible()
        assert line.evaluate("line => getComputedStyle(line).breakInside") == "avoid"
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.pdf(format="A4").startswith(b"%PDF")
