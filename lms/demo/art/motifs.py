"""Which scene and which accent colour a lecture's motif stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lms.demo.art import civic, land
from lms.demo.art.brush import Brush


@dataclass(frozen=True)
class Motif:
    """A scene and its accent: at least 4.5:1 on the paper ground, so that numerals may use it."""

    draw: Callable[[Brush], None]
    accent: str


MOTIFS: dict[str, Motif] = {
    "calendar": Motif(civic.calendar, "#a83c1a"),
    "forest": Motif(land.forest, "#23613f"),
    "fruit_tree": Motif(land.fruit_tree, "#7a4a33"),
    "geese": Motif(land.geese, "#1f6385"),
    "greenhouse": Motif(land.greenhouse, "#1c5563"),
    "millet": Motif(land.millet, "#7d5610"),
    "monument": Motif(land.monument, "#6b2a44"),
    "neighbourhood": Motif(civic.neighbourhood, "#276b60"),
    "notebook": Motif(civic.notebook, "#33424d"),
    "open_book": Motif(civic.open_book, "#8e0f15"),
    "phone_shield": Motif(civic.phone_shield, "#3d3a86"),
    "reading_lamp": Motif(civic.reading_lamp, "#1f3f66"),
    "warm_house": Motif(civic.warm_house, "#8a3f55"),
}
