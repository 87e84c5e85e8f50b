"""The TV in the room: one lecture after the other, a line that is lost and a film that plays on
from what was loaded ahead, what is said when it cannot begin or was played in vain.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import ROOT, Site

pytestmark = pytest.mark.e2e

PageFor = Callable[..., Page]
ContextFor = Callable[..., BrowserContext]
TV = {"width": 1920, "height": 1080}
PATIENCE = 90_000
DEMO = "speaker__contains='演示主讲人'"
SECONDS = 75  # longer than the minute that a player loads ahead by itself
BEATS = "Object.keys(localStorage).filter((key) => key.startsWith('lectern.beat.')).length"
PUBLISH = """
from cms.submissions import lecture_submit
from lms.demo.reviews import review_walk
from media_pipeline.models import VideoAsset
asset = VideoAsset.objects.get(pk={asset!r})
review_walk(lecture_submit(user=asset.owner, asset=asset, title={title!r}, summary="示例"))
"""
BEGIN = """
from django.utils import timezone
from cms.models import LecturePage
from lms.demo.people import HOME_TOWNSHIP
from lms.demo.units import branch_code
from lms.gatherings.opening import gathering_start
from organizations.models import Organization, User
from tests.factories import GatheringFactory
lectures = list(LecturePage.objects.live().filter({which}).order_by("pk"))
branch = Organization.objects.get(code=branch_code(HOME_TOWNSHIP, 1))
made = GatheringFactory(organization=branch, lectures=lectures)
gathering_start(gathering=made, user=User.objects.get(username="secretary"), now=timezone.now())
print(made.pk)
"""


def manage(site: Site, *argv: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    environment |= {"LECTERN_MODE": "demo", "LECTERN_VAR": str(site.var)}
    argv = (sys.executable, "manage.py", *argv)
    done = subprocess.run(argv, cwd=ROOT, env=environment, check=True, capture_output=True)
    return done.stdout.decode().strip()


def recording(site: Site, film: Path, seconds: int) -> str:
    """The id of a recording of this length, ready to play, that the secretary owns."""
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error"]
    argv += ["-f", "lavfi", "-i", f"testsrc2=s=320x180:r=10:d={seconds}"]
    argv += ["-f", "lavfi", "-i", f"sine=440:d={seconds}", "-preset", "ultrafast", str(film)]
    subprocess.run(argv, check=True)
    ingest = ["media_ingest", str(film), "--json", "--wait", "--owner", "secretary"]
    found: str = json.loads(manage(site, *ingest))["asset"]
    return found


@pytest.fixture(scope="module")
def long_lecture(site: Site, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The title of a published lecture of SECONDS."""
    asset = recording(site, tmp_path_factory.mktemp("room") / "room.mp4", SECONDS)
    title = "断网也要放完的一课（示例）"
    manage(site, "shell", "-v0", "-c", PUBLISH.format(asset=asset, title=title))
    return title


@pytest.fixture
def tv_for(site: Site, page_for: PageFor, context_for: ContextFor) -> Callable[[str], Page]:
    """A TV that is connected to a new session of the lectures that a filter names."""

    def make(which: str) -> Page:
        pk = manage(site, "shell", "-v0", "-c", BEGIN.format(which=which))
        tv = context_for(**TV).new_page()
        tv.goto("/tv/")
        expect(tv.locator("[data-code]")).to_have_text(re.compile(r"\d{3} \d{3}"))
        phone = page_for("secretary")
        phone.goto(f"/gatherings/{pk}/")
        phone.fill("#code", tv.locator("[data-code]").inner_text())
        phone.click("button[value=pair]")
        expect(tv.locator("[data-item]").first).to_be_focused(timeout=PATIENCE)
        return tv

    return make


def until(tv: Page, condition: str) -> None:
    tv.wait_for_function(
        f"() => {{ const video = document.querySelector('video'); return {condition}; }}",
        timeout=2 * PATIENCE,
    )


def test_without_a_line_the_film_plays_on_to_its_end_and_is_told_later(
    tv_for: Callable[[str], Page], long_lecture: str
) -> None:
    tv = tv_for(f"title={long_lecture!r}")
    tv.keyboard.press("Enter")
    until(tv, "video.currentTime > 1")
    tv.keyboard.press("Enter")  # paused: it goes on loading, and says how far it is
    expect(tv.locator("[data-loaded]")).to_have_text("已全部缓存，断网也能放完", timeout=PATIENCE)
    tv.context.set_offline(True)
    tv.keyboard.press("Enter")
    expect(tv.locator("[data-lost]")).to_contain_text("会放完", timeout=PATIENCE)
    until(tv, "video.ended")
    assert tv.evaluate("document.querySelector('video').played.length") == 1
    expect(tv.locator("[data-say]")).to_contain_text("全部放完了")
    assert tv.evaluate(BEATS) == 1

    tv.context.set_offline(False)
    until(tv, f"{BEATS} === 0")
    tv.reload()
    expect(tv.locator("[data-done]")).to_have_text("已放 100%")


def test_a_film_that_cannot_begin_says_what_to_do_and_begins_when_the_line_is_back(
    tv_for: Callable[[str], Page],
) -> None:
    tv = tv_for(DEMO)
    tv.context.set_offline(True)
    tv.keyboard.press("Enter")
    expect(tv.locator("[data-say]")).to_contain_text("没有网络，影片放不了。请检查网线或路由器")
    expect(tv.locator("[data-again]")).to_be_focused()
    tv.keyboard.press("Enter")
    expect(tv.locator("[data-again]")).to_be_focused()
    tv.context.set_offline(False)
    tv.keyboard.press("Enter")
    until(tv, "video.currentTime > 1")
    expect(tv.locator("[data-ask]")).to_be_hidden()


