"""A lecture on a weak line: 400 kb/s, 200 ms, an empty cache, in Chromium behind a real nginx with
the shipped configuration. On three films as long as lectures are (`long_films`); the worst counts.

Measured: seconds from the navigation to the first moving picture, for somebody who taps as soon as
there is something to tap; waits while the film runs on; what was asked for before. Reckoned: waits
until the film's end, by its bytes against the line.

WEAK_LINE_FOLDER keeps site and films for the next run, which then takes three minutes a film;
WEAK_LINE_FILMS names some of the films ("slides head"); WEAK_LINE_SECONDS is their length.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
from playwright.sync_api import Browser, sync_playwright

from benchmarks.figures import Figure
from benchmarks.line import PACKET, PACKET_HEAD, Line, weak_line
from benchmarks.long_films import FILMS, make_film
from tests.e2e.conftest import CHROMIUM, answers
from tests.services import accepts_tcp, free_port, wait_for

ROOT = Path(__file__).resolve().parent.parent
KEY = "key-of-the-benchmark-0123456789abcdef0123456789"
RATE, ROUND_TRIP = 400_000 / 8, 0.2
WATCHED_SECONDS = 75
FIRST_PICTURE_SECONDS = 3.0
ROUNDS = 3
AHEAD = 6  # as in static/js/player/start.js

SEED = """
from pathlib import Path
from django.utils import timezone
from cms.submissions import lecture_submit
from lms.demo.reviews import review_walk
from media_pipeline.ingest import ingest_finish, ingest_start
from organizations.models import User
owner = User.objects.get(username="secretary")
ingest = ingest_start(path=Path({film!r}), owner=owner, now=timezone.now(), wake=False)
asset = ingest_finish(ingest, inline=True, patience=1800)
page = lecture_submit(user=owner, asset=asset, title="弱网演示课")
lecture = review_walk(page).lecture
print("LECTURE", lecture.url, asset.package_id)
"""
# Taps as soon as the video is there, and writes down what happens.
WATCHER = """
window.weak = {first: 0, waits: []};
new MutationObserver((changes, observer) => {
  const video = document.querySelector('video');
  if (!video) { return; }
  observer.disconnect();
  const shown = () => { window.weak.first = performance.now(); };
  video.requestVideoFrameCallback(() => video.requestVideoFrameCallback(shown));
  video.addEventListener('waiting', () => {
    if (window.weak.first && !video.seeking && !video.ended) {
      window.weak.waits.push(video.currentTime);
    }
  });
  video.play().catch(() => {});
}).observe(document, {childList: true, subtree: true});
"""


OTHERS = (
    "performance.getEntries().filter((one) => !/low\\.mp4$/.test(one.name))"
    ".reduce((sum, one) => sum + (one.transferSize || 0), 0)"
)
UNDER_WAY = 12_000  # bytes on the line that have not arrived


def measure() -> list[Figure]:
    kept = os.environ.get("WEAK_LINE_FOLDER", "")
    names = os.environ.get("WEAK_LINE_FILMS", " ".join(FILMS)).split()
    with contextlib.ExitStack() as stack:
        folder = Path(kept or stack.enter_context(tempfile.TemporaryDirectory("-lectern-bench")))
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
        front, lectures = stack.enter_context(site(folder, names))
        playwright = stack.enter_context(sync_playwright())
        arguments = ["--no-sandbox", "--disable-gpu"]
        arguments += ["--autoplay-policy=no-user-gesture-required"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        accounts = json.loads((folder / "var" / "demo-accounts.json").read_text())
        cookies = sign_in(browser, f"http://127.0.0.1:{front}", accounts[0]["password"])
        found = [
            figure
            for name in names
            for figure in figures(browser, front, cookies, folder, name, lectures[name])
        ]
        browser.close()
    return found


def figures(
    browser: Browser, front: int, cookies: Any, folder: Path, name: str, lecture: tuple[str, str]
) -> list[Figure]:
    url, package = lecture
    visits = []
    for round_ in range(ROUNDS):
        with weak_line(front, rate=RATE, round_trip=ROUND_TRIP) as line:
            seconds = WATCHED_SECONDS if round_ == ROUNDS - 1 else 0
            visits.append(watch(browser, line, url, cookies, seconds=seconds))
    firsts = sorted(visit["first"] / 1000 for visit in visits)
    last = visits[-1]
    film = folder / "var" / "media" / "packages" / package / "low.mp4"
    lead = least_lead(film, visit=last)
    sys.stderr.write(f"  {name}: first pictures {firsts}, then {last}, least lead {lead:.1f} s\n")
    sound = film.with_name("sound.mp4").stat().st_size * 8 / 1000 / length(film)
    return [
        Figure(f"{name}: first picture, the latest", firsts[-1], FIRST_PICTURE_SECONDS, "s"),
        Figure(f"{name}: waits in {WATCHED_SECONDS} s", len(last["waits"]), 0),
        Figure(f"{name}: waits to the end, reckoned", max(0.0, -lead), 0, "s"),
        # The style sheet, three scripts, the icon.
        Figure(f"{name}: asked for before it, page and film apart", last["before"], 5),
        Figure(f"{name}: sound alone", sound, 64, "kb/s"),
    ]


def packets(film: Path) -> Iterator[tuple[float, int]]:
    """(second at which it is wanted, place of its last byte) of each picture and bit of sound."""
    with av.open(str(film)) as container:
        for packet in container.demux():
            if packet.pts is not None and packet.pos is not None:
                yield float(packet.pts * packet.time_base), packet.pos + packet.size


def length(film: Path) -> float:
    return max(second for second, _ in packets(film))


def least_lead(film: Path, *, visit: dict[str, Any]) -> float:
    """By how many seconds the line is ahead of the film where that is least, from the first picture
    to the end. What the page asks for once six seconds lie ready comes all at once there.
    """
    rate = RATE * PACKET / (PACKET + PACKET_HEAD)
    return min(
        second - (end + (visit["later"] if second >= AHEAD else 0) - visit["film"]) / rate
        for second, end in packets(film)
        if end > visit["film"]
    )


def sign_in(browser: Browser, url: str, password: str) -> Any:
    context = browser.new_context(base_url=url, locale="zh-CN")
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "member")
    page.fill("input[name=password]", password)
    page.click("form.login-form button:not([type=button])")
    page.wait_for_url(lambda address: "/accounts/login" not in address)
    state = context.storage_state()
    context.close()
    return state


def watch(browser: Browser, line: Line, url: str, cookies: Any, *, seconds: int) -> dict[str, Any]:
    """One visit with an empty cache on the weak line; `seconds` of watching after the start."""
    context = browser.new_context(
        storage_state=cookies, locale="zh-CN", viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.add_init_script(WATCHER)
    page.goto(line.url + url, wait_until="commit", timeout=60_000)
    page.wait_for_function("() => window.weak && window.weak.first > 0", timeout=60_000)
    carried, ready = line.carried, page.evaluate(OTHERS)
    before = sum(1 for _, path in line.asked if path != url and "/v/" not in path)
    if seconds:
        page.wait_for_function(
            f"() => document.querySelector('video').currentTime >= {seconds}",
            timeout=seconds * 3000,
        )
    found: dict[str, Any] = page.evaluate(
        "Object.assign({src: document.querySelector('video').currentSrc.split('/').pop(),"
        " ready: Boolean(document.querySelector('.player.is-ready')),"
        " percent: document.querySelector('[data-watch-percent]').textContent,"
        " hls: performance.getEntriesByType('resource').some((one) => /hls\\/hls/.test(one.name))},"
        " window.weak)"
    )
    later = page.evaluate(OTHERS) - ready
    context.close()
    return {**found, "before": before, "later": later, "film": carried - ready - UNDER_WAY}


@contextlib.contextmanager
def site(folder: Path, names: list[str]) -> Iterator[tuple[int, dict[str, tuple[str, str]]]]:
    """The whole site behind nginx with a lecture of each film; yields nginx's port, and address and
    package of each lecture. What a folder has of an earlier run is not made again.
    """
    var, port, front = folder / "var", free_port(), free_port()
    var.mkdir(exist_ok=True)
    environment = {
        **{name: value for name, value in os.environ.items() if name != "REDIS_URL"},
        "LECTERN_VAR": str(var),
        "LECTERN_MODE": "demo",
        "LECTERN_DEMO": "0",
        "PORT": str(port),
        "DELIVERY_KEY_A": KEY,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "config.supervisor"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    known = folder / "lectures.json"
    try:
        up = f"http://127.0.0.1:{port}/healthz"
        wait_for(lambda: answers(up), seconds=600, what="The site's start")
        lectures = json.loads(known.read_text()) if known.exists() else {}
        for name in names:
            if name not in lectures:
                lectures[name] = publish(name, folder, environment)
                known.write_text(json.dumps(lectures))
        with nginx(folder, var, port=front, upstream=port):
            yield front, lectures
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def publish(name: str, folder: Path, environment: dict[str, str]) -> tuple[str, str]:
    seconds = int(os.environ.get("WEAK_LINE_SECONDS", "1200"))
    with tempfile.TemporaryDirectory(dir=folder) as work:
        film = make_film(name, Path(work), seconds=seconds)
        seeded = subprocess.run(
            [sys.executable, "manage.py", "shell", "-c", SEED.format(film=str(film))],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
    found = re.search(r"LECTURE \S*?(/library/\S+) (\S+)", seeded.stdout)
    assert found, seeded.stdout + seeded.stderr
    return found[1], found[2]


@contextlib.contextmanager
def nginx(folder: Path, var: Path, *, port: int, upstream: int) -> Iterator[None]:
    """deploy/nginx.conf in a real nginx."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    names = {
        "LECTERN_LISTEN": f"127.0.0.1:{port}",
        "LECTERN_SERVER_NAME": "localhost",
        "LECTERN_UPSTREAM": f"127.0.0.1:{upstream}",
        "LECTERN_BEATS": f"127.0.0.1:{upstream}",
        "LECTERN_EXTRA": f"{folder}/extra/*.conf",
        "LECTERN_MEDIA": f"{folder}/folder.conf",
        "LECTERN_STATIC": f"{var}/static",
        "LECTERN_LOG": f"{folder}/access.log",
        "DELIVERY_KEY_A": KEY,
        "DELIVERY_KEY_B": "",
    }
    for name, value in names.items():
        text = text.replace(f"${{{name}}}", value)
    (folder / "lectern.conf").write_text(text)
    media = (ROOT / "deploy" / "nginx-folder.conf").read_text()
    (folder / "folder.conf").write_text(
        media.replace("${LECTERN_PACKAGES}", f"{var}/media/packages")
    )
    (folder / "temp").mkdir(exist_ok=True)
    temp = "".join(
        f"{kind}_temp_path {folder}/temp/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\n"
        f"error_log {folder}/start.log;\nevents {{}}\n"
        "http {\ninclude /etc/nginx/mime.types;\n"
        f"{temp}include {folder}/lectern.conf;\n}}\n"
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        wait_for(lambda: accepts_tcp(port), seconds=20, what="nginx")
        yield
    finally:
        process.terminate()
        process.wait(10)
