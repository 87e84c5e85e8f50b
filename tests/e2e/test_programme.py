"""A secretary orders a menu on the phone and plays it; the second lecture follows the first."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.e2e


def test_an_ordered_menu_plays_one_lecture_after_the_other_in_one_page(
    page_for: Callable[..., Page],
) -> None:
    page = page_for("secretary")
    page.goto("/menus/")
    page.locator(".collection-card a").first.click()
    page.click("text=点这份菜单")
    page.wait_for_url(re.compile(r"/programmes/\d+/$"))
    # Whatever the menu holds, two lectures are on the programme.
    if page.locator(".programme-item").count() < 2:
        page.fill("#q", "演示主讲人")
        page.press("#q", "Enter")
        page.locator(".programme-found button").first.click()
        expect(page.locator(".programme-item")).to_have_count(2)
    page.click("text=按顺序播放")
    titles = page.locator("[data-room-item]").evaluate_all("all => all.map(x => x.dataset.title)")
    video = page.locator("video")
    video.evaluate("v => { v.muted = true; v.dataset.same = 'yes'; return v.play(); }")
    page.wait_for_function("() => document.querySelector('video').duration > 0")
    video.evaluate("v => { v.currentTime = v.duration - 0.3; }")
    expect(page.locator("[data-room-next]")).to_be_visible()
    page.click("[data-room-go]")
    expect(page.locator("[data-room-title]")).to_have_text(titles[1])
    page.wait_for_function("() => document.querySelector('video').currentTime > 0")
    # The element stays, and with it full screen.
    assert video.get_attribute("data-same") == "yes"
