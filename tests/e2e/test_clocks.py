"""Whose clock counts, in a real browser: a device that is a day wrong loses nothing, and a tab that
nobody sees earns what the server's clock allows, which is what the page shows.
"""

import base64
import json
import time
from typing import Any

import pytest
from playwright.sync_api import Page, Response, Route, expect

from tests.e2e.test_watching import (
    PATIENCE,
    PageFor,
    open_lecture,
    play_fast,
    play_to,
    seek_to,
    video,
    wait_for_video,
)

pytestmark = pytest.mark.e2e

DAY_MS = 24 * 3600 * 1000
# The clock of a device, wherever a page can read the hour. That time passes is another clock's.
WRONG_CLOCK = """
(() => {
  const wrong = %d;
  const Right = Date;
  class Wrong extends Right {
    constructor(...words) { super(...(words.length ? words : [Right.now() + wrong])); }
    static now() { return Right.now() + wrong; }
  }
  window.Date = Wrong;
  const right = performance.timing.toJSON();
  const timing = {};
  Object.keys(right).forEach((name) => { timing[name] = right[name] && right[name] + wrong; });
  Object.defineProperty(performance, "timing", { get: () => timing });
  Object.defineProperty(performance, "timeOrigin", { value: performance.timeOrigin + wrong });
})();
"""
# What a page is told when its tab goes behind another, or the screen is switched off.
HIDDEN = """
(state) => {
  Object.defineProperty(document, "visibilityState", { get: () => state, configurable: true });
  Object.defineProperty(document, "hidden", { get: () => state === "hidden", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""
MEDIA_PER_WALL, SLACK = 2.0, 3


class Answers:
    """What the server said of each beat of a page, and how much it can have allowed by then."""

    def __init__(self, page: Page) -> None:
        self.since = time.monotonic()
        self.beats: list[Response] = []
        self.most = 0.0
        page.on("response", self._note)

    def _note(self, response: Response) -> None:
        if response.url.endswith("/watch/beat/") and response.ok:
            self.beats.append(response)
            self.most = (time.monotonic() - self.since) * MEDIA_PER_WALL + SLACK

    def said(self) -> list[dict[str, Any]]:
        assert self.beats
        return [beat.json() for beat in self.beats]

    def accepted(self) -> int:
        """Seconds."""
        union = base64.b64decode(self.said()[-1]["union"])
        return sum(byte.bit_count() for byte in union)


def shown_as_told(page: Page, answers: Answers) -> None:
    """The page says what the server has accepted, and nothing more."""
    told = answers.said()[-1]
    shown = f"{int(told['coverage'] * 100 + 1e-6)}%"
    expect(page.locator("[data-watch-percent]")).to_have_text(shown)
    done = page.locator("[data-watch-done]")
    expect(done).to_be_visible() if told["completed"] else expect(done).to_be_hidden()


def watched_to_the_end(page: Page) -> None:
    wait_for_video(page, "video.ended")
    expect(page.locator("[data-watch-done]")).to_be_visible(timeout=PATIENCE)


def test_a_device_whose_clock_is_a_day_wrong_loses_nothing(
    page_for: PageFor,
) -> None:
    pages = []
    for person, wrong in (("reader", -DAY_MS), ("city", DAY_MS)):
        page = page_for(person)
        page.add_init_script(WRONG_CLOCK % wrong)
        page.goto("/")
        off = page.evaluate("Date.now()") - time.time() * 1000
        assert abs(off - wrong) < DAY_MS / 24
        answers = Answers(page)
        open_lecture(page)
        seek_to(page, 0)
        play_fast(page)
        play_to(page, 1)
        pages.append((page, answers))
    for page, answers in pages:
        watched_to_the_end(page)
        assert {one["cut"] for one in answers.said()} == {0}
        assert answers.accepted() <= answers.most
        shown_as_told(page, answers)


def test_what_plays_in_a_hidden_tab_counts_and_is_told_when_it_hides(page_for: PageFor) -> None:
    page = page_for("director")
    answers = Answers(page)
    open_lecture(page)
    play_fast(page)
    play_to(page, 3)
    with page.expect_response("**/watch/beat/"):
        page.evaluate(HIDDEN, "hidden")
    watched_to_the_end(page)
    page.evaluate(HIDDEN, "visible")
    assert {one["cut"] for one in answers.said()} == {0}
    assert answers.accepted() <= answers.most
    shown_as_told(page, answers)


def test_a_hidden_tab_that_claims_the_whole_film_gets_what_the_clock_allows(
    page_for: PageFor,
) -> None:
    page = page_for("affairs")
    answers = Answers(page)
    open_lecture(page, 1)
    play_to(page, 1)

    def claim_all(route: Route) -> None:
        body = json.loads(route.request.post_data or "")
        body["seen"] = base64.b64encode(b"\xff" * 1000).decode()
        route.continue_(post_data=json.dumps(body))

    page.route("**/watch/beat/", claim_all)
    with page.expect_response("**/watch/beat/"):
        page.evaluate(HIDDEN, "hidden")
    page.evaluate(HIDDEN, "visible")
    second = video(page, "currentTime")
    wait_for_video(page, f"video.currentTime >= {second} + 3")
    with page.expect_response("**/watch/beat/"):
        page.locator("[data-toggle]").click()
    whole = int(str(video(page, "duration")).partition(".")[0])
    assert answers.accepted() <= answers.most
    assert answers.accepted() + answers.said()[-1]["cut"] >= whole
    shown_as_told(page, answers)
