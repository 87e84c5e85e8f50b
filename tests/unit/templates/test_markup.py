"""What holds for every template, whatever page it makes."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template, render_to_string
from django.utils import translation

FOLDER = Path(settings.BASE_DIR) / "templates"
PAGES = sorted(FOLDER.rglob("*.html"))
ICONS = sorted((FOLDER / "icons").glob("*.svg"))
# Read from somebody's disk: no policy applies, and no style sheet comes along.
TAKEN_ALONG = ["cms/pack/index.html", "privacy/export.html"]
STAND_ALONE = ["400.html", "403_csrf.html", "500.html", "503.html"]


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(FOLDER)) for path in paths]


@pytest.mark.parametrize("name", names(PAGES))
def test_template_is_well_formed(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("name", names(PAGES))
def test_markup_needs_no_exception_in_a_content_security_policy(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    tags = re.findall(r"<[a-z][^>]*>", text)
    assert [tag for tag in tags if re.search(r"\s(?:style|on[a-z]+)\s*=", tag)] == []
    if name in TAKEN_ALONG:
        return
    assert re.findall(r"<style\b", text) == []
    scripts = [tag for tag in tags if tag.startswith("<script")]
    assert [tag for tag in scripts if " src=" not in tag and "application/json" not in tag] == []


@pytest.mark.parametrize("name", names(PAGES))
def test_icons_that_are_drawn_exist(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    wanted = set(re.findall(r"icons/([\w-]+)\.svg", text))
    assert wanted <= {icon.stem for icon in ICONS}


@pytest.mark.parametrize("icon", ICONS, ids=lambda icon: icon.stem)
def test_icon_is_silent_and_takes_the_colour_of_its_text(icon: Path) -> None:
    text = icon.read_text(encoding="utf-8")
    assert 'aria-hidden="true"' in text
    assert 'focusable="false"' in text
    assert "currentColor" in text
    assert re.findall(r"#[0-9A-Fa-f]{3,6}", text) == []


@pytest.mark.parametrize("name", STAND_ALONE)
def test_page_for_a_broken_site_renders_without_any_context(name: str) -> None:
    with translation.override("en"):
        page = render_to_string(name)
    assert "<h1>" in page
    assert 'href="/"' in page


def test_watch_strip_draws_each_stretch_at_its_place() -> None:
    context = {"segments": [(0.0, 0.25), (0.5, 1 / 3)], "percent": 58, "completed": False}
    with translation.override("en"):
        strip = render_to_string("components/watch_strip.html", context)
    assert re.findall(r'<rect x="([\d.]+)" width="([\d.]+)"', strip) == [
        ("0.00000", "0.25000"),
        ("0.50000", "0.33333"),
    ]
    assert 'aria-label="Watched 58%"' in strip
    assert "is-complete" not in strip


def test_watch_strip_of_a_completed_lecture_keeps_its_gaps() -> None:
    context = {"segments": [(0.0, 0.95)], "percent": 95, "completed": True}
    with translation.override("en"):
        strip = render_to_string("components/watch_strip.html", context)
    assert 'width="0.95000"' in strip
    assert 'class="strip is-complete"' in strip
    assert 'aria-label="Watched to completion"' in strip


def test_card_without_a_poster_shows_its_title_on_the_ground() -> None:
    lecture = {"title": "冬季修剪", "url": "/library/a/", "poster_url": "", "strip": None}
    card = render_to_string("components/lecture_card.html", {"lecture": lecture})
    assert "poster-blank-title" in card
    assert "<img" not in card


def test_card_of_a_portrait_recording_lays_the_picture_over_its_own_blur() -> None:
    lecture = {"title": "剪枝", "url": "/l/", "poster_url": "/p.jpg", "is_portrait": True}
    card = render_to_string("components/lecture_card.html", {"lecture": lecture})
    assert card.count('src="/p.jpg"') == 2
    assert "poster-portrait" in card
