"""The pictures of the help pages, taken of the demo: `make help-pictures` keeps them.

In `make test-long` they are taken and thrown away, which shows that every place still looks as the
help says. Small on purpose: a help page on a weak line is still a page.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.e2e.conftest import PHONE, ROOT, Site

pytestmark = [pytest.mark.e2e, pytest.mark.long]
LARGEST = 60 * 1000
DESK = 1200
HEIGHTS = {PHONE: 700, DESK: 720}
QUALITIES = (82, 70, 58, 46, 34)


@dataclass(frozen=True)
class Picture:
    """Of whom, at which address (or a link that leads on from there), wide or narrow; what is
    opened before, and what stands at the top.
    """

    role: str
    address: str
    width: int = PHONE
    follow: str = ""
    press: str = ""
    see: str = ""


PICTURES = {
    "member-home": Picture("member", "/"),
    "member-lecture": Picture("member", "/library/", follow="a.card-link"),
    "member-search": Picture("member", "/library/?q=演示"),
    "uploader-form": Picture("secretary", "/upload/"),
    "uploader-timeline": Picture(
        "secretary", "/upload/", press=".submissions >> text=查看过程", see=".submissions"
    ),
    "reviewer-queue": Picture("reader", "/review/"),
    "reviewer-sheet": Picture("reader", "/review/", DESK, follow="a.review-link"),
    "curator-desk": Picture("curator", "/admin/", DESK),
    "curator-lectures": Picture("curator", "/admin/lectures/", DESK),
    "curator-embed": Picture("curator", "/lectures/{open}/embed/", DESK, see="#code-title"),
    "administrator-unit": Picture("admin", "/units/211302/", DESK),
    "administrator-import": Picture("admin", "/roster/import/", DESK, see="h2 >> text=模板"),
}


def submissions_fill(site: Site) -> None:
    """What the whole demo has besides: submissions at every place of the way."""
    environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    environment |= {"LECTERN_MODE": "demo", "LECTERN_VAR": str(site.var)}
    code = "from lms.demo.seed import pending_fill; pending_fill(say=print)"
    argv = [sys.executable, "manage.py", "shell", "-c", code]
    subprocess.run(argv, cwd=ROOT, env=environment, check=True)


def opened_lecture(site: Site) -> int:
    """One that strangers see."""
    with urllib.request.urlopen(f"{site.url}/api/v1/lectures/") as answer:
        return int(json.load(answer)["lectures"][0]["id"])


def small(picture: bytes) -> bytes:
    """As WebP, in the best of a few qualities that is small enough."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for quality in QUALITIES:
        found = io.BytesIO()
        image.save(found, "WEBP", quality=quality, method=6)
        if found.tell() < LARGEST:
            return found.getvalue()
    raise AssertionError(f"{found.tell()} bytes")


def test_every_picture_of_the_help_can_be_taken(
    page_for: Callable[..., Page], site: Site, tmp_path: Path
) -> None:
    submissions_fill(site)
    opened = opened_lecture(site)
    kept = os.environ.get("LECTERN_HELP_PICTURES")
    folder = ROOT / kept if kept else tmp_path
    for name, wanted in PICTURES.items():
        page = page_for(wanted.role, wanted.width, HEIGHTS[wanted.width])
        page.goto(wanted.address.format(open=opened))
        if wanted.follow:
            address = page.locator(wanted.follow).first.get_attribute("href")
            assert address, name
            page.goto(address)
        page.wait_for_load_state("networkidle")
        if wanted.press:
            page.locator(wanted.press).first.click()
        if wanted.see:
            page.locator(wanted.see).first.evaluate("part => part.scrollIntoView()")
        (folder / f"{name}.webp").write_bytes(small(page.screenshot()))
        page.context.close()
    assert {one.stem for one in folder.glob("*.webp")} == set(PICTURES)
