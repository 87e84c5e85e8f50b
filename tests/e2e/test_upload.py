"""Uploading in a real browser: lines that break, pages that are left, files that are no film."""

import hashlib
import re
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.cable import cable
from tests.e2e.conftest import DESKTOP, PHONE, Site
from tests.services import wait_for

pytestmark = pytest.mark.e2e
PageFor = Callable[..., Page]
SECTION = "#upload"
LONG = 60_000


@pytest.fixture
def upload_page(page_for: PageFor) -> Callable[..., Page]:
    def make(width: int = PHONE) -> Page:
        page = page_for("secretary", width)
        put_draft_away(page)
        page.goto("/upload/")
        return page

    return make


def put_draft_away(page: Page) -> None:
    """The account keeps what was not handed in, on every device; each test begins without."""
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    blank = dict.fromkeys(("asset", "title", "speaker", "summary", "script"), "")
    answer = page.context.request.post(
        "/upload/draft/", form={**blank, "csrfmiddlewaretoken": token}
    )
    assert answer.ok


def line(page: Page) -> Callable[..., None]:
    """A hand on the page's line: `line(page)(bytes_per_second)`, 0 cuts it, nothing frees it."""
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def set_line(upload: int = -1) -> None:
        conditions = {"offline": upload == 0, "latency": 20, "downloadThroughput": -1}
        session.send(
            "Network.emulateNetworkConditions", {**conditions, "uploadThroughput": upload or -1}
        )

    return set_line


def choose(page: Page, film: Path | dict[str, object]) -> None:
    page.set_input_files("#upload-file", film)  # type: ignore[arg-type]


def state(page: Page) -> str:
    return page.locator(SECTION).get_attribute("data-state") or ""


def expect_state(page: Page, *states: str, timeout: int = LONG) -> None:
    page.wait_for_selector(
        ",".join(f'{SECTION}[data-state="{name}"]' for name in states), timeout=timeout
    )


def percent(page: Page) -> int:
    return int(page.inner_text("[data-upload-percent]").rstrip("%"))


def original(site: Site, asset: str) -> Path:
    return site.var / "media" / "originals" / asset / "source"


def asset_of(page: Page) -> str:
    return page.input_value("#submission-form input[name=asset]")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fill_in(page: Page, title: str) -> None:
    page.fill("input[name=title]", title)
    page.fill("input[name=speaker]", "示例主讲人")
    page.fill("textarea[name=summary]", "示例简介。")
    page.check("input[name=declaration]")


def parts(site: Site) -> list[Path]:
    return list((site.var / "incoming").glob("*.part"))


@pytest.mark.parametrize("width", [PHONE, pytest.param(DESKTOP, marks=pytest.mark.long)])
def test_a_recording_is_sent_filled_in_and_handed_in(
    site: Site, upload_page: Callable[..., Page], make_film: Callable[[str], Path], width: int
) -> None:
    page, film = upload_page(width), make_film(f"whole-{width}")
    submit = page.locator("[data-upload-submit]")
    expect(submit).to_be_disabled()
    choose(page, film)
    fill_in(page, f"上传测试 {width}")
    expect_state(page, "processing", "ready")
    assert sha256(original(site, asset_of(page))) == sha256(film)
    asset = asset_of(page)
    submit.dblclick()
    page.wait_for_url("**/upload/")
    item = page.locator(f'li[data-asset="{asset}"]')
    expect(item).to_have_count(1)
    expect(item).to_contain_text(f"上传测试 {width}")
    # The list follows the recording by itself until it waits for its review.
    expect(item.locator("[data-submission-state]")).to_have_text("审核中：自审", timeout=LONG)
    # What was typed is not offered again for the next recording.
    expect(page.locator("input[name=title]")).to_have_value("")


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_what_the_check_found_is_said_while_the_form_is_filled_in(
    upload_page: Callable[..., Page],
    make_film: Callable[[str], Path],
    tmp_path: Path,
    width: int,
) -> None:
    film = tmp_path / "upright.mp4"
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "lavfi"]
    argv += ["-i", "testsrc2=s=180x320:r=25:d=3", "-metadata", f"comment={uuid.uuid4()}"]
    subprocess.run([*argv, str(film)], check=True)
    page = upload_page(width)
    choose(page, film)
    found = page.locator("[data-upload-findings]")
    expect(found.locator("li")).to_have_text([re.compile("没有声音"), re.compile("竖着拍")])
    expect(found).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    expect_state(page, "ready")
    page.click("[data-upload-cancel]")
    choose(page, make_film(f"good-{width}"))
    expect_state(page, "ready")
    expect(found).to_be_hidden()


