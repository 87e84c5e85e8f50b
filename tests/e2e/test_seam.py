"""What two attempts made plays as one film, and so does the preview, which goes over into the film:
in Chromium, by hls.js.
"""

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.preview import preview
from media_pipeline.ffmpeg.resume import adopt
from tests.e2e.conftest import ROOT
from tests.integration.media_pipeline.ffmpeg.films import X264, cut_back, film, make

pytestmark = pytest.mark.e2e

SECONDS = 10
PAGE = """<video id="v" muted></video><script src="hls.min.js"></script><script>
const faults = [], hls = new Hls({startPosition: 0});
hls.on(Hls.Events.ERROR, (event, data) => faults.push(data.details));
hls.on(Hls.Events.MANIFEST_PARSED, () => { v.playbackRate = 2; v.play(); });
hls.loadSource(location.hash.slice(1)); hls.attachMedia(v);
</script>"""


FIRST_LOOK = """<video data-playlist="preview/short.m3u8" data-status-url="status.json" muted>
</video><script src="hls.min.js"></script><script type="module" src="preview.js"></script>"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("seam")
    source = film(
        folder / "film.mp4", size="854x480", rate=10, seconds=SECONDS, video=f"{X264} -bf 2 -g 20"
    )
    whole = make(source, folder / "whole")
    adopt(folder / "whole", folder / "mended")
    cut_back(folder / "mended", 1)
    make(source, folder / "mended", facts=whole.facts)
    preview(
        source=source,
        facts=whole.facts,
        out_dir=folder,
        on_step=lambda step, done: None,
        on_first_play=lambda path: None,
        should_stop=lambda: False,
        binary=ffmpeg_binary(),
    )
    shutil.copy(ROOT / "node_modules" / "hls.js" / "dist" / "hls.min.js", folder)
    (folder / "page.html").write_text(PAGE)
    for name in ("preview.js", "requests.js"):
        shutil.copy(ROOT / "static" / "js" / "upload" / name, folder)
    (folder / "look.html").write_text(FIRST_LOOK)
    lines = (folder / "preview" / "index.m3u8").read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if line.endswith(".m4s")) + 1
    (folder / "preview" / "short.m3u8").write_text(
        "\n".join([*lines[:first], "#EXT-X-ENDLIST", ""])
    )
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/page.html"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("what", ["mended/master.m3u8", "preview/index.m3u8"])
def test_it_plays_from_the_first_to_the_last_picture(
    browser: Browser, address: str, what: str
) -> None:
    page = browser.new_page()
    page.goto(f"{address}#{what}")
    page.wait_for_function("v.ended", timeout=60_000)
    faults, duration, pictures, pieces = page.evaluate(
        "[faults, v.duration, v.getVideoPlaybackQuality().totalVideoFrames, v.buffered.length]"
    )
    page.close()
    assert faults == []
    assert abs(duration - SECONDS) < 0.1
    assert pictures == SECONDS * 10
    assert pieces == 1


def test_a_first_look_at_the_beginning_goes_over_into_the_film(
    browser: Browser, address: str
) -> None:
    told = [{"state": "processing", "playlist": "preview/short.m3u8", "film": ""}]
    page = browser.new_page()
    page.route("**/status.json", lambda route: route.fulfill(json=told[-1]))
    page.goto(address.replace("page.html", "look.html"))
    with page.expect_response("**/status.json"):
        page.evaluate("document.querySelector('video').play()")
    video = page.locator("video")
    assert video.evaluate("video => video.ended")
    assert video.evaluate("video => video.duration") < SECONDS - 1
    told.append({"state": "ready", "playlist": "", "film": "whole/progressive.mp4"})
    page.wait_for_function(
        "(seconds) => Math.abs(document.querySelector('video').duration - seconds) < 0.2",
        arg=SECONDS,
    )
    page.wait_for_function("document.querySelector('video').ended", timeout=60_000)
    page.close()
