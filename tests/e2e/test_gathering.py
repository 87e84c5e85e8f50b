"""A whole evening in the village room: phone, TV with nothing but its remote control, a member's
phone at the door, a line that is lost, the township, the member's statement.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.e2e
PATIENCE = 90_000
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('lectern.roll.')).length"
BEATS = "Object.keys(localStorage).filter((key) => key.startsWith('lectern.beat.')).length"
IS_BOOKED = """() => fetch(location.href).then((answer) => answer.text())
  .then((text) => text.indexOf("学时正在记入") < 0)"""
TV = {"width": 1920, "height": 1080}


def test_an_evening_of_watching_together(
    page_for: Callable[..., Page], context_for: Callable[..., BrowserContext]
) -> None:
    phone = page_for("secretary", anew=True)
    phone.goto("/library/?q=演示主讲人")
    title = phone.locator("a.card-link").first.inner_text().strip()
    phone.goto("/gatherings/new/")
    phone.fill("input[name=lecture]", title)
    phone.click("form.panel button.btn-primary")
    phone.wait_for_url(re.compile(r"/gatherings/\d+/$"))
    address = phone.url

    # The screen shows a code, the phone confirms it, the screen goes on by itself.
    room = context_for(**TV)
    tv = room.new_page()
    tv.goto("/tv/")
    expect(tv.locator("[data-code]")).to_have_text(re.compile(r"\d{3} \d{3}"))
    phone.fill("#code", tv.locator("[data-code]").inner_text())
    phone.click("button[value=pair]")
    expect(tv.locator("[data-item]")).to_have_count(1, timeout=PATIENCE)
    assert not any(cookie["name"] == "sessionid" for cookie in room.cookies())

    # The door: the picture is the code; its address is asked for as the screen does.
    expect(tv.locator(".tv-door img")).to_have_attribute("src", re.compile("^data:image/svg"))
    door = room.request.get("/tv/door/").json()["url"]
    member = page_for("member", anew=True)
    member.goto(door)
    member.click("form.panel button")
    expect(member.locator(".notice-ok")).to_be_visible()

    # OK plays. The line is lost in the middle of it, and comes back before the end.
    tv.keyboard.press("Enter")
    tv.wait_for_function("() => document.querySelector('video').currentTime > 1", timeout=PATIENCE)
    tv.keyboard.press("ArrowUp")
    expect(tv.locator("[data-corner]")).to_be_visible()
    tv.wait_for_function("() => document.querySelector('video').readyState === 4")
    room.set_offline(True)
    expect(tv.locator("[data-lost]")).to_be_visible(timeout=PATIENCE)
    before = tv.evaluate("document.querySelector('video').currentTime")
    tv.wait_for_function(
        f"() => document.querySelector('video').currentTime > {before + 3}", timeout=PATIENCE
    )
    tv.wait_for_function(f"() => {BEATS} > 0", timeout=PATIENCE)
    phone.context.set_offline(True)
    row = phone.locator(".roll-row", has_text="演示学员").first
    row.locator("input[type=checkbox]").check()
    expect(phone.locator("[data-say]")).to_contain_text("存在手机里", timeout=PATIENCE)
    assert phone.evaluate(KEPT) == 1
    phone.context.set_offline(False)
    room.set_offline(False)
    phone.wait_for_function(f"() => {KEPT} === 0", timeout=PATIENCE)
    tv.wait_for_function("() => document.querySelector('video').ended", timeout=2 * PATIENCE)
    expect(tv.locator("[data-ask]")).to_be_visible()
    tv.wait_for_function(f"() => {BEATS} === 0", timeout=PATIENCE)
    tv.keyboard.press("Escape")
    expect(tv.locator("[data-menu]")).to_be_visible()

    # The phone sees who came by the code, and hands in.
    phone.goto(address)
    expect(phone.locator("[data-percent]")).to_have_text("100")
    expect(phone.locator(".roll-row", has_text="扫码")).to_have_count(1)
    expect(phone.locator("[data-present]")).to_have_text("2")
    phone.click("details:has(button[value=hand_in]) > summary")
    phone.click("button[value=hand_in]")
    expect(phone.locator(".notice-ok")).to_be_visible()
    tv.goto("/tv/")
    expect(tv.locator("[data-pair]")).to_be_visible()

    township = page_for("officer", anew=True)
    township.goto(address)
    township.click("button[value=approve]")
    expect(township.locator(".notice-ok")).to_be_visible()
    township.wait_for_function(IS_BOOKED, timeout=PATIENCE)
    member.goto("/me/hours/")
    lines = member.locator(".hours-line", has_text=title)
    expect(lines.filter(has_text="集中收看")).to_have_count(1)