def test_a_line_that_breaks_is_said_and_gone_on_with(
    site: Site, upload_page: Callable[..., Page], make_film: Callable[[str], Path]
) -> None:
    page, film = upload_page(), make_film("broken-line")
    set_line = line(page)
    set_line(1_000_000)
    choose(page, film)
    wait_for(lambda: percent(page) >= 25, seconds=30, what="A quarter")
    set_line(0)
    expect_state(page, "offline")
    expect(page.locator("[data-upload-status]")).to_have_text(
        re.compile("网络断开，已上传[0-9]+%，恢复后自动继续")
    )
    set_line()
    expect_state(page, "processing", "ready")
    assert sha256(original(site, asset_of(page))) == sha256(film)


def test_paused_it_stands_still_and_goes_on_at_a_tap(
    site: Site, upload_page: Callable[..., Page], make_film: Callable[[str], Path]
) -> None:
    page, film = upload_page(), make_film("paused")
    set_line = line(page)
    set_line(1_000_000)
    choose(page, film)
    wait_for(lambda: percent(page) >= 25, seconds=30, what="A quarter")
    page.click("[data-upload-pause]")
    expect_state(page, "paused")
    stood = percent(page)
    set_line()
    page.wait_for_timeout(700)
    assert percent(page) == stood
    page.click("[data-upload-resume]")
    expect_state(page, "processing", "ready")
    assert sha256(original(site, asset_of(page))) == sha256(film)


def test_after_a_reload_the_same_film_under_another_name_goes_on(
    site: Site,
    upload_page: Callable[..., Page],
    make_film: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    page, film = upload_page(), make_film("reloaded")
    line(page)(1_000_000)
    choose(page, film)
    page.fill("input[name=title]", "还没写完的题目")
    wait_for(lambda: percent(page) >= 50, seconds=30, what="Half")
    questions = []
    page.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.accept()))
    page.reload()
    assert questions == ["beforeunload"]
    expect(page.locator("input[name=title]")).to_have_value("还没写完的题目")

    renamed = tmp_path / "VID_20261123 (2).mp4"
    renamed.write_bytes(film.read_bytes())
    requests = []
    page.on("request", lambda request: requests.append(request))
    choose(page, renamed)
    expect_state(page, "processing", "ready")
    tus = [request for request in requests if "/uploads/" in request.url]
    assert "POST" not in {request.method for request in tus}
    first = next(request for request in tus if request.method == "PATCH")
    assert int(first.headers["upload-offset"]) > 1_000_000
    assert sha256(original(site, asset_of(page))) == sha256(film)

    # What is sent whole waits for being handed in, and is not sent a second time.
    asset = asset_of(page)
    requests.clear()
    page.reload()
    expect_state(page, "processing", "ready")
    assert asset_of(page) == asset
    page.click("[data-upload-cancel]")
    expect_state(page, "idle")
    choose(page, film)
    expect_state(page, "processing", "ready")
    assert asset_of(page) == asset
    assert not [request for request in requests if "/uploads/" in request.url]


def test_signed_out_in_between_it_goes_on_after_signing_in_again(
    site: Site, upload_page: Callable[..., Page], make_film: Callable[[str], Path]
) -> None:
    page, film = upload_page(), make_film("signed-out")
    set_line = line(page)
    set_line(1_000_000)
    choose(page, film)
    wait_for(lambda: percent(page) >= 25, seconds=30, what="A quarter")
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    expect_state(page, "failed")
    expect(page.locator("[data-upload-error-text]")).not_to_be_empty()
    set_line()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    posts: list[str] = []
    page.on(
        "request",
        lambda request: posts.append(request.url) if request.method == "POST" else None,
    )
    page.click("[data-upload-retry]")
    expect_state(page, "processing", "ready")
    assert [url for url in posts if url.endswith("/uploads/")] == []
    assert sha256(original(site, asset_of(page))) == sha256(film)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("lecture.mp4", "这是一份文字材料。\n".encode() * 1000, "不是视频"),
        ("photo.mp4", b"\x89PNG\r\n\x1a\n" + bytes(20_000), "图片"),
        ("list.mp4", b"#EXTM3U\n#EXTINF:4,\nhttp://127.0.0.1/a.ts\n", "播放列表"),
        ("empty.mp4", b"", "空的"),
    ],
)
def test_what_is_no_film_is_refused_in_a_sentence_and_another_can_be_chosen(
    site: Site, upload_page: Callable[..., Page], name: str, content: bytes, words: str
) -> None:
    page = upload_page()
    before = parts(site)
    choose(page, {"name": name, "mimeType": "video/mp4", "buffer": content})
    expect_state(page, "refused")
    expect(page.locator("[data-upload-error-text]")).to_contain_text(words)
    with page.expect_file_chooser() as chooser:
        page.click("[data-upload-another]")
    assert chooser.value.element.get_attribute("id") == "upload-file"
    expect(page.locator("[data-upload-submit]")).to_be_disabled()
    assert parts(site) == before


