"""A lecture on a weak line: 400 kb/s, 200 ms, an empty cache, in Chromium behind a real nginx with
the shipped configuration.

Measured: seconds from the navigation to the first moving picture, for somebody who taps as soon as
there is something to tap; waits during two minutes of watching. The film is a drawing with a moving
corner and a noise for a voice; WEAK_LINE_FILM names another one.
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

from playwright.sync_api import Browser, sync_playwright

from benchmarks.figures import Figure
from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.runner import run
from tests.e2e.conftest import CHROMIUM, answers
from tests.services import accepts_tcp, free_port, wait_for

ROOT = Path(__file__).resolve().parent.parent
KEY = "key-of-the-benchmark-0123456789abcdef0123456789"
RATE, LATENCY_MS = 400_000 / 8, 200
WATCHED_SECONDS = 120
FIRST_PICTURE_SECONDS = 3.0
ROUNDS = 3

SEED = """
from pathlib import Path
from django.utils import timezone
from cms.submissions import lecture_submit
from lms.demo.reviews import review_walk
from media_pipeline.ingest import ingest_finish, ingest_start
from organizations.models import User
owner = User.objects.get(username="secretary")
ingest = ingest_start(path=Path({film!r}), owner=owner, now=timezone.now(), wake=False)
asset = ingest_finish(ingest, inline=True, patience=90)
page = lecture_submit(user=owner, asset=asset, title="弱网演示课")
print("LECTURE", review_walk(page).lecture.url)
"""
# Taps as soon as the video is there, and writes down what happens.
WATCHER = """
window.weak = {first: 0, waits: [], scripts: 0};
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


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="lectern-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with site(folder) as (url, lecture), sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM,
                args=[
                    "--no-sandbox",
                    "--disable-gpu",
                    "--autoplay-policy=no-user-gesture-required",
                ],
            )
            password = json.loads((folder / "var" / "demo-accounts.json").read_text())[0][
                "password"
            ]
            cookies = sign_in(browser, url, password)
            seen = [
                watch(browser, url + lecture, cookies, seconds=WATCHED_SECONDS if last else 0)
                for last in [False] * (ROUNDS - 1) + [True]
            ]
            browser.close()
    firsts = sorted(one["first"] / 1000 for one in seen)
    sys.stderr.write(f"  first pictures {firsts}, then {seen[-1]}\n")
    return [
        Figure(
            "first picture at 400 kb/s, 200 ms, empty cache",
            firsts[ROUNDS // 2],
            FIRST_PICTURE_SECONDS,
            "s",
        ),
        Figure(f"waits in {WATCHED_SECONDS} s at 360p", len(seen[-1]["waits"]), 0),
        Figure("KB of scripts in that time", seen[-1]["scripts"] / 1000, 100, "KB"),
    ]


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


def watch(browser: Browser, url: str, cookies: Any, *, seconds: int) -> dict[str, Any]:
    """One visit with an empty cache on the weak line; `seconds` of watching after the start."""
    context = browser.new_context(
        storage_state=cookies, locale="zh-CN", viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.add_init_script(WATCHER)
    carried: list[tuple[str, float]] = []
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    kinds: dict[str, str] = {}
    session.on(
        "Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]})
    )
    session.on(
        "Network.loadingFinished",
        lambda event: carried.append(
            (kinds.get(event["requestId"], ""), event["encodedDataLength"])
        ),
    )
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": RATE,
            "uploadThroughput": RATE,
        },
    )
    page.goto(url, wait_until="commit", timeout=60_000)
    page.wait_for_function("() => window.weak && window.weak.first > 0", timeout=60_000)
    if seconds:
        page.wait_for_function(
            f"() => document.querySelector('video').currentTime >= {seconds}",
            timeout=seconds * 3000,
        )
    found: dict[str, Any] = page.evaluate(
        "Object.assign({src: document.querySelector('video').currentSrc.split('/').pop(),"
        " ready: Boolean(document.querySelector('.player.is-ready')),"
        " percent: document.querySelector('[data-watch-percent]').textContent}, window.weak)"
    )
    found["scripts"] = sum(size for kind, size in carried if kind == "Script")
    found["css"] = sum(size for kind, size in carried if kind == "Stylesheet")
    found["page"] = sum(size for kind, size in carried if kind == "Document")
    found["images"] = sum(size for kind, size in carried if kind == "Image")
    context.close()
    return found


@contextlib.contextmanager
def site(folder: Path) -> Iterator[tuple[str, str]]:
    """The whole site behind nginx with one lecture; yields its address and the lecture's."""
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
    try:
        up = f"http://127.0.0.1:{port}/healthz"
        wait_for(lambda: answers(up), seconds=600, what="The site's start")
        film = Path(os.environ.get("WEAK_LINE_FILM") or make_film(folder / "film.mp4"))
        seeded = subprocess.run(
            [sys.executable, "manage.py", "shell", "-c", SEED.format(film=str(film))],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        found = re.search(r"LECTURE \S*?(/library/\S+)", seeded.stdout)
        assert found, seeded.stdout + seeded.stderr
        with nginx(folder, var, port=front, upstream=port):
            yield f"http://127.0.0.1:{front}", found[1]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def make_film(path: Path) -> Path:
    seconds = WATCHED_SECONDS + 30
    picture = (
        f"smptehdbars=s=1280x720:r=25:d={seconds}[a];testsrc2=s=240x136:r=25:d={seconds}[b];"
        "[a][b]overlay=format=auto,format=yuv420p"
    )
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"anoisesrc=d={seconds}:c=pink"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"]
    run([ffmpeg_binary(), "-nostdin", "-v", "error", *inputs, *codecs, str(path)], files=None)
    return path


@contextlib.contextmanager
def nginx(folder: Path, var: Path, *, port: int, upstream: int) -> Iterator[None]:
    """deploy/nginx.conf in a real nginx."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    names = {
        "LECTERN_LISTEN": f"127.0.0.1:{port}",
        "LECTERN_SERVER_NAME": "localhost",
        "LECTERN_UPSTREAM": f"127.0.0.1:{upstream}",
        "LECTERN_EXTRA": f"{folder}/extra/*.conf",
        "LECTERN_PACKAGES": f"{var}/media/packages",
        "LECTERN_STATIC": f"{var}/static",
        "LECTERN_LOG": f"{folder}/access.log",
        "DELIVERY_KEY_A": KEY,
        "DELIVERY_KEY_B": "",
    }
    for name, value in names.items():
        text = text.replace(f"${{{name}}}", value)
    (folder / "lectern.conf").write_text(text)
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
