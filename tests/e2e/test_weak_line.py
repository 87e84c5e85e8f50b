"""What a lecture page asks for, and in which order, on a weak line and on a good one. How long it
takes is measured by benchmarks/weak_line.py.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_watching import PATIENCE, open_lecture, percent, wait_for_video

pytestmark = pytest.mark.e2e

PageFor = Callable[..., Page]
FIRST_PICTURE = """
new MutationObserver((changes, observer) => {
  const video = document.querySelector('video');
  if (video) {
    observer.disconnect();
    video.requestVideoFrameCallback(() => { window.firstPicture = true; });
    video.play().catch(() => {});
  }
}).observe(document, {childList: true, subtree: true});
"""


def lecture_address(page: Page) -> str:
    page.goto("/library/?q=演示主讲人")
    address = page.locator("a.card-link").first.get_attribute("href")
    assert address
    return address


def asked_for(page: Page) -> list[str]:
    """Names of the files that are asked for from now on, in order; without their hashes."""
    names: list[str] = []

    def note(request: object) -> None:
        path = urlsplit(request.url).path  # type: ignore[attr-defined]
        parts = path.rsplit("/", 1)[-1].split(".")
        names.append(f"{parts[0]}.{parts[-1]}" if len(parts) > 1 else path)

    page.on("request", note)
    return names


def weaken(page: Page) -> None:
    """400 kb/s, 200 ms and an empty cache."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    line = {"downloadThroughput": 50_000, "uploadThroughput": 50_000, "latency": 200}
    session.send("Network.emulateNetworkConditions", {"offline": False, **line})


def opened_on_a_weak_line(page_for: PageFor, role: str) -> tuple[Page, str, list[str]]:
    """A lecture's page that has begun to come, its address, and what it asks for."""
    page = page_for(role)
    address = lecture_address(page)
    page.add_init_script(FIRST_PICTURE)
    weaken(page)
    names = asked_for(page)
    page.goto(address, wait_until="commit")
    return page, address, names


def test_on_a_weak_line_nothing_but_the_film_comes_before_its_first_picture(
    page_for: PageFor,
) -> None:
    page, address, names = opened_on_a_weak_line(page_for, "county")
    page.wait_for_function("() => window.firstPicture", timeout=PATIENCE)

    assert sorted({name for name in names if name != address} - {"favicon.svg"}) == [
        "line.js",
        "low.mp4",
        "player.css",
        "site.css",
        "start.js",
    ]
    assert names.count("low.mp4") == 1, "the film is read from one answer, from its beginning"


def test_on_a_weak_line_the_film_plays_on_without_hls_and_counts_from_its_beginning(
    page_for: PageFor,
) -> None:
    page, _, names = opened_on_a_weak_line(page_for, "curator")
    expect(page.locator(".player.is-ready")).to_be_visible(timeout=PATIENCE)
    wait_for_video(page, "video.currentTime > 12")
    page.locator("[data-toggle]").click()
    page.wait_for_function(
        "() => document.querySelector('.strip-seen rect, .strip-seen path') &&"
        " !document.querySelector('[data-watch-missing] [data-seek=\"0\"]')",
        timeout=PATIENCE,
    )
    assert percent(page) > 0
    assert "hls.js" not in names
    assert "index.m3u8" not in names
    assert str(page.evaluate("document.querySelector('video').currentSrc")).endswith("/low.mp4")


def test_on_a_good_line_the_film_is_asked_for_first_and_hls_by_the_player(
    page_for: PageFor,
) -> None:
    page = page_for("township")
    address = lecture_address(page)
    names = asked_for(page)
    page.goto(address)
    expect(page.locator(".player.is-ready")).to_be_visible(timeout=PATIENCE)
    page.locator("[data-start]").click()
    wait_for_video(page, "video.currentSrc.startsWith('blob:') && video.currentTime > 0.5")
    places = [names.index(name) for name in ("low.mp4", "main.js", "hls.js")]
    assert places == sorted(places)


STORYBOARD = """() => {
  const peek = document.querySelector('[data-peek]');
  const picture = document.querySelector('[data-peek-picture]');
  const box = peek.getBoundingClientRect();
  return !peek.hidden && !picture.hidden && /story_001/.test(picture.style.backgroundImage)
    && box.left >= 0 && box.right <= document.documentElement.clientWidth;
}"""
HIDDEN = "() => document.querySelector('[data-peek]').hidden"
# What a key shows goes after 1.5 s, which a busy machine may be later to look than; here it goes
# when the test says so.
HELD = """
window.held = [];
const later = window.setTimeout.bind(window);
window.setTimeout = (act, ms) => ms === 1500 ? -held.push(act) : later(act, ms);
"""


@pytest.mark.parametrize("mode", ["standard", "elder"])
def test_a_finger_on_the_seek_bar_sees_where_it_is_and_jumps_when_it_lifts(
    page_for: PageFor, mode: str
) -> None:
    page = page_for("member", has_touch=True, is_mobile=True)
    open_lecture(page, 1)
    if mode == "elder":
        page.evaluate("document.documentElement.dataset.mode = 'elder'")
    page.locator("[data-start]").tap()
    wait_for_video(page, "video.currentTime > 0.5")
    page.locator("[data-toggle]").tap()
    bar = page.locator("[data-seek-bar]").bounding_box()
    assert bar
    middle = bar["y"] + bar["height"] / 2
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *places: float) -> None:
        points = [{"x": bar["x"] + bar["width"] * place, "y": middle} for place in places]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 0.1)
    # The finger lies still while the pictures come.
    page.wait_for_function(STORYBOARD, timeout=PATIENCE)
    touch("touchMove", 0.98)
    page.wait_for_function(STORYBOARD, timeout=PATIENCE)
    touch("touchMove", 0.5)
    touch("touchEnd")
    page.wait_for_function(HIDDEN, timeout=PATIENCE)
    wait_for_video(page, "Math.abs(video.currentTime / video.duration - 0.5) < 0.1")


@pytest.mark.parametrize("mode", ["standard", "elder"])
def test_keys_on_the_seek_bar_show_where_they_lead(page_for: PageFor, mode: str) -> None:
    page = page_for("member")
    page.add_init_script(HELD)
    open_lecture(page, 1)
    if mode == "elder":
        page.evaluate("document.documentElement.dataset.mode = 'elder'")
    slider = page.get_by_role("slider", name="播放进度")
    slider.focus()
    page.keyboard.press("PageUp")
    page.wait_for_function(STORYBOARD, timeout=PATIENCE)
    page.evaluate("held.forEach((act) => act())")
    assert page.evaluate(HIDDEN)
    page.keyboard.press("Home")
    page.wait_for_function(STORYBOARD, timeout=PATIENCE)
    slider.blur()
    assert page.evaluate(HIDDEN)
