"""A curator opens a lecture and copies its code; on the unit's own site everybody can watch it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import DESKTOP, Site
from tests.e2e.test_finding import plays_from

pytestmark = pytest.mark.e2e


@contextmanager
def unit_site(port: int, body: str) -> Iterator[str]:
    """Another site: one page."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>单位网站</title>{body}".encode())

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def test_an_opened_lecture_plays_on_the_units_own_site_and_on_no_other(
    page_for: Callable[..., Page], context_for: Callable[..., BrowserContext], site: Site
) -> None:
    curator = page_for("curator", DESKTOP)
    # The demo has opened its first lecture.
    opened = context_for().request.get("/api/v1/lectures/").json()["lectures"]
    lecture = opened[0]["id"]
    curator.goto(f"/lectures/{lecture}/embed/")
    curator.get_by_role("button", name="取消对外公开").click()
    assert curator.request.get(f"/embed/{lecture}/").status == 404
    curator.get_by_role("button", name="对外公开", exact=True).click()
    code = curator.locator("#embed-code").input_value()
    # The curator's own browser has a cookie that goes along, a stranger's has none.
    for context in (curator.context, context_for(DESKTOP, 900)):
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        with unit_site(site.unit_port, code) as address:
            page.goto(address)
            player = page.frame_locator("iframe").locator("[data-player].is-ready")
            expect(player).to_be_visible()
            player.locator("[data-start]").click()
            page.frames[-1].wait_for_function(
                "() => document.querySelector('video').currentTime > 0.3"
            )
        assert not [url for url in asked if "/watch/" in url]
        # A link to a moment, as a search in the API gives it.
        with unit_site(
            site.unit_port, code.replace(f"/embed/{lecture}/", f"/embed/{lecture}/?t=7")
        ):
            page.goto(address)
            player = page.frame_locator("iframe").locator("[data-player].is-ready")
            expect(player.locator("[data-start-text]")).to_contain_text("从 7秒")
            player.locator("[data-start]").click()
            plays_from(page.frames[-1], 7)
        page.close()
    assert context.cookies() == []
    with unit_site(0, code) as address:
        page = context.new_page()
        page.goto(address)
        expect(page.frame_locator("iframe").locator("[data-player]")).to_have_count(0)
        page.wait_for_function("() => document.readyState === 'complete'")
        assert not page.frames[-1].url.startswith(site.url)
