"""The whole site behind nginx with the shipped configuration, over a cable that breaks: uploads by
the site's page, by tus-js-client as it comes and by tuspy, and films that Python never sees.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tusclient.client import TusClient

from tests.e2e.cable import Cable, cable
from tests.e2e.conftest import CHROMIUM, Site
from tests.e2e.test_upload import (
    asset_of,
    choose,
    expect_state,
    line,
    original,
    percent,
    put_draft_away,
    sha256,
)
from tests.front import Front, nginx
from tests.services import wait_for

pytestmark = pytest.mark.e2e
MB = 1024**2
PIECE = 512 * 1024
# Bytes a second of the fastest line that a village has.
FASTEST = 100e6 / 8
# Size of the film and breaks over it: a sample, and what a bad day in the hills brings.
RUNS = [
    pytest.param(16 * MB, 3, id="short"),
    pytest.param(300 * MB, 20, id="long", marks=pytest.mark.long),
]
PageFor = Callable[..., Page]


def in_front(site: Site, folder: Path, *, secure: bool = False) -> AbstractContextManager[Front]:
    folder.chmod(0o755)
    key = (site.var / "secrets" / "delivery_key_a").read_text().strip()
    return nginx(
        folder,
        upstream=int(site.url.rsplit(":", 1)[1]),
        keys={"a": key},
        packages=site.var / "media" / "packages",
        static=site.var / "static",
        secure=secure,
    )


@pytest.fixture(scope="module")
def front(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with in_front(site, tmp_path_factory.mktemp("front")) as front:
        yield front


@pytest.fixture(scope="module")
def secure_front(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with in_front(site, tmp_path_factory.mktemp("secure"), secure=True) as front:
        yield front


@pytest.fixture(autouse=True)
def _no_draft(page_for: PageFor) -> None:
    put_draft_away(page_for("secretary"))


@pytest.fixture
def large_film(make_film: Callable[[str], Path], tmp_path: Path) -> Callable[[int], Path]:
    """A film that plays, made as large as wanted by a box that players skip."""

    def make(size: int) -> Path:
        film = tmp_path / "large.mp4"
        film.write_bytes(make_film(f"large-{size}").read_bytes())
        with film.open("ab") as file:
            room = size - file.tell()
            file.write(room.to_bytes(4, "big") + b"free")
            for start in range(8, room, MB):
                file.write(os.urandom(min(MB, room - start)))
        assert film.stat().st_size == size
        return film

    return make


def breaks(size: int, count: int) -> list[int]:
    """At equal distances of what is on the wire, none of them at the end of a chunk."""
    return [size * (number + 1) // (count + 1) + 77_777 for number in range(count)]


def patience(count: int) -> int:
    """Milliseconds: each break costs a pause before the next try."""
    return 60_000 * count


def expect_cheap(laid: Cable, size: int, count: int) -> None:
    """All breaks happened, and what was sent twice is small: a twentieth for a large film; a
    chunk before the first break and the smallest ones after it for a small one.
    """
    assert laid.cuts == count
    extra = laid.sent - size
    print(f"{size / MB:.0f} MB, {count} breaks: {extra / size:.2%} sent twice")
    assert extra <= max(0.05 * size, 2.5 * MB + (count - 1) * PIECE)


@pytest.mark.parametrize(("size", "count"), RUNS)
@pytest.mark.parametrize(("way", "protocol"), [("front", "http/1.1"), ("secure_front", "h2")])
def test_the_page_sends_a_film_over_a_line_that_breaks(
    site: Site,
    request: pytest.FixtureRequest,
    page_for: PageFor,
    large_film: Callable[[int], Path],
    way: str,
    protocol: str,
    size: int,
    count: int,
) -> None:
    front: Front = request.getfixturevalue(way)
    port = site.secure_port if protocol == "h2" else 0
    film = large_film(size)
    page = page_for("secretary", ignore_https_errors=True)
    with cable(front.url, cut_at=breaks(size, count), port=port, rate=FASTEST) as laid:
        page.goto(f"{laid.url}/upload/")
        spoken = "performance.getEntriesByType('navigation')[0].nextHopProtocol"
        assert page.evaluate(spoken) == protocol
        before, laid.sent = laid.sent, 0
        assert before < MB
        asked = pieces(front)
        choose(page, film)
        expect_state(page, "processing", "ready", timeout=patience(count))
        expect_cheap(laid, size, count)
        # They were small after the first break; a tenth as many where it is not noticed.
        assert pieces(front) - asked > 1.5 * size / MB
        assert sha256(original(site, asset_of(page))) == sha256(film)


def pieces(front: Front) -> int:
    return front.log.read_text().count('"PATCH ')


@pytest.mark.parametrize(("size", "count"), RUNS)
def test_a_stock_tus_js_client_sends_a_film_over_a_line_that_breaks(
    site: Site,
    front: Front,
    page_for: PageFor,
    large_film: Callable[[int], Path],
    size: int,
    count: int,
) -> None:
    film = large_film(size)
    page = page_for("secretary")
    with cable(front.url, cut_at=breaks(size, count)) as laid:
        page.goto(f"{laid.url}/upload/")
        laid.sent = 0
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<input type=file id=stock>')")
        page.set_input_files("#stock", film)
        page.evaluate(
            """(chunkSize) => {
              new tus.Upload(document.getElementById("stock").files[0], {
                endpoint: "/uploads/",
                chunkSize,
                retryDelays: [0, 500, 1000, 2000],
                headers: {
                  "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value,
                },
                onError: (problem) => { window.problem = String(problem); },
                onSuccess: ({ lastResponse }) => {
                  window.asset = lastResponse.getHeader("Lectern-Asset");
                },
              }).start();
            }""",
            PIECE,
        )
        page.wait_for_function("() => window.asset || window.problem", timeout=patience(count))
        assert page.evaluate("window.problem") is None
        expect_cheap(laid, size, count)
        assert sha256(original(site, page.evaluate("window.asset"))) == sha256(film)


@pytest.mark.parametrize(("size", "count"), RUNS)
def test_tuspy_sends_a_film_over_a_line_that_breaks(
    site: Site,
    front: Front,
    page_for: PageFor,
    large_film: Callable[[int], Path],
    size: int,
    count: int,
) -> None:
    film = large_film(size)
    jar = page_for("secretary").context.cookies()
    cookies = {cookie["name"]: cookie["value"] for cookie in jar}
    before = originals(site)
    with cable(front.url, cut_at=breaks(size, count)) as laid:
        client = TusClient(
            f"{laid.url}/uploads/",
            headers={
                "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
                "X-CSRFToken": cookies["csrftoken"],
                "Referer": laid.url,
            },
        )
        with film.open("rb") as stream:
            uploader = client.uploader(
                file_stream=stream,
                chunk_size=PIECE,
                upload_checksum=True,
                retries=count + 3,
                retry_delay=1,
            )
            uploader.upload()
        expect_cheap(laid, size, count)
    (asset,) = originals(site) - before
    assert sha256(original(site, asset)) == sha256(film)


def test_the_last_answer_may_get_lost(
    site: Site, front: Front, page_for: PageFor, large_film: Callable[[int], Path]
) -> None:
    """Everything arrived and the recording was made; the phone does not know and asks again."""
    film = large_film(6 * MB)
    page = page_for("secretary")
    before = originals(site)
    with cable(front.url) as laid:
        page.goto(f"{laid.url}/upload/")
        laid.lose = b"lectern-asset:"
        choose(page, film)
        expect_state(page, "processing", "ready")
        assert laid.lose is None
        assert laid.cuts == 1
        assert originals(site) - before == {asset_of(page)}
        assert sha256(original(site, asset_of(page))) == sha256(film)


def originals(site: Site) -> set[str]:
    return {path.name for path in (site.var / "media" / "originals").iterdir()}


def test_after_a_change_of_network_it_goes_on(
    site: Site, front: Front, page_for: PageFor, large_film: Callable[[int], Path]
) -> None:
    """The old connection is never answered again and never closed either."""
    film = large_film(6 * MB)
    page = page_for("secretary")
    with cable(front.url) as laid:
        page.goto(f"{laid.url}/upload/")
        line(page)(1_500_000)
        choose(page, film)
        wait_for(lambda: percent(page) >= 20, seconds=30, what="A fifth")
        laid.silence()
        page.evaluate("window.dispatchEvent(new Event('online'))")
        expect_state(page, "processing", "ready", timeout=120_000)
        assert sha256(original(site, asset_of(page))) == sha256(film)


def test_after_a_restart_of_the_browser_the_same_film_goes_on(
    site: Site,
    front: Front,
    browser: Browser,
    large_film: Callable[[int], Path],
    tmp_path: Path,
) -> None:
    film = large_film(6 * MB)

    def started(profile: Path) -> Page:
        context = browser.browser_type.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.goto(f"{front.url}/upload/")
        if "/accounts/login" in page.url:  # a session may end with its browser
            page.fill("input[name=login]", "secretary")
            page.fill("input[name=password]", site.password)
            page.click("form.login-form button:not([type=button])")
            page.wait_for_url(lambda url: "/accounts/login" not in url)
            page.goto(f"{front.url}/upload/")
        return page

    page = started(tmp_path / "profile")
    line(page)(1_000_000)
    choose(page, film)
    wait_for(lambda: percent(page) >= 40, seconds=30, what="Two fifths")
    page.context.close()

    page = started(tmp_path / "profile")
    try:
        offsets: list[int] = []
        page.on(
            "request",
            lambda request: (
                offsets.append(int(request.headers["upload-offset"]))
                if request.method == "PATCH"
                else None
            ),
        )
        choose(page, film)
        expect_state(page, "processing", "ready")
        assert offsets[0] >= MB
        assert sha256(original(site, asset_of(page))) == sha256(film)
    finally:
        page.context.close()


def test_a_film_plays_without_a_piece_of_it_reaching_python(
    site: Site, front: Front, page_for: PageFor
) -> None:
    page = page_for("member")
    said = site.var / "site.log"
    before = said.stat().st_size
    page.goto(f"{front.url}/library/?q=演示主讲人")
    page.locator("a.card-link").first.click()
    page.locator("[data-start]").click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 1", timeout=60_000)
    wait_for(lambda: "seg_" in front.log.read_text(), seconds=20, what="A segment from nginx")
    with said.open("rb") as log:
        log.seek(before)
        reached = log.read().decode(errors="replace")
    assert re.search(r'"GET /library/', reached)
    # A page of an earlier test may still fetch its pictures from the site itself.
    asked = [line for line in reached.splitlines() if '"GET /v/' in line]
    assert [line for line in asked if f'"{site.url}/' not in line] == []
