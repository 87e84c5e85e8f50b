"""What the upload page says of a recording that the server works on."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.test_upload import LONG, choose, expect_state, put_draft_away

pytestmark = pytest.mark.e2e
DONE = {"state": "done", "note": "", "percent": None}


def test_how_far_it_is_what_went_wrong_and_another_try_stand_on_the_page(
    page_for: Callable[..., Page], make_film: Callable[[str], Path]
) -> None:
    page = page_for("secretary")
    put_draft_away(page)
    page.goto("/upload/")
    note, message = "正在转码 42% · 大约还要 3 分钟", "处理失败。请再试一次。"
    current = {"state": "current", "note": note, "percent": 42}
    overlays = [
        {"state": "processing", "steps": {"check": DONE, "transcode": current}},
        {"state": "failed", "steps": {"check": DONE, "transcode": DONE | {"state": "failed"}}},
    ]
    asked: list[str] = []

    def answer(route: Route) -> None:
        """As of a recording that is being made, then given up, until it is tried again."""
        if route.request.method == "POST":
            asked.append(route.request.url)
            overlays.clear()
            route.fulfill(json={})
            return
        told = route.fetch().json()
        if overlays:
            told |= overlays[0] | {"message": message, "retry": f"{route.request.url}retry/"}
        route.fulfill(json=told)

    page.route(re.compile(r"/upload/assets/[-0-9a-f]{36}/"), answer)
    choose(page, make_film("told"))
    step = page.locator("[data-step=transcode]")
    expect(step.locator("[data-step-note]")).to_have_text(note, timeout=LONG)
    expect(step).to_have_attribute("data-state", "current")
    del overlays[0]
    expect(page.locator("[data-upload-error-text]")).to_have_text(message, timeout=LONG)
    expect(step).to_have_attribute("data-state", "failed")
    page.get_by_role("button", name="重试").click()
    expect_state(page, "ready")
    (address,) = asked
    assert address.endswith("/retry/")