def test_a_film_that_turns_out_to_be_broken_is_refused_when_it_is_checked(
    upload_page: Callable[..., Page], make_film: Callable[[str], Path]
) -> None:
    page = upload_page()
    cut = make_film("cut").read_bytes()[:200_000]
    choose(page, {"name": "cut.mp4", "mimeType": "video/mp4", "buffer": cut})
    expect_state(page, "refused")
    expect(page.locator("[data-upload-error-text]")).to_contain_text("损坏")
    expect(page.locator("[data-upload-submit]")).to_be_disabled()


def test_the_uploader_looks_at_the_recording(
    upload_page: Callable[..., Page], make_film: Callable[[str], Path]
) -> None:
    page = upload_page()
    choose(page, make_film("looked-at"))
    expect_state(page, "ready")
    page.click("[data-upload-preview] a")
    playing = "video => video.readyState >= 1 && video.duration > 2"
    video = page.wait_for_selector("video")
    assert video is not None
    page.wait_for_function(playing, arg=video)


def test_a_stock_client_goes_on_after_its_connection_was_killed(
    site: Site, upload_page: Callable[..., Page], make_film: Callable[[str], Path]
) -> None:
    """tus-js-client as it comes, with its own fingerprints and chunks without end."""
    page, film = upload_page(), make_film("stock")
    with cable(site.url) as line_to_site:
        page.goto(f"{line_to_site.url}/upload/")
        asset, offset = upload_through(page, film, cut=line_to_site.cut)
    assert offset > 0
    assert sha256(original(site, asset)) == sha256(film)


def upload_through(page: Page, film: Path, *, cut: Callable[[], None]) -> tuple[str, int]:
    """Upload with a cut in the middle; the recording, and the offset at which it went on."""
    set_line = line(page)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<input type=file id=stock>')")
    page.set_input_files("#stock", film)
    start = """() => {
      const options = {
        endpoint: "/uploads/",
        retryDelays: null,
        headers: { "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value },
        onProgress: (sent) => { window.sent = sent; },
        onError: (problem) => { window.problem = String(problem); },
        onSuccess: ({ lastResponse }) => {
          window.asset = lastResponse.getHeader("Lectern-Asset");
        },
      };
      const upload = new tus.Upload(document.getElementById("stock").files[0], options);
      return upload.findPreviousUploads().then((previous) => {
        if (previous.length) {
          upload.resumeFromPreviousUpload(previous[0]);
        }
        window.problem = "";
        upload.start();
        return previous.length;
      });
    }"""
    set_line(1_000_000)
    assert page.evaluate(start) == 0
    page.wait_for_function("() => window.sent > 2000000")
    cut()
    page.wait_for_function("() => window.problem")
    set_line()
    offsets: list[int] = []
    page.on(
        "request",
        lambda request: (
            offsets.append(int(request.headers["upload-offset"]))
            if request.method == "PATCH"
            else None
        ),
    )
    assert page.evaluate(start) == 1
    page.wait_for_function("() => window.asset", timeout=LONG)
    return page.evaluate("window.asset"), offsets[0]


def test_without_scripts_the_page_says_what_is_needed(page_for: PageFor) -> None:
    page = page_for("secretary", java_script_enabled=False)
    page.goto("/upload/")
    expect(page.locator("noscript .notice-warn")).to_contain_text("脚本")


def test_a_member_is_not_offered_uploading(page_for: PageFor) -> None:
    page = page_for("member")
    assert page.locator('a[href="/upload/"]').count() == 0
    response = page.goto("/upload/")
    assert response is not None
    assert response.status == 403
