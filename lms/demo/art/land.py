"""Scenes of fields and hills: greenhouse, millet, fruit tree, forest, geese, memorial.

Each draws on a whole panel and keeps to a handful of colours of its own.
"""

from __future__ import annotations

import math

from lms.demo.art.brush import Brush, Point, bent, blend


def greenhouse(brush: Brush) -> None:
    """A warm greenhouse in the snow, at dusk."""
    brush.sky("#16384a", "#5f8f97", horizon=66)
    brush.crescent(30, 8, 6.5, "#f3e7c4")
    for x, y in ((-38, 2), (-20, 10), (8, -6), (44, 20), (-46, 22), (16, 16), (-6, 4)):
        brush.disc(x, y, 0.55, "#d9e6e2")
    brush.hills([(-44, 58), (-12, 50), (24, 60), (46, 53)], "#3d6f77")
    brush.floor(66, "#eef2ee")
    brush.dome(0, 84, 46.6, 46.6, "#ffffff")
    brush.dome(0, 84, 45.6, 45.6, "#fbf3dc")
    brush.dome(0, 84, 43, 43, "#f6e3ab")
    brush.box(-46, 84, 46, 86, "#c9b98c")
    for x, top in ((-27, 58), (-9, 50), (9, 50), (27, 58)):
        _tomato_plant(brush, x, top)
    for radius in (31, 15):
        brush.arch(0, 84, radius, 46, 0.9, "#ffffff")
    brush.box(-44, 61.4, 44, 62.2, "#ffffff")
    brush.floor(85, "#f7f9f5")
    brush.hills([(-30, 89), (6, 93), (36, 88)], "#e3ebe7")


def _tomato_plant(brush: Brush, x: float, top: float) -> None:
    brush.line([(x, 84), (x, top)], 0.8, "#4f7a3a")
    for index, leaf in enumerate(range(round(top) + 2, 83, 6)):
        side = 1 if index % 2 else -1
        brush.oval(x + side * 4.2, leaf, 4.4, 1.8, "#5b9145", turn=-side * 24)
        brush.oval(x - side * 3.6, leaf + 3, 3.8, 1.6, "#77a851", turn=side * 24)
    for dx, y, radius in ((-2.6, top + 13, 2.7), (2.4, top + 19, 3.0), (-2.2, top + 26, 3.2)):
        if y < 81:
            brush.disc(x + dx, y, radius, "#d8412c")
            brush.oval(x + dx - 0.9, y - 1.0, 0.8, 0.5, "#f0826a", turn=-30)


def millet(brush: Brush) -> None:
    """Heavy ears of millet over rows that a drip line waters."""
    brush.sky("#f4d58a", "#fbeec8", horizon=62)
    brush.disc(22, 18, 11, "#fff6dc")
    brush.hills([(-40, 52), (-8, 44), (30, 54), (48, 48)], "#d8b45c")
    brush.hills([(-46, 60), (0, 55), (40, 61)], "#b98f35")
    brush.floor(66, "#8a6326")
    for row in range(-8, 9):
        brush.shape(
            [
                (row * 7.0 - 0.8, 66),
                (row * 7.0 + 0.8, 66),
                (row * 20.0 + 3, brush.bottom),
                (row * 20.0 - 3, brush.bottom),
            ],
            "#76521e",
        )
    brush.line([(-2, 66), (-10, 82), (-22, 108)], 1.6, "#2d2a26")
    for x, y in ((-5.4, 73), (-11.6, 85), (-17, 97)):
        brush.oval(x + 4, y + 2.4, 4.6, 1.5, "#5a7f8a")
    for x, height, lean in (
        (-42, 40, 9),
        (-30, 30, 8),
        (-17, 36, 9),
        (33, 28, -9),
        (44, 38, -9),
        (20, 36, -8),
    ):
        _ear(brush, x, height, lean)


