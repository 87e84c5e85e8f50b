"""The style sheets of every page, sent as one."""

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import find
from django.core.files.storage import FileSystemStorage

from config.static import SITE_CSS, SITE_PARTS, StaticStorage, joined


def test_comments_and_indents_are_left_out_and_order_is_kept() -> None:
    sheets = ["/* one\n more */\na {\n  color: red;\n}\n", "b{}\n/* c */\n\n"]
    assert joined(sheets) == "a {\ncolor: red;\n}\nb{}\n"


def test_no_style_sheet_has_the_signs_of_a_comment_in_a_string() -> None:
    for part in SITE_PARTS:
        text = Path(str(find(part))).read_text("utf-8")
        assert text.count("/*") == text.count("*/")
        assert not [line for line in text.splitlines() if "url(" in line and "/*" in line]


def test_pages_ask_for_all_of_them_by_one_hashed_name(tmp_path: Path) -> None:
    storage = StaticStorage(location=str(tmp_path))
    sources = FileSystemStorage(location=settings.BASE_DIR / "static")
    for part in SITE_PARTS:
        with sources.open(part) as file:
            storage.save(part, file)
    list(storage.post_process({part: (sources, part) for part in SITE_PARTS}))

    name = storage.stored_name(SITE_CSS)
    assert name != SITE_CSS
    text = (tmp_path / name).read_text("utf-8")
    places = [text.index(mark) for mark in (":root", ".site-header", ".strip-")]
    assert places == sorted(places)
    assert (tmp_path / f"{name}.gz").stat().st_size < 12_000
