"""The main job by hand: a secretary uploads, a curator publishes in Wagtail, a member watches."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP
from tests.e2e.test_upload import choose, expect_state, fill_in

pytestmark = pytest.mark.e2e

PageFor = Callable[..., Page]
TITLE = "村里的垃圾分类怎么做（示例）"


def test_a_recording_becomes_a_lecture_that_a_member_watches(
    page_for: PageFor, make_film: Callable[[str], Path]
) -> None:
    secretary = page_for("secretary")
    secretary.goto("/upload/")
    choose(secretary, make_film("main-job"))
    fill_in(secretary, TITLE)
    expect_state(secretary, "processing", "ready")
    secretary.locator("[data-upload-submit]").click()
    secretary.wait_for_url("**/upload/")
    item = secretary.locator("li[data-asset]", has_text=TITLE)
    expect(item.locator("[data-submission-state]")).to_have_text("待审核发布", timeout=60_000)

    member = page_for("member")
    member.goto(f"/library/?q={TITLE[:4]}")
    expect(member.get_by_role("link", name=TITLE)).to_have_count(0)

    curator = page_for("curator", DESKTOP)
    curator.goto("/admin/")
    curator.get_by_role("link", name=TITLE).first.click()
    curator.wait_for_url("**/admin/pages/*/edit/")
    more = curator.locator("footer [data-controller~=w-dropdown] [data-w-dropdown-target=toggle]")
    publish = curator.locator("button[name=action-publish]")
    if not publish.first.is_visible():
        more.first.click()
    publish.first.click()
    expect(curator.get_by_role("status").or_(curator.locator(".messages"))).to_contain_text(TITLE)

    member.goto(f"/library/?q={TITLE[:4]}")
    member.get_by_role("link", name=TITLE).click()
    member.locator("[data-start]").click()
    member.wait_for_function("() => document.querySelector('video').ended", timeout=60_000)
    expect(member.locator("#watch-panel")).to_contain_text("已学完")
    secretary.reload()
    expect(item.locator("[data-submission-state]")).to_have_text("已发布")
