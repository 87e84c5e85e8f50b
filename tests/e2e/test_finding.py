"""Looking for lectures in a real browser: by keyboard, by finger, and with scripts off."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.e2e.conftest import DESKTOP, PHONE, Site
from tests.e2e.test_pages import serious

pytestmark = pytest.mark.e2e

PageFor = Callable[..., Page]
CAPTIONS = "1\n00:00:05,000 --> 00:00:07,000\n春风吹过大凌河\n"


def first_lecture(page: Page) -> tuple[str, str]:
    page.goto("/library/?q=演示主讲人")  # the demo's own
    link = page.locator("a.card-link").first
    address = link.get_attribute("href")
    assert address
    return link.inner_text(), address


def test_suggestions_are_chosen_by_keyboard(page_for: PageFor) -> None:
    page = page_for("member", DESKTOP)
    title, address = first_lecture(page)
    page.goto("/library/")
    box = page.get_by_role("combobox")
    box.press_sequentially(title[1:4])
    option = page.get_by_role("option").filter(has_text=title)
    expect(option).to_be_visible()
    expect(option.locator("mark")).to_have_text(title[1:4])
    assert serious(page) == []
    box.press("Escape")
    expect(option).to_be_hidden()
    box.press_sequentially(title[4])
    expect(option).to_be_visible()
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "suggest-0")
    box.press("Enter")
    page.wait_for_url(re.compile(re.escape(address)))


def test_a_suggestion_is_large_enough_for_a_finger(page_for: PageFor, site: Site) -> None:
    page = page_for("member", PHONE, has_touch=True)
    title, address = first_lecture(page)
    for mode, least in (("0", 44), ("1", 60)):
        page.context.add_cookies([{"name": "elder", "value": mode, "url": site.url}])
        page.goto("/library/")
        page.get_by_role("combobox").press_sequentially(title[:3])
        option = page.get_by_role("option").filter(has_text=title)
        expect(option).to_be_visible()
        place = option.bounding_box()
        assert place
        assert place["height"] >= least
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    option.tap()
    page.wait_for_url(re.compile(re.escape(address)))


def plays_from(frame: Frame, second: int) -> None:
    """All that was ever played of the film lies after the moment, and it goes on."""
    played = "document.querySelector('video').played"
    there = f"() => {played}.length && {played}.end(0) > {second} + 1"
    frame.wait_for_function(there, timeout=60_000)
    assert frame.evaluate(f"{played}.start(0)") >= second - 0.5


def test_what_is_said_is_found_and_played_from_there(page_for: PageFor, tmp_path: Path) -> None:
    captions = tmp_path / "captions.srt"
    captions.write_text(CAPTIONS, encoding="utf-8")
    curator = page_for("curator", DESKTOP)
    title, address = first_lecture(curator)
    curator.goto(address)
    curator.locator("a[href^='/recordings/']").click()
    curator.set_input_files("input[name=file]", captions)
    curator.locator("form[enctype] button").click()
    expect(curator.get_by_role("status").or_(curator.locator(".notice")).first).to_be_visible()

    page = page_for("member", PHONE, has_touch=True)
    page.goto("/library/?q=大凌河")
    expect(page.locator("a.card-link").first).to_have_text(title)
    assert serious(page) == []
    moment = page.locator("a.moment").first
    expect(moment.locator("mark")).to_have_text("大凌河")
    moment.click()
    page.wait_for_url(re.compile(re.escape(f"{address}?t=5")))
    expect(page.locator("[data-start-text]")).to_contain_text("从 5秒", timeout=90_000)
    page.locator("[data-start]").tap()
    plays_from(page.main_frame, 5)


def test_with_scripts_off_the_box_is_a_form_and_results_are_marked(page_for: PageFor) -> None:
    page = page_for("member", java_script_enabled=False)
    title, _ = first_lecture(page)
    page.goto("/library/")
    page.fill("input[name=q]", title[1:4])
    page.click("form[role=search] button[type=submit]")
    expect(page.locator("article.result mark").first).to_have_text(title[1:4])
    page.fill("input[name=q]", "没有这样的词 也没有这个")
    page.click("form[role=search] button[type=submit]")
    expect(page.locator(".empty")).to_contain_text("没有找到")
    assert not re.search("[A-Za-z]{5,}", page.locator(".empty").inner_text())