def _ear(brush: Brush, x: float, top: float, lean: float) -> None:
    brush.line(bent((x, 104), (x - lean * 0.3, 70), (x, top)), 1.1, "#7c8f3a")
    for y, side in ((88, 1), (78, -1), (67, 1)):
        brush.shape(
            [
                (x, y),
                *bent((x, y - 1), (x + side * 9, y - 13), (x + side * 16, y - 3)),
                *bent((x + side * 16, y - 3), (x + side * 8, y - 8), (x, y + 1.6)),
            ],
            "#93a546",
        )
    ear = bent((x, top), (x + lean * 0.7, top - 12), (x + lean * 1.9, top + 13), steps=26)
    for index, (px, py) in enumerate(ear):
        size = 1.5 + 2.1 * math.sin(math.pi * (index + 2) / 30)
        brush.disc(px, py, size, "#e6a92f" if index % 2 else "#f2c453")
        brush.disc(px + size * 0.55, py - size * 0.3, size * 0.32, "#fbe19a")


def fruit_tree(brush: Brush) -> None:
    """A pruned apple tree on a clear winter morning, shears below."""
    brush.sky("#e9c9b4", "#f8ebdc", horizon=74)
    brush.disc(-24, 22, 12, "#fdf6ea")
    brush.hills([(-38, 68), (-4, 60), (34, 70)], "#cdb6a6")
    brush.floor(78, "#f6f1ea")
    brush.hills([(-34, 84), (10, 80), (42, 86)], "#e8ded4")
    bark, young = "#4b352b", "#6b4a3a"
    brush.taper(bent((4, 88), (1, 70), (3, 52)), 8.2, 6.0, bark)
    limbs: tuple[tuple[Point, Point, Point, float], ...] = (
        ((3, 62), (-14, 54), (-30, 34), 4.2),
        ((3, 58), (20, 50), (34, 30), 4.2),
        ((3, 54), (2, 36), (6, 10), 4.6),
        ((-14, 51), (-26, 50), (-40, 50), 2.4),
        ((20, 48), (32, 48), (43, 50), 2.4),
        ((3, 38), (-8, 28), (-14, 12), 2.4),
        ((4, 34), (14, 26), (19, 10), 2.4),
    )
    for start, pull, end, width in limbs:
        path = bent(start, pull, end)
        brush.taper(path, width, 1.0, bark)
        for index, side in ((9, 1), (14, -1), (18, 1), (22, -1)):
            x, y = path[index]
            brush.taper(
                bent((x, y), (x + side * 2, y - 4), (x + side * 4.4, y - 8), steps=8),
                0.9,
                0.4,
                young,
            )
            brush.disc(x + side * 4.4, y - 8, 0.8, "#b8453a")
    for x, y, turn in ((-7, 58.2, 30), (12, 53.4, -30)):
        brush.oval(x, y - 2, 1.7, 1.2, "#e9c48c", turn=turn)
    brush.oval(4, 90, 12, 3.2, "#f1eae2")
    _shears(brush)


def _shears(brush: Brush) -> None:
    brush.taper(bent((-38, 93), (-30, 87), (-21, 87)), 2.6, 2.6, "#a8322c")
    brush.taper(bent((-35, 98), (-28, 93), (-21, 88.5)), 2.6, 2.6, "#a8322c")
    brush.shape(
        [*bent((-21.5, 89.5), (-14, 90), (-7, 84)), *bent((-7, 84), (-15, 85), (-22, 86))],
        "#7d8a90",
    )
    brush.shape(
        [*bent((-21, 86.4), (-15, 83), (-9, 81)), *bent((-9, 81), (-14, 86), (-21, 89))], "#9aa7ac"
    )
    brush.disc(-20.6, 87.7, 1.3, "#3c4448")


def forest(brush: Brush) -> None:
    """Ranks of pines, mist between them, a clear sky."""
    brush.sky("#bcd9cf", "#eef4e6", horizon=60)
    brush.disc(-20, 16, 8, "#fdf3cf")
    ranks = (
        (52, 13, "#9dc0ad", "#8ab39e", 11.0, 0),
        (66, 19, "#5f9479", "#4f8469", 14.0, 5),
        (84, 27, "#2f6a4c", "#245a40", 18.5, -3),
        (108, 36, "#17452f", "#0f3826", 25.0, 8),
    )
    for base, height, light, dark, step, shift in ranks:
        brush.hills([(-40, base - 5), (0, base - 2), (38, base - 6)], light)
        x = brush.left - step + shift
        index = 0
        while x < brush.right + step:
            tall = height * (0.82 + 0.18 * math.sin(index * 2.1))
            _pine(brush, x, base, tall, light if index % 2 else dark)
            x += step
            index += 1


