"""The pictures of the help pages, taken of the demo: `make help-pictures` keeps them.

In `make test-long` they are taken and thrown away, which shows that every place still looks as the
help says. Small on purpose: a help page on a weak line is still a page.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.e2e.conftest import PHONE, ROOT

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
        "secretary", "/upload/", press=".submissions summary", see=".submissions"
    ),
    "reviewer-queue": Picture("director", "/review/"),
    "reviewer-sheet": Picture("director", "/review/", DESK, follow="main a[href^='/review/']"),
    "curator-desk": Picture("curator", "/admin/", DESK),
    "curator-lectures": Picture("curator", "/admin/lectures/", DESK),
    "curator-embed": Picture(
        "curator", "/admin/lectures/?standing=open", DESK, follow="td.title a", see="#code-title"
    ),
    "administrator-unit": Picture("admin", "/units/211302/", DESK),
    "administrator-import": Picture("admin", "/roster/import/", DESK, see="h2 >> text=模板"),
}


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
    page_for: Callable[..., Page], tmp_path: Path
) -> None:
    kept = os.environ.get("LECTERN_HELP_PICTURES")
    folder = ROOT / kept if kept else tmp_path
    for name, wanted in PICTURES.items():
        page = page_for(wanted.role, wanted.width, HEIGHTS[wanted.width])
        page.goto(wanted.address)
        if wanted.follow:
            address = page.locator(wanted.follow).first.get_attribute("href")
            assert address, name
            if name == "curator-embed":
                address = f"/lectures/{address.split('/')[-3]}/embed/"
            page.goto(address)
        page.wait_for_load_state("networkidle")
        if wanted.press:
            page.locator(wanted.press).first.click()
        if wanted.see:
            page.locator(wanted.see).first.evaluate("part => part.scrollIntoView()")
        (folder / f"{name}.webp").write_bytes(small(page.screenshot()))
        page.context.close()
    assert {one.stem for one in folder.glob("*.webp")} == set(PICTURES)
