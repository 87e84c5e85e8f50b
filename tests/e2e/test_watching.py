"""Watching in a real browser: what counts, what does not, and what is never lost.

Every test has a person of its own, so that none sees another's evidence. Media addresses live
for 20 s on this site (conftest), so whoever watches longer also sees them renewed.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from tests.e2e.conftest import DESKTOP, LOOKS, PHONE, ROOT, Site

pytestmark = pytest.mark.e2e

PageFor = Callable[..., Page]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# Nothing here takes that long on an idle machine; the machine is not always idle.
PATIENCE = 90_000
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('lectern.beat.')).length"

LONGEST = """() => {
  const texts = {now: "1:23:45", total: "2:00:00", "quality-label": "1080p"};
  for (const [part, text] of Object.entries(texts)) {
    document.querySelector(`[data-${part}]`).textContent = text;
  }
  return document.documentElement.scrollWidth;
}"""


def open_lecture(page: Page, number: int = 0) -> str:
    page.goto("/library/?q=演示主讲人")  # the demo's own, whatever other tests have published
    address = page.locator("a.card-link").nth(number).get_attribute("href")
    assert address
    page.goto(address)
    expect(page.locator(".player.is-ready")).to_be_visible()
    expect(page.locator("#watch-panel")).to_be_visible()
    return address


def video(page: Page, expression: str) -> object:
    return page.evaluate(f"document.querySelector('video').{expression}")


def wait_for_video(page: Page, condition: str) -> None:
    page.wait_for_function(
        f"() => {{ const video = document.querySelector('video'); return {condition}; }}",
        timeout=PATIENCE,
    )


def play_to(page: Page, second: float) -> None:
    page.locator("[data-start]").click()
    wait_for_video(page, f"video.currentTime >= {second}")


def play_fast(page: Page) -> None:
    page.locator("[data-menu-button=speed]").click()
    page.get_by_role("menuitemradio", name=re.compile("1.5")).click()


def seek_to(page: Page, fraction: float) -> None:
    bar = page.locator("[data-seek-bar]").bounding_box()
    assert bar
    page.mouse.move(bar["x"] + 4, bar["y"] + bar["height"] / 2)
    page.mouse.down()
    page.mouse.move(bar["x"] + bar["width"] * fraction, bar["y"] + bar["height"] / 2, steps=6)
    page.mouse.up()


def percent(page: Page) -> int:
    return int(page.locator("[data-watch-percent]").inner_text().rstrip("%"))


def class_item(page: Page, address: str) -> str:
    """The lecture's line on the class page, as a class name that says how far it is."""
    page.goto("/classes/")
    page.locator("main a[href^='/classes/']").first.click()
    line = page.locator("li.item").filter(has=page.locator(f"a[href^='{address}']"))
    return line.get_attribute("class") or ""


@contextmanager
def media_answers(page: Page) -> Iterator[list[tuple[str, int]]]:
    """(token, status) of every media answer meanwhile."""
    seen: list[tuple[str, int]] = []

    def note(response: object) -> None:
        match = re.search(r"/v/([^/]+)/", response.url)  # type: ignore[attr-defined]
        if match:
            seen.append((match[1], response.status))  # type: ignore[attr-defined]

    page.on("response", note)
    yield seen
    page.remove_listener("response", note)


def test_a_lecture_played_to_its_end_is_complete_in_the_class(page_for: PageFor) -> None:
    page = page_for("member")
    address = open_lecture(page)
    seek_to(page, 0)  # Wherever the account stopped in another test.
    play_fast(page)
    play_to(page, 1)
    wait_for_video(page, "video.ended")

    expect(page.locator("[data-watch-done]")).to_be_visible()
    assert percent(page) >= 90
    assert "item-done" in class_item(page, address)


