"""The picture of a lecture that is sound alone and brings no cover: a voice as bars. Pure.

Drawn by ffmpeg's own filters in the colours of the stage (docs/design.md), so that no image file
and no font is needed where media processes run. It shows nothing of the recording: two such
lectures look alike until the uploader changes the poster.
"""

from dataclasses import dataclass
from fractions import Fraction

STILL_WIDTH, STILL_HEIGHT = 640, 360
STILL_RATE = Fraction(10)  # the slowest rate that films get
STAGE, INK, RED, GOLD = "0x14110E", "0xF6F1E8", "0xB8141B", "0xC9962B"

_BAR, _STEP = 8, 16  # even, so that colour does not bleed
# Half heights in pixels of the bars from the middle outwards: two words and the breath between.
_HALVES = (76, 56, 66, 42, 28, 12, 6, 20, 38, 50, 34, 42, 24, 14, 8, 4, 2)
_MIDDLE = 160
_RULE_Y, _RULE_WIDTH = 282, 48


@dataclass(frozen=True)
class Box:
    """A filled rectangle: left, top, width and height in pixels."""

    x: int
    y: int
    width: int
    height: int
    colour: str


def still_boxes() -> tuple[Box, ...]:
    """What is painted on the stage, in order."""
    centre = STILL_WIDTH // 2
    bars = [
        Box(
            centre + side * number * _STEP - _BAR // 2,
            _MIDDLE - half,
            _BAR,
            2 * half,
            RED if number == 0 else INK,
        )
        for number, half in enumerate(_HALVES)
        for side in ((1,) if number == 0 else (-1, 1))
    ]
    return (*bars, Box(centre - _RULE_WIDTH // 2, _RULE_Y, _RULE_WIDTH, 2, GOLD))