def test_the_next_film_waits_for_the_line_and_what_was_played_stays_with_its_own(
    tv_for: Callable[[str], Page],
) -> None:
    tv = tv_for(DEMO)
    tv.keyboard.press("Enter")
    expect(tv.locator("[data-loaded]")).to_have_text("已全部缓存，断网也能放完", timeout=PATIENCE)
    until(tv, "video.currentTime > 3")
    tv.context.set_offline(True)
    tv.locator("video").evaluate("video => { video.currentTime = 1e6; }")
    expect(tv.locator("[data-go]")).to_be_focused()
    tv.keyboard.press("Enter")
    expect(tv.locator("[data-again]")).to_be_focused()
    assert tv.evaluate(BEATS) == 1
    tv.context.set_offline(False)
    until(tv, f"{BEATS} === 0")
    expect(tv.locator("[data-done]").nth(0)).to_have_text(re.compile(r"已放 \d+%"))
    expect(tv.locator("[data-done]").nth(1)).to_have_text("")
    tv.keyboard.press("Enter")
    until(tv, "video.currentTime > 1 && !video.ended")


def test_the_next_lecture_follows_in_the_same_place(tv_for: Callable[[str], Page]) -> None:
    tv = tv_for(DEMO)
    items = tv.locator("[data-item]")
    titles = items.evaluate_all("all => all.map((one) => one.dataset.title)")
    assert len(titles) == 2
    expect(items.nth(0)).to_be_focused()
    tv.keyboard.press("Enter")
    expect(tv.locator("[data-now]")).to_have_text(titles[0])
    until(tv, "video.currentTime > 1")
    video = tv.locator("video")
    video.evaluate("video => { video.dataset.same = 'yes'; video.currentTime = 1e6; }")
    expect(tv.locator("[data-say]")).to_contain_text(titles[1])
    expect(tv.locator("[data-go]")).to_be_focused()
    # Nobody presses anything.
    expect(tv.locator("[data-now]")).to_have_text(titles[1], timeout=PATIENCE)
    until(tv, "video.currentTime > 1 && !video.ended")
    assert video.get_attribute("data-same") == "yes", "and with it full screen"

    video.evaluate("video => { video.currentTime = 1e6; }")
    expect(tv.locator("[data-say]")).to_contain_text("全部放完了")
    expect(tv.locator("[data-go]")).to_be_hidden()
    expect(tv.locator("[data-stay]")).to_be_focused()
    tv.keyboard.press("Enter")
    expect(items.nth(1)).to_be_focused()
    tv.keyboard.press("ArrowUp")
    expect(items.nth(0)).to_be_focused()
    until(tv, f"{BEATS} === 0")


def test_who_does_not_wait_goes_on_at_once_or_back_to_the_list(
    tv_for: Callable[[str], Page],
) -> None:
    tv = tv_for(DEMO)
    title = tv.locator("[data-item]").nth(1).get_attribute("data-title") or ""
    ended = "video => { video.currentTime = 1e6; }"
    tv.keyboard.press("Enter")
    until(tv, "video.currentTime > 1")
    tv.locator("video").evaluate(ended)
    expect(tv.locator("[data-go]")).to_be_focused()
    tv.keyboard.press("ArrowRight")
    expect(tv.locator("[data-stay]")).to_be_focused()
    tv.keyboard.press("Enter")
    expect(tv.locator("[data-menu]")).to_be_visible()
    expect(tv.locator("[data-item]").nth(0)).to_be_focused()
    tv.keyboard.press("Enter")
    until(tv, "video.currentTime > 1 && !video.ended")
    tv.keyboard.press("MediaTrackNext")
    expect(tv.locator("[data-now]")).to_have_text(title)
    until(tv, "video.currentTime > 1")


def test_where_hls_does_not_run_the_mp4_plays_and_counts(tv_for: Callable[[str], Page]) -> None:
    tv = tv_for(DEMO)
    for wanted in ("**/vendor/hls/**", "**/*.m3u8"):
        tv.context.route(wanted, lambda route: route.abort())
    tv.keyboard.press("Enter")
    until(tv, "video.currentSrc.endsWith('/progressive.mp4') && video.currentTime > 3")
    tv.keyboard.press("Escape")
    expect(tv.locator("[data-done]").first).to_have_text(re.compile(r"已放 \d+%"))
    until(tv, f"{BEATS} === 0")


def test_what_a_room_played_in_vain_is_named_in_the_list_and_not_over_the_film(
    tv_for: Callable[[str], Page],
) -> None:
    tv = tv_for(DEMO)
    tv.keyboard.press("Enter")
    until(tv, "video.currentTime > 1")
    tv.evaluate("""() => {
        const record = {saved: Date.now(), token: "old", url: "/tv/beat/", seq: 1, position: 0,
                        seen: "Bw==", refusals: 2, person: "room-0", lecture: "0", title: "旧课"};
        localStorage.setItem("lectern.beat.room-0.old", JSON.stringify(record));
        dispatchEvent(new Event("online"));
    }""")
    until(tv, "JSON.parse(localStorage.getItem('lectern.beat.room-0.old')).refusals === 3")
    told = tv.locator("[data-given-up]")
    expect(told).to_be_hidden()
    tv.keyboard.press("Escape")
    expect(told).to_have_text("您之前在这台设备上看过的内容有一部分没能计入：旧课。可以再看一遍。")
    until(tv, "!localStorage.getItem('lectern.beat.room-0.old')")
