"""The stylesheets stay on the floor of docs/design.md: Android WebView 78 and iOS 13 Safari."""

import re
from pathlib import Path

import pytest
from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "static/css"
SHEETS = sorted(FOLDER.glob("*.css"))

TOO_NEW = {
    "flex gap (grid-gap is known to both)": r"(?<![\w-])(?:row-|column-)?gap\s*:",
    "aspect-ratio": r"(?<![\w-])aspect-ratio\s*:",
    "inset": r"(?<![\w-])inset(?:-\w+)*\s*:",
    "logical properties": r"(?:margin|padding|border)-(?:inline|block)",
    "selector lists": r":(?:is|where|has)\(",
    "clamp()": r"(?<![\w-])clamp\(",
    "dynamic viewport units": r"\d(?:dvh|svh|lvh|dvw)\b",
    "cascade layers and container queries": r"@(?:layer|container)\b",
    "range media queries": r"@media[^{]*[<>]",
    "nesting": r"(?m)^\s+&",
    "colour functions": r"(?:color-mix|oklch|lab)\(",
}


def plain(sheet: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
@pytest.mark.parametrize("feature", TOO_NEW)
def test_sheet_uses_nothing_newer_than_the_floor(sheet: Path, feature: str) -> None:
    assert re.findall(TOO_NEW[feature], plain(sheet)) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_clamped_lines_have_a_height_for_browsers_that_do_not_clamp(sheet: Path) -> None:
    rules = re.findall(r"\{([^{}]*)\}", plain(sheet))
    assert [r for r in rules if "-webkit-line-clamp" in r and "max-height" not in r] == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_max_and_min_only_refine_a_plain_value(sheet: Path) -> None:
    for rule in re.findall(r"\{([^{}]*)\}", plain(sheet)):
        known: set[str] = set()
        for declaration in filter(None, (part.strip() for part in rule.split(";"))):
            name, _, value = declaration.partition(":")
            if re.search(r"(?<![\w-])(?:max|min)\(", value):
                assert name in known, declaration
            known.add(name)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_variable_is_a_token(sheet: Path) -> None:
    declared = set(re.findall(r"(--[\w-]+)\s*:", plain(FOLDER / "tokens.css") + plain(sheet)))
    used = set(re.findall(r"var\((--[\w-]+)", plain(sheet)))
    # Wagtail declares its own.
    assert {name for name in used - declared if not name.startswith("--w-")} == set()
