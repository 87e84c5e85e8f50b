"""The help's pictures: there, small, of the size that the page says, and none too many."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image

PICTURES = Path(settings.BASE_DIR) / "static" / "help"
ARTICLES = sorted((Path(settings.BASE_DIR) / "templates" / "help").glob("*.html"))
SHOWN = re.compile(r'src="(help/[\w-]+\.webp)"( phone=True)?')
SIZES = {"": (1200, 720), " phone=True": (390, 700)}


def test_every_picture_is_shown_in_its_own_size_and_is_small() -> None:
    shown = [one for path in ARTICLES for one in SHOWN.findall(path.read_text(encoding="utf-8"))]
    assert {name for name, _phone in shown} == {f"help/{p.name}" for p in PICTURES.iterdir()}
    for name, phone in shown:
        path = PICTURES.parent / name
        assert path.stat().st_size < 60_000
        with Image.open(path) as image:
            assert image.size == SIZES[phone]


@pytest.mark.parametrize(
    "path",
    [p for p in ARTICLES if p.stem not in ("article", "index", "picture")],
    ids=lambda p: p.stem,
)
def test_an_article_speaks_chinese(path: Path) -> None:
    text = re.sub(r"\{%.*?%\}|<[^>]+>", " ", path.read_text(encoding="utf-8"))
    words = set(re.findall(r"[A-Za-z]{2,}", text))
    assert words <= {"Excel", "PDF", "SRT", "VTT", "tv", "xczx"}