def _pine(brush: Brush, x: float, base: float, height: float, fill: str) -> None:
    brush.box(
        x - height * 0.03,
        base - height * 0.14,
        x + height * 0.03,
        base - 0.4,
        blend(fill, "#2a1c12", 0.5),
    )
    for level in range(4):
        foot = base - height * (0.1 + level * 0.2)
        half = height * (0.27 - level * 0.052)
        brush.shape([(x - half, foot), (x + half, foot), (x, foot - height * 0.34)], fill)


def geese(brush: Brush) -> None:
    """A skein of geese over hills, a road that leads home."""
    brush.sky("#2f7199", "#bfdde0", horizon=70)
    brush.disc(24, 40, 10, "#fbe3b4")
    brush.hills([(-42, 58), (-14, 48), (18, 60), (46, 50)], "#6fa3a4")
    brush.hills([(-46, 66), (-4, 62), (30, 70)], "#47827f")
    brush.hills([(-30, 78), (8, 72), (44, 78)], "#2f6560")
    brush.shape(
        [
            *bent((9, 73.6), (-14, 80), (2, 88)),
            *bent((2, 88), (18, 96), (4, brush.bottom)),
            *bent((26, brush.bottom), (34, 94), (10, 87)),
            *bent((10, 87), (-3, 80), (11, 73.8)),
        ],
        "#efe0bd",
    )
    _house(brush, 16, 74)
    _house(brush, 27, 77)
    skein = ((-2, 12), (-12, 16), (-22, 20.5), (-32, 26), (9, 15.5), (20, 19.5), (31, 24))
    for index, (x, y) in enumerate(skein):
        _goose(brush, x, y - 1, 1.35 if index == 0 else 1.0)


def _house(brush: Brush, x: float, y: float) -> None:
    brush.box(x - 3.6, y - 4, x + 3.6, y + 1, "#f6ead2")
    brush.shape([(x - 4.8, y - 3.6), (x + 4.8, y - 3.6), (x, y - 8)], "#b2452f")
    brush.box(x - 0.9, y - 2.4, x + 0.9, y + 1, "#7a5233")


def _goose(brush: Brush, x: float, y: float, size: float) -> None:
    body = "#f8f4ea"
    brush.oval(x, y, 3.4 * size, 1.1 * size, body, turn=-8)
    brush.taper(
        [(x + 2.4 * size, y - 0.4 * size), (x + 6.0 * size, y - 1.8 * size)],
        0.9 * size,
        0.7 * size,
        body,
    )
    brush.shape([(x - 1.6 * size, y), (x + 1.2 * size, y), (x - 2.6 * size, y - 6.4 * size)], body)
    brush.shape(
        [(x - 1.8 * size, y + 0.2), (x + 0.8 * size, y + 0.4), (x - 4.6 * size, y + 3.8 * size)],
        "#dfe6e2",
    )
    brush.disc(x + 6.5 * size, y - 1.9 * size, 0.5 * size, "#d88a3a")


def monument(brush: Brush) -> None:
    """A plain stone among pines, at sunrise."""
    brush.sky("#4a2135", "#e59a63", horizon=72)
    brush.disc(0, 60, 25, "#eeb070")
    brush.disc(0, 60, 18, "#f6cf8b")
    brush.hills([(-46, 62), (-20, 54), (12, 63), (44, 52)], "#8c4848")
    brush.hills([(-40, 74), (0, 68), (40, 74)], "#5e2f3c")
    brush.floor(82, "#3e2030")
    brush.shape([(-4.6, 76), (4.6, 76), (3.0, 20), (0, 16), (-3.0, 20)], "#f4ead9")
    brush.shape([(0, 76), (4.6, 76), (3.0, 20), (0, 16)], "#ddccb4")
    for half, y in ((8, 76), (13, 79.4), (18, 82.8), (24, 86.2)):
        brush.box(-half, y, half, y + 3.5, "#efe2cc")
        brush.box(-half, y + 2.4, half, y + 3.5, "#cfbba0")
    for x, base, height in ((-38, 90, 44), (-27, 86, 30), (28, 86, 30), (39, 90, 46)):
        _pine(brush, x, base, height, "#2b2a2e" if height > 40 else "#443038")
    brush.shape([(-9, 89.7), (9, 89.7), (26, brush.bottom), (-26, brush.bottom)], "#7c5650")
