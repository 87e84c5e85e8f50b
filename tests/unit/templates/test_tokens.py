"""The colours keep the contrasts that docs/design.md promises (WCAG 2.1, relative luminance)."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text(encoding="utf-8")


def tokens(selector: str) -> dict[str, str]:
    block = TOKENS.split(selector + " {", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9A-Fa-f]{6})", block))


def luminance(colour: str) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


STANDARD = tokens(":root")
ELDER = {**STANDARD, **tokens('[data-mode="elder"]')}


@pytest.mark.parametrize("colours", [STANDARD, ELDER], ids=["standard", "elder"])
@pytest.mark.parametrize(
    ("text", "ground", "ratio"),
    [
        ("ink", "ground", 7),
        ("ink-2", "ground", 7),
        ("ink-2", "surface", 7),
        ("ink-2", "ground-2", 6),
        ("red-deep", "ground", 7),
        ("red", "surface", 4.5),
        ("ok", "surface", 4.5),
        ("ok", "ground", 4.5),
        ("ink", "danger-ground", 7),
        ("ink", "warn-ground", 7),
        ("ink", "info-ground", 7),
        ("stage-ink", "stage", 7),
        ("stage-ink-2", "stage", 7),
        ("line-control", "ground", 3),
        ("line-control", "surface", 3),
        ("focus", "ground", 3),
    ],
)
def test_text_and_edges_stand_out_from_their_ground(
    colours: dict[str, str], text: str, ground: str, ratio: float
) -> None:
    assert contrast(colours[text], colours[ground]) >= ratio


def test_white_text_stands_out_from_the_primary_button() -> None:
    assert contrast("#FFFFFF", STANDARD["red"]) >= 6.5