def test_dragging_to_the_end_completes_nothing(page_for: PageFor) -> None:
    page = page_for("secretary")
    address = open_lecture(page)
    play_to(page, 2)
    seek_to(page, 0.98)
    wait_for_video(page, "video.ended")

    expect(page.locator("[data-watch-missing] [data-seek]").first).to_be_visible()
    expect(page.locator("[data-watch-done]")).to_be_hidden()
    assert percent(page) < 40
    assert "item-part" in class_item(page, address)


def test_a_missing_part_is_one_tap_away(page_for: PageFor) -> None:
    page = page_for("secretary")
    open_lecture(page, 1)
    play_to(page, 2)
    seek_to(page, 0.98)
    wait_for_video(page, "video.ended")
    first = page.locator("[data-watch-missing] [data-seek]").first
    start = int(first.get_attribute("data-seek") or "-1")

    first.click()
    wait_for_video(page, "!video.paused && !video.ended")
    position = video(page, "currentTime")
    assert isinstance(position, int | float)
    assert start <= position < start + 10


def test_one_goes_on_where_one_stopped_on_another_device(page_for: PageFor) -> None:
    phone = page_for("township", PHONE)
    open_lecture(phone)
    play_to(phone, 8)
    with phone.expect_response("**/watch/beat/"):
        phone.locator("[data-toggle]").click()
    stopped = video(phone, "currentTime")
    assert isinstance(stopped, int | float)

    computer = page_for("township", DESKTOP, 900, anew=True)
    open_lecture(computer)
    expect(computer.locator("[data-start-text]")).to_have_text(
        re.compile(rf"{int(stopped)}|{round(stopped)}")
    )
    computer.locator("[data-start]").click()
    wait_for_video(computer, "!video.paused && video.currentTime > 0")
    wait_for_video(computer, f"video.currentTime >= {stopped - 1}")
    position = video(computer, "currentTime")
    assert isinstance(position, int | float)
    assert position < stopped + 15
    expect(computer.locator("[data-notice-action]")).to_be_visible()


def test_addresses_are_renewed_while_one_watches(page_for: PageFor) -> None:
    page = page_for("county")
    open_lecture(page, 1)
    with media_answers(page) as answers:
        play_to(page, 1)
        page.locator("[data-toggle]").click()
        for _ in range(2):
            page.wait_for_event(
                "response", lambda answer: "/playback/" in answer.url, timeout=PATIENCE
            )
        page.locator("[data-toggle]").click()
        seek_to(page, 0.9)
        wait_for_video(page, "video.ended")
    statuses = {status for _, status in answers}
    assert statuses <= {200, 206}, answers
    assert len({token for token, _ in answers}) >= 2


def test_without_the_network_nothing_watched_is_lost(page_for: PageFor) -> None:
    page = page_for("curator")
    open_lecture(page)
    play_to(page, 3)
    page.context.set_offline(True)
    wait_for_video(page, "video.currentTime >= 7")
    page.locator("[data-toggle]").click()
    expect(page.locator("[data-notice-text]")).to_contain_text("网络断了")
    assert page.evaluate(KEPT) == 1

    page.context.set_offline(False)
    expect(page.locator("[data-notice-text]")).to_contain_text("网络恢复了", timeout=PATIENCE)
    page.wait_for_function(f"() => {KEPT} === 0", timeout=PATIENCE)
    assert percent(page) > 0


def test_what_a_dead_tab_left_behind_is_sent_by_the_next_page(page_for: PageFor) -> None:
    page = page_for("admin")
    context = page.context
    address = open_lecture(page)
    page.route("**/watch/beat/", lambda route: route.abort())
    play_to(page, 6)
    page.wait_for_function(f"() => {KEPT} === 1", timeout=PATIENCE)
    with suppress(Error):
        page.goto("chrome://crash", timeout=2000)

    again = context.new_page()
    with again.expect_response("**/watch/beat/") as delivered:
        again.goto(address)
    assert delivered.value.ok
    again.wait_for_function(f"() => {KEPT} === 0", timeout=PATIENCE)
    expect(again.locator("[data-watch-percent]")).not_to_have_text("0%")


