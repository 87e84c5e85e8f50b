"""A brush for flat scenes: shapes in units that fit any panel, drawn large and scaled down.

What belongs here: shapes, smooth edges, the coordinate system. What does not: what is drawn
(`land`, `civic`) and where on a page it stands (`slides`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from PIL import Image, ImageColor, ImageDraw

Point = tuple[float, float]
Colour = tuple[int, int, int]

_OVERSAMPLING = 3


def colour(name: str) -> Colour:
    red, green, blue = ImageColor.getrgb(name)[:3]
    return red, green, blue


def blend(first: str, second: str, share: float) -> str:
    """The colour `share` (0..1) of the way from the first to the second."""
    mixed = (round(a + (b - a) * share) for a, b in zip(colour(first), colour(second), strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)


class Brush:
    """Draws in a square from (-50, 0) to (50, 100), y downwards, that always fits the panel.

    The panel reaches further than the square on its long side; `left`, `right`, `top` and
    `bottom` are its edges in the same units, for skies and grounds.
    """

    def __init__(self, *, width: int, height: int, ground: str) -> None:
        self._size = (width, height)
        self._unit = min(width, height) / 100 * _OVERSAMPLING
        self._x0 = width * _OVERSAMPLING / 2
        # In a tall panel the scene stands a little below the middle: more sky than soil.
        self._y0 = (height - min(width, height)) * 0.58 * _OVERSAMPLING
        self._image = Image.new("RGB", (width * _OVERSAMPLING, height * _OVERSAMPLING), ground)
        self._draw = ImageDraw.Draw(self._image)
        self.left = -self._x0 / self._unit
        self.right = -self.left
        self.top = -self._y0 / self._unit
        self.bottom = (height * _OVERSAMPLING - self._y0) / self._unit

    def finished(self) -> Image.Image:
        return self._image.resize(self._size, Image.Resampling.LANCZOS)

    def _at(self, point: Point) -> Point:
        return self._x0 + point[0] * self._unit, self._y0 + point[1] * self._unit

    def sky(self, above: str, below: str, *, horizon: float) -> None:
        """A vertical gradient from the top edge down to the horizon."""
        end = max(1, round(self._at((0, horizon))[1]))
        strip = Image.new("RGB", (1, 64))
        strip.putdata([colour(blend(above, below, row / 63)) for row in range(64)])
        width = self._image.width
        self._image.paste(strip.resize((width, end), Image.Resampling.BILINEAR), (0, 0))

    def shape(self, points: Sequence[Point], fill: str) -> None:
        self._draw.polygon([self._at(point) for point in points], fill=fill)

    def disc(self, x: float, y: float, radius: float, fill: str) -> None:
        self.oval(x, y, radius, radius, fill)

    def oval(
        self, x: float, y: float, rx: float, ry: float, fill: str, *, turn: float = 0.0
    ) -> None:
        """An ellipse, turned clockwise by `turn` degrees."""
        cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        ring = []
        for step in range(72):
            a, b = math.cos(step * math.tau / 72) * rx, math.sin(step * math.tau / 72) * ry
            ring.append((x + a * cos - b * sin, y + a * sin + b * cos))
        self.shape(ring, fill)

    def box(
        self, x0: float, y0: float, x1: float, y1: float, fill: str, *, radius: float = 0.0
    ) -> None:
        corners = (*self._at((x0, y0)), *self._at((x1, y1)))
        self._draw.rounded_rectangle(corners, radius=radius * self._unit, fill=fill)

    def line(self, points: Sequence[Point], width: float, fill: str) -> None:
        """A line with round joints and ends; width in units."""
        placed = [self._at(point) for point in points]
        thick = max(1, round(width * self._unit))
        self._draw.line(placed, fill=fill, width=thick, joint="curve")
        half = thick / 2
        for x, y in (placed[0], placed[-1]):
            self._draw.ellipse((x - half, y - half, x + half, y + half), fill=fill)

    def curve(self, start: Point, pull: Point, end: Point, width: float, fill: str) -> None:
        """A quadratic curve from start to end, pulled towards the middle point."""
        self.line(bent(start, pull, end), width, fill)

    def taper(self, points: Sequence[Point], first: float, last: float, fill: str) -> None:
        """A line whose width goes from first to last: trunks, twigs, paths."""
        steps = len(points) - 1
        for index in range(steps):
            width = first + (last - first) * index / max(1, steps - 1)
            self.line(points[index : index + 2], width, fill)

    def arch(self, x: float, y: float, rx: float, ry: float, width: float, fill: str) -> None:
        """The upper half of an ellipse, as a line."""
        self.line(_half_ellipse(x, y, rx, ry), width, fill)

    def dome(self, x: float, y: float, rx: float, ry: float, fill: str) -> None:
        """The upper half of an ellipse, filled."""
        self.shape(_half_ellipse(x, y, rx, ry), fill)

    def crescent(self, x: float, y: float, radius: float, fill: str) -> None:
        """A waxing moon."""
        outer = _half_ellipse(0, 0, radius, radius)
        inner = _half_ellipse(0, 0, radius, radius * 0.38)[::-1]
        # The halves lie on their backs; a turn by 60 degrees sets them up.
        cos, sin = math.cos(math.radians(60)), math.sin(math.radians(60))
        self.shape(
            [(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in [*outer, *inner]], fill
        )

    def hills(self, tops: Sequence[Point], fill: str) -> None:
        """Ground with a soft outline through the given tops, down to the lower edge."""
        outline: list[Point] = [(self.left, tops[0][1])]
        padded = [(self.left, tops[0][1]), *tops, (self.right, tops[-1][1])]
        for before, after in pairwise(padded):
            for step in range(1, 17):
                share = step / 16
                ease = (1 - math.cos(share * math.pi)) / 2
                outline.append(
                    (
                        before[0] + (after[0] - before[0]) * share,
                        before[1] + (after[1] - before[1]) * ease,
                    )
                )
        self.shape([*outline, (self.right, self.bottom), (self.left, self.bottom)], fill)

    def floor(self, y: float, fill: str) -> None:
        self.shape(
            [(self.left, y), (self.right, y), (self.right, self.bottom), (self.left, self.bottom)],
            fill,
        )


def _half_ellipse(x: float, y: float, rx: float, ry: float) -> list[Point]:
    return [
        (x - math.cos(step * math.pi / 60) * rx, y - math.sin(step * math.pi / 60) * ry)
        for step in range(61)
    ]


def bent(start: Point, pull: Point, end: Point, *, steps: int = 24) -> list[Point]:
    """Points of a quadratic curve."""
    points = []
    for step in range(steps + 1):
        t = step / steps
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
        points.append(
            (a * start[0] + b * pull[0] + c * end[0], a * start[1] + b * pull[1] + c * end[1])
        )
    return points
