"""The main job by hand: a secretary uploads, three reviews are held, a member watches."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.test_pages import serious
from tests.e2e.test_upload import choose, expect_state, fill_in

pytestmark = pytest.mark.e2e

PageFor = Callable[..., Page]
TITLE = "村里的垃圾分类怎么做（示例）"
REMARK = "片头的日期写错了。"


def opened(page: Page) -> Page:
    """The sheet of the lecture, from the queue."""
    page.goto("/review/")
    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    return page


def said(page: Page, words: str) -> None:
    """Above the next sheet, or above the queue when nothing else waits."""
    expect(page.locator("main")).to_contain_text(words)


def proofread(page: Page) -> None:
    opened(page).get_by_role("button", name="校对无误").click()
    said(page, "校对完成")


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert serious(page) == []


def test_a_recording_passes_three_reviews_and_a_member_watches_it(
    page_for: PageFor, make_film: Callable[[str], Path]
) -> None:
    secretary = page_for("secretary")
    secretary.goto("/upload/")
    choose(secretary, make_film("main-job"))
    fill_in(secretary, TITLE)
    expect(secretary.locator("[data-draft-saved]")).to_contain_text("已保存")
    expect_state(secretary, "processing", "ready")
    secretary.locator("[data-upload-submit]").click()
    secretary.wait_for_url("**/upload/")
    item = secretary.locator("li[data-asset]", has_text=TITLE)
    state = item.locator("[data-submission-state]")
    expect(state).to_have_text("审核中：自审", timeout=60_000)

    # On a phone: the self-check with its proofreading, and a remark at a second of the film.
    reader, officer = page_for("reader"), page_for("officer", PHONE)
    proofread(reader)
    sheet = opened(officer)
    fits(sheet)
    sheet.locator("#film").evaluate("film => { film.currentTime = 2; }")
    sheet.get_by_label("要改什么").fill(REMARK)
    expect(sheet.get_by_label("时间")).to_have_value("0:02")
    sheet.get_by_role("button", name="记下意见").click()
    moment = sheet.locator("button[data-second]")
    expect(moment).to_have_text("0:02")
    sheet.locator("#film").evaluate("film => { film.currentTime = 0; }")
    moment.click()
    sheet.wait_for_function("() => document.querySelector('#film').currentTime >= 1.9")
    sheet.get_by_role("button", name="退回修改").click()
    said(sheet, "已退回上传者修改")

    # The author reads it, changes the words and hands in again.
    secretary.reload()
    expect(state).to_have_text("已退回，请修改")
    expect(item).to_contain_text(REMARK)
    fits(secretary)
    item.get_by_role("link", name="修改后重新提交").click()
    expect(secretary.locator("main")).to_contain_text(REMARK)
    expect(secretary.locator("input[name=title]")).to_have_value(TITLE)
    secretary.check("input[name=declaration]")
    secretary.locator("[data-upload-submit]").click()
    secretary.wait_for_url("**/upload/")

    proofread(reader)
    opened(officer).get_by_role("button", name="通过").click()
    said(officer, "已通过")

    # At a desk, by keyboard.
    township = page_for("township", DESKTOP)
    proofread(reader)
    fits(opened(township))
    township.keyboard.press("a")
    said(township, "已通过")
    proofread(reader)

    leader = opened(page_for("leader", DESKTOP))
    leader.get_by_role("button", name="通过").click()
    expect(leader.get_by_label("我已做保密审查")).to_be_focused()
    leader.get_by_label("我已做保密审查").check()
    leader.get_by_role("button", name="通过").click()
    said(leader, "已通过")

    member = page_for("member")
    member.goto(f"/library/?q={TITLE[:4]}")
    member.get_by_role("link", name=TITLE).click()
    member.locator("[data-start]").click()
    member.wait_for_function("() => document.querySelector('video').ended", timeout=60_000)
    expect(member.locator("#watch-panel")).to_contain_text("已学完")
    secretary.reload()
    expect(state).to_have_text("已发布")