def test_what_will_never_count_is_named_to_whoever_watched_it(page_for: PageFor) -> None:
    page = page_for("admin")
    open_lecture(page)
    leave = """([person, title]) => {
        const record = {saved: Date.now(), token: "old", url: "/watch/beat/", seq: 1, position: 0,
                        seen: "Bw==", refusals: 2, person, lecture: "0", title};
        localStorage.setItem(`lectern.beat.${person}.old`, JSON.stringify(record));
    }"""
    own = page.locator("[data-player]").get_attribute("data-person")
    page.evaluate(leave, [own, "旧课"])
    page.evaluate(leave, ["0", "别人的课"])
    page.reload()

    told = page.locator("[data-notice-text]")
    expect(told).to_have_text("您之前在这台设备上看过的内容有一部分没能计入：旧课。可以再看一遍。")
    # The other person's waits until they are here.
    page.wait_for_function(f"() => {KEPT} === 1", timeout=PATIENCE)


def test_quality_and_speed_are_remembered_on_the_device(page_for: PageFor) -> None:
    page = page_for("county")
    open_lecture(page)
    play_to(page, 1)
    page.locator("[data-menu-button=quality]").click()
    page.get_by_role("menuitemradio", name=re.compile("^省流")).click()
    play_fast(page)
    page.reload()
    expect(page.locator("[data-speed-label]")).to_have_text("1.5×")
    expect(page.locator("[data-quality-label]")).to_have_text(re.compile(r"^\d+p$"))


def test_sound_alone_plays_on_where_the_picture_was(page_for: PageFor) -> None:
    page = page_for("township")
    open_lecture(page, 1)
    play_to(page, 3)
    page.locator("[data-menu-button=quality]").click()
    page.get_by_role("menuitemradio", name=re.compile("只听声音")).click()
    expect(page.locator("[data-audio-face]")).to_be_visible()
    wait_for_video(page, "!video.paused && video.videoWidth === 0 && video.currentTime > 3")


def test_the_light_film_is_jumped_in_both_ways(page_for: PageFor) -> None:
    """By its index, without an error that the player would have to mend by loading another file."""
    page = page_for("township", DESKTOP, 900)
    open_lecture(page, 1)
    page.locator("[data-menu-button=quality]").click()
    page.get_by_role("menuitemradio", name=re.compile("^省流")).click()
    play_to(page, 1)
    page.evaluate(
        "window.films = []; for (const name of ['loadstart', 'error'])"
        " document.querySelector('video').addEventListener(name, (event) => films.push(name))"
    )
    slider = page.get_by_role("slider", name="播放进度")
    slider.focus()
    for keys, second in (
        (["ArrowRight"] * 3, 15),
        (["Home"], 0),
        (["ArrowRight"], 5),
        (["End", "ArrowLeft", "ArrowLeft"], 12),
        (["Home", "ArrowRight", "ArrowRight"], 10),
    ):
        for key in keys:
            page.keyboard.press(key)
        wait_for_video(page, f"!video.paused && video.currentTime > {second} + 0.3")
    assert page.evaluate("films") == []
    assert str(video(page, "currentSrc")).endswith("/low.mp4")


def test_the_keyboard_plays_pauses_and_jumps(page_for: PageFor) -> None:
    page = page_for("township", DESKTOP, 900)
    open_lecture(page, 1)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(" ")
    wait_for_video(page, "!video.paused && video.currentTime > 0.5")
    page.keyboard.press(" ")
    wait_for_video(page, "video.paused")
    slider = page.get_by_role("slider", name="播放进度")
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    wait_for_video(page, "Math.abs(video.currentTime - 10) < 0.5")
    said = slider.get_attribute("aria-valuetext")
    assert said is not None
    assert said.startswith("10秒，共")


def test_without_scripts_the_light_film_plays(page_for: PageFor) -> None:
    page = page_for("member", java_script_enabled=False)
    page.goto("/library/")
    address = page.locator("a.card-link").first.get_attribute("href")
    assert address
    with page.expect_response("**/low.mp4") as file:
        page.goto(address)
    assert file.value.status in {200, 206}
    assert page.locator("video").get_attribute("controls") is not None


