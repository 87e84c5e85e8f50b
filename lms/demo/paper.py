"""A sheet of paper to set type on: fonts by weight, text in design units, rules and marks.

What belongs here: putting one thing at one place. What does not: where things stand on a
page (`slides`) and how a paragraph breaks (`typesetting`).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from lms.demo.typesetting import lines_broken

GROUND = "#fbf8f3"
LINE = "#e7dfd3"
INK = "#1f1b16"
INK_2 = "#5c544a"
INK_RESTING = "#786e61"
RED = "#b8141b"
GOLD = "#c9962b"

SHORT_SIDE = 720
"""Design units along the short side of every sheet, whatever its pixels."""

_SMOOTHING = 4

_FILES = {
    "extralight": "200ExtraLight/NotoSansSC_200ExtraLight.ttf",
    "regular": "400Regular/NotoSansSC_400Regular.ttf",
    "medium": "500Medium/NotoSansSC_500Medium.ttf",
    "bold": "700Bold/NotoSansSC_700Bold.ttf",
    "black": "900Black/NotoSansSC_900Black.ttf",
}


@lru_cache(maxsize=128)
def _font(path: Path, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), pixels)


class Sheet:
    """One picture; all positions and sizes are design units, text stands on its baseline."""

    def __init__(self, *, width: int, height: int, font_dir: Path, ground: str = GROUND) -> None:
        self.image = Image.new("RGB", (width, height), ground)
        self._scale = min(width, height) / SHORT_SIDE
        self.width = width / self._scale
        self.height = height / self._scale
        self._font_dir = font_dir
        self._draw = ImageDraw.Draw(self.image)

    def _px(self, units: float) -> int:
        return round(units * self._scale)

    def _face(self, weight: str, size: float) -> ImageFont.FreeTypeFont:
        return _font(self._font_dir / _FILES[weight], max(6, self._px(size)))

    def measure(self, text: str, weight: str, size: float) -> float:
        return self._face(weight, size).getlength(text) / self._scale

    def text(
        self,
        x: float,
        y: float,
        text: str,
        weight: str,
        size: float,
        fill: str,
        *,
        anchor: str = "ls",
    ) -> None:
        """Draw one line. `anchor` as Pillow names it: ls from the left, rs to the right."""
        face = self._face(weight, size)
        self._draw.text((self._px(x), self._px(y)), text, font=face, fill=fill, anchor=anchor)

    def lines(
        self, text: str, weight: str, size: float, width: float, *, balanced: bool = False
    ) -> list[str]:
        return lines_broken(
            text,
            width=width,
            measure=lambda line: self.measure(line, weight, size),
            balanced=balanced,
        )

    def box(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        *,
        fill: str | None = None,
        outline: str | None = None,
        line: float = 1,
        radius: float = 0,
    ) -> None:
        """A rectangle that is never thinner than one pixel; round corners are smoothed."""
        left, top = self._px(x0), self._px(y0)
        width, height = max(1, self._px(x1) - left), max(1, self._px(y1) - top)
        if radius == 0 and fill is not None:
            self._draw.rectangle((left, top, left + width - 1, top + height - 1), fill=fill)
            return
        mask = Image.new("L", (width * _SMOOTHING, height * _SMOOTHING), 0)
        ImageDraw.Draw(mask).rounded_rectangle(
            (0, 0, width * _SMOOTHING - 1, height * _SMOOTHING - 1),
            radius=radius * self._scale * _SMOOTHING,
            fill=255 if fill else None,
            outline=255,
            width=max(_SMOOTHING, round(line * self._scale * _SMOOTHING)),
        )
        mask = mask.resize((width, height), Image.Resampling.LANCZOS)
        self.image.paste(fill or outline or INK, (left, top), mask)

    def picture(self, x: float, y: float, picture: Image.Image) -> None:
        self.image.paste(picture, (self._px(x), self._px(y)))

    def demo_mark(self, right: float, y: float, *, ink: str = INK_2) -> None:
        """The small 演示 in a gold frame, on every page, its right edge at `right`."""
        self.box(right - 56, y - 16, right, y + 16, outline=GOLD, line=1.5, radius=6)
        self.text(right - 28, y, "演示", "medium", 19, ink, anchor="mm")

    def seal(self, x: float, y: float) -> None:
        """The letterhead's seal: 微党课, white on red, a fine gold line inside."""
        self.box(x, y, x + 50, y + 122, fill=RED, radius=6)
        self.box(x + 4, y + 4, x + 46, y + 118, outline=GOLD, line=1.2, radius=3.5)
        for index, character in enumerate("微党课"):
            at = y + 28 + index * 33
            self.text(x + 25, at, character, "bold", 28, "#fff8ea", anchor="mm")
