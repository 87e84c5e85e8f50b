"""A whole site for the browser tests: the supervisor of `make run` with two demo lectures.

Media addresses live for 20 s only, so every test that watches also proves their renewal. The
database begins as a copy of a migrated one where tests/run.py names it; test_front_door migrates.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.services import ServiceMissing, free_port, wait_for

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
LECTURES = 2
SESSION = "sessionid"
PHONE, DESKTOP = 390, 1440
# Width and reading mode. The two that are furthest apart stand for all four.
LOOKS = [
    pytest.param(PHONE, "elder", id="phone-elder"),
    pytest.param(DESKTOP, "standard", id="desktop-standard"),
    pytest.param(PHONE, "standard", id="phone-standard", marks=pytest.mark.long),
    pytest.param(DESKTOP, "elder", id="desktop-elder", marks=pytest.mark.long),
]


@dataclass(frozen=True)
class Site:
    url: str
    var: Path
    password: str
    # Where a unit's own site may stand, whose pages show the player in a frame.
    unit_port: int
    # Where the site may be reached over TLS, too.
    secure_port: int


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def demo_done(var: Path) -> bool:
    path = var / "demo-progress.json"
    if not path.exists():
        return False
    progress = json.loads(path.read_text())
    return bool(progress["done"] == progress["total"] == LECTURES)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    var = ROOT / "var" / "test" / "e2e"
    shutil.rmtree(var, ignore_errors=True)
    var.mkdir(parents=True)
    if migrated := os.environ.get("LECTERN_MIGRATED"):
        shutil.copy(migrated, var / "db.sqlite3")
    port, unit_port, secure_port = free_port(), free_port(), free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if name != "REDIS_URL"},
        "PORT": str(port),
        "LECTERN_VAR": str(var),
        "LECTERN_MODE": "demo",
        "DEMO_LECTURES": str(LECTURES),
        "DELIVERY_LIFETIME": "20",
        "EMBED_SITES": f"http://127.0.0.1:{unit_port}",
        "CSRF_TRUSTED_ORIGINS": f"https://127.0.0.1:{secure_port}",
        # What reaches Python can be read in the site's log.
        "GUNICORN_CMD_ARGS": "--access-logfile -",
    }
    with (var / "site.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.supervisor"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(lambda: answers(f"{url}/healthz"), seconds=600, what="The site's start")
            wait_for(lambda: demo_done(var), seconds=600, what="Filling the demo")
            password = json.loads((var / "demo-accounts.json").read_text())[0]["password"]
            yield Site(url, var, password, unit_port, secure_port)
        except BaseException:
            print((var / "site.log").read_text()[-5000:])
            raise
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        raise ServiceMissing(f"{CHROMIUM} is not installed.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def context_for(browser: Browser, site: Site) -> Iterator[Callable[..., BrowserContext]]:
    """A fresh browser profile, as another device would be."""
    opened: list[BrowserContext] = []

    def make(width: int = PHONE, height: int = 844, **options: object) -> BrowserContext:
        context = browser.new_context(
            base_url=site.url,
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(30_000)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture(scope="session")
def sessions() -> dict[str, str]:
    """The session of each demo account that has signed in; hashing a password takes its time."""
    return {}


@pytest.fixture
def page_for(
    context_for: Callable[..., BrowserContext], site: Site, sessions: dict[str, str]
) -> Callable[..., Page]:
    """A home page signed in as one of the demo accounts: through the form when `anew`, so that it
    is a session of its own, else by the account's last session while that lasts.
    """

    def make(
        role: str, width: int = PHONE, height: int = 844, *, anew: bool = False, **options: object
    ) -> Page:
        context = context_for(width, height, **options)
        page = context.new_page()
        if role in sessions and not anew:
            context.add_cookies([{"name": SESSION, "value": sessions[role], "url": site.url}])
            if context.request.get("/me/", max_redirects=0).ok:
                page.goto("/")
                return page
            context.clear_cookies()
        page.goto("/accounts/login/")
        page.fill("input[name=login]", role)
        page.fill("input[name=password]", site.password)
        page.click("form.login-form button:not([type=button])")
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        if not anew:
            kept = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
            sessions[role] = kept[SESSION]
        return page

    return make


@pytest.fixture(scope="session")
def make_film(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Three seconds of small pictures in 5 MB, so that a slow line has something to carry."""
    folder = tmp_path_factory.mktemp("films")

    def make(name: str) -> Path:
        film = folder / f"{name}.mp4"
        argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"]
        argv += ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=3"]
        argv += ["-f", "lavfi", "-i", "sine=440:d=3", "-c:v", "libx264"]
        argv += ["-preset", "ultrafast", "-b:v", "14M", "-minrate", "14M", "-maxrate", "14M"]
        argv += ["-bufsize", "14M", "-x264-params", "nal-hrd=cbr", "-c:a", "aac"]
        # No two films are the same, or the second would not be sent at all.
        argv += ["-metadata", f"comment={uuid.uuid4()}", str(film)]
        subprocess.run(argv, check=True)
        return film

    return make