@pytest.mark.parametrize(("width", "mode"), LOOKS)
def test_the_player_is_accessible_and_its_face_is_kept(
    page_for: PageFor, site: Site, width: int, mode: str
) -> None:
    page = page_for("member", width, 900)
    address = open_lecture(page, 1)
    if mode == "elder":
        page.evaluate("document.documentElement.dataset.mode = 'elder'")
    page.evaluate(f"{AXE.read_text()}\n;0")
    faces = Path(site.var).parent / "faces"
    faces.mkdir(parents=True, exist_ok=True)
    play_to(page, 2)
    page.screenshot(path=str(faces / f"player-{width}-{mode}.png"))
    page.locator("[data-menu-button=quality]").click()
    page.screenshot(path=str(faces / f"player-{width}-{mode}-menu.png"))
    found = page.evaluate(
        "axe.run(document.querySelector('.lecture'), {resultTypes: ['violations']})"
        ".then((result) => result.violations.map((one) => [one.id, one.nodes.map((n) => n.html)]))"
    )
    assert found == [], (address, json.dumps(found, ensure_ascii=False))
    # With the longest that the bar has to hold, too.
    assert page.evaluate(LONGEST) <= width
    least = 60 if mode == "elder" else 44
    small = page.evaluate(
        "(least) => [...document.querySelectorAll('.player button')]"
        ".filter((one) => one.offsetParent !== null)"
        ".map((one) => [one.getAttribute('aria-label') || one.textContent.trim(),"
        " one.getBoundingClientRect()])"
        ".filter(([, box]) => Math.round(box.width) < least || Math.round(box.height) < least)"
        ".map(([name]) => name)",
        least,
    )
    assert small == []


# More than the box shows at a time.
WORDS = "".join(
    f"{n + 1}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\n第{n}秒的话{'，说得很长' * 8}\n\n"
    for n in range(20)
)


def test_words_and_chapters_follow_the_film_and_a_tap_jumps(
    page_for: PageFor, tmp_path: Path
) -> None:
    captions = tmp_path / "captions.srt"
    captions.write_text(WORDS, encoding="utf-8")
    curator = page_for("curator", DESKTOP)
    address = open_lecture(curator, 1)
    curator.locator("a[href^='/recordings/']").click()
    curator.set_input_files("input[name=file]", captions)
    curator.locator("form[enctype] button").click()
    curator.locator("textarea[name=lines]").fill("0:00 开场\n0:10 正文")
    curator.locator("form[action$='/chapters/'] button").click()
    expect(curator.locator("textarea[name=lines]")).to_have_value("0:00 开场\n0:10 正文")

    page = page_for("member", PHONE)
    page.goto(address)
    expect(page.locator(".player.is-ready")).to_be_visible()
    page.locator("[data-transcript] summary").click()
    words = page.locator("[data-words]")
    words.get_by_text("第12秒的话").click()
    wait_for_video(page, "video.currentTime >= 12 && video.currentTime < 19")
    expect(words.locator(".is-now")).to_have_text(re.compile("第1[2-9]秒的话"))
    expect(page.locator("[data-chapters] [aria-current]")).to_contain_text("正文")
    shown = page.locator("[data-caption-box]")
    expect(shown).to_have_text(re.compile("第1[2-9]秒的话"))
    page.evaluate("document.querySelector('[data-captions]').click()")
    expect(shown).to_be_hidden()

    page.locator("[data-toggle]").click()  # rests, so that only the person scrolls
    words.evaluate("box => { box.scrollTop = 0; }")
    expect(page.locator("[data-follow]")).to_be_visible()
    page.locator("[data-follow]").click()
    expect(words.locator(".is-now")).to_be_in_viewport()
    page.locator("[data-chapters]").get_by_text("开场").click()
    wait_for_video(page, "video.currentTime < 10")
    expect(page.locator("[data-chapters] [aria-current]")).to_contain_text("开场")
