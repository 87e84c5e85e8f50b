"""Scenes of towns, rooms and papers: phone, calendar, houses, lamp, notebook, open book.

Each draws on a whole panel and keeps to a handful of colours of its own.
"""

from __future__ import annotations

from lms.demo.art.brush import Brush, bent


def phone_shield(brush: Brush) -> None:
    """A telephone behind a shield; the calls stay outside."""
    brush.sky("#2c2a63", "#4a4590", horizon=brush.bottom)
    for radius, fill in ((62, "#35316f"), (47, "#3f3b80"), (33, "#4d4895")):
        brush.disc(-4, 54, radius, fill)
    brush.box(-27, 12, 17, 94, "#15142f", radius=6)
    brush.box(-24.6, 15, 14.6, 91, "#f5f1e8", radius=4)
    brush.box(-11, 17, 1, 18.4, "#15142f", radius=0.7)
    brush.box(-20, 25, 10, 37, "#e2dccd", radius=3)
    brush.disc(-13.6, 31, 3.4, "#c64a3a")
    brush.line([(-15, 29.6), (-12.2, 32.4)], 0.9, "#ffffff")
    brush.line([(-12.2, 29.6), (-15, 32.4)], 0.9, "#ffffff")
    brush.box(-7, 28, 6.5, 29.6, "#a79f8f", radius=0.8)
    brush.box(-7, 32.4, 2.5, 34, "#c2baa9", radius=0.8)
    for y in (44, 52, 60):
        brush.box(-20, y, 10 if y != 60 else -2, y + 3, "#e2dccd", radius=1.5)
    _shield(brush, 16, 66, 24, "#e8b23c")
    _shield(brush, 16, 66, 20.5, "#f7d77c")
    brush.line([(7, 66), (13.4, 73.4), (26, 57)], 4.2, "#2c2a63")


def _shield(brush: Brush, x: float, y: float, size: float, fill: str) -> None:
    right = [
        *bent(
            (x, y - size * 1.12),
            (x + size * 0.5, y - size * 0.86),
            (x + size * 0.92, y - size * 0.8),
        ),
        *bent((x + size * 0.92, y - size * 0.8), (x + size, y + size * 0.55), (x, y + size * 1.15)),
    ]
    left = [(2 * x - px, py) for px, py in reversed(right)]
    brush.shape([*right, *left], fill)


def calendar(brush: Brush) -> None:
    """A desk calendar with one day marked, two cups beside it."""
    brush.sky("#d9653f", "#e98a5c", horizon=78)
    brush.disc(30, 14, 30, "#e07a50")
    brush.floor(78, "#a8402a")
    brush.shape([(-36, 84), (36, 84), (33, 88), (-33, 88)], "#8f3423")
    brush.box(-33, 26, 33, 84, "#fdf8ee", radius=3)
    brush.box(-33, 26, 33, 40, "#b8141b", radius=3)
    brush.box(-33, 36, 33, 40, "#b8141b")
    for x in (-20, -7, 7, 20):
        brush.disc(x, 31, 1.9, "#7e0d12")
        brush.box(x - 0.9, 20, x + 0.9, 31, "#f3d9b0", radius=0.9)
    for row in range(5):
        for column in range(7):
            x, y = -27 + column * 9, 47 + row * 8
            if (row, column) in ((0, 0), (0, 1), (4, 5), (4, 6)):
                continue
            brush.box(x - 2.4, y - 1.9, x + 2.4, y + 1.9, "#e9dfcd", radius=0.8)
    brush.disc(9, 63, 6.2, "#b8141b")
    brush.line([(6, 63), (8.4, 65.8), (12.4, 60.2)], 1.6, "#fdf8ee")
    for x, fill in ((-39, "#f6ead8"), (40, "#f6ead8")):
        brush.oval(x, 95.6, 11, 1.8, "#8f3423")
        brush.shape([(x - 7, 82), (x + 7, 82), (x + 5.2, 95), (x - 5.2, 95)], fill)
        brush.oval(x, 82, 7, 1.6, "#6d9a8a")
        brush.curve((x - 2, 77), (x - 5, 73), (x - 1, 69), 0.9, "#f3b48f")
        brush.curve((x + 2, 77), (x - 1, 73), (x + 3, 69), 0.9, "#f3b48f")


def neighbourhood(brush: Brush) -> None:
    """Homes around a court, cars in their places, a table in the middle."""
    brush.sky("#8fc7c0", "#e2f0e4", horizon=60)
    brush.disc(34, 10, 9, "#fff3c9")
    blocks = (
        (-50, -28, 20, "#f2ddbd"),
        (-26, -8, 10, "#e9a982"),
        (-6, 14, 24, "#f6ead6"),
        (16, 32, 14, "#d98c70"),
        (34, 52, 26, "#f2ddbd"),
    )
    for x0, x1, top, fill in blocks:
        brush.box(x0, top, x1, 66, fill)
        brush.box(x0 - 0.8, top - 2.2, x1 + 0.8, top, "#8d5a45")
        for y in range(round(top) + 5, 60, 9):
            for x in range(round(x0) + 3, round(x1) - 4, 7):
                lit = (x * 3 + y) % 5 == 0
                brush.box(x, y, x + 3.8, y + 4.8, "#f7cf6b" if lit else "#6f97a0")
    brush.floor(64, "#4f7f6b")
    brush.floor(70, "#d9d3c2")
    for x in range(-60, 70, 16):
        brush.shape([(x, 70), (x + 1.0, 70), (x - 2.6, 83), (x - 4.0, 83)], "#ffffff")
    for x, fill in ((-38, "#b9473a"), (2, "#e3a83c"), (35, "#2f6f80")):
        _car(brush, x, 77.6, fill)
    brush.floor(83, "#c6bea9")
    for x, y in ((-9, 84), (13, 84)):
        _neighbour(brush, x, y)
    brush.oval(2, 92.2, 17, 4.4, "#8d5a45")
    brush.oval(2, 90.8, 17, 4.4, "#b9805f")
    for x, y in ((-19, 90), (23, 90)):
        _neighbour(brush, x, y)
    for x, size in ((-33, 7.5), (31, 6.5)):
        brush.box(x - 0.7, 58, x + 0.7, 69, "#6b4a33")
        brush.disc(x, 55, size, "#3f8565")
        brush.disc(x - 2.4, 52.6, size * 0.6, "#5aa37f")


def _neighbour(brush: Brush, x: float, y: float) -> None:
    brush.oval(x, y + 3.2, 3.9, 4.8, "#2f6f80" if x in (-19, 13) else "#b9473a")
    brush.disc(x, y - 3.4, 2.7, "#f0cfae")
    brush.dome(x, y - 3.6, 2.8, 2.6, "#3a2d26")


def _car(brush: Brush, x: float, y: float, fill: str) -> None:
    brush.shape([(x - 4.4, y - 3.4), (x + 4.2, y - 3.4), (x + 2.8, y - 7), (x - 3, y - 7)], fill)
    brush.shape(
        [(x - 3.2, y - 3.6), (x + 3.1, y - 3.6), (x + 2.2, y - 6.2), (x - 2.4, y - 6.2)], "#dcebea"
    )
    brush.box(x - 7, y - 3.8, x + 7, y, fill, radius=1.4)
    for dx in (-4, 4):
        brush.disc(x + dx, y + 0.2, 1.7, "#2a2723")
        brush.disc(x + dx, y + 0.2, 0.7, "#c9c3b6")


def warm_house(brush: Brush) -> None:
    """A village house with lit windows; two neighbours at the door with a lunch box."""
    brush.sky("#7d4a63", "#f0ab86", horizon=74)
    brush.hills([(-40, 58), (-10, 50), (26, 60), (48, 52)], "#a2606a")
    brush.floor(74, "#d58b68")
    brush.hills([(-30, 90), (10, 86), (44, 91)], "#b96f54")
    brush.box(-32, 46, 36, 84, "#f8e8cf")
    brush.shape([(-40, 48), (44, 48), (34, 27), (-30, 27)], "#6a3440")
    for x in range(-34, 40, 8):
        brush.line([(x, 47), (x * 0.78, 28)], 0.6, "#834653")
    brush.box(24, 18, 30, 32, "#8d4c50")
    for radius, x, y in ((3, 28, 13), (4, 32, 7), (5, 38, 0)):
        brush.disc(x, y, radius, "#d9a398")
    for x in (-26, 16):
        brush.box(x, 54, x + 14, 70, "#b5543c", radius=1)
        brush.box(x + 1.4, 55.4, x + 12.6, 68.6, "#ffd877")
        brush.box(x + 6.4, 55, x + 7.6, 69, "#b5543c")
        brush.box(x + 1, 61.4, x + 13, 62.6, "#b5543c")
    brush.box(-8, 54, 8, 84, "#a8483a", radius=0.8)
    brush.box(-6.4, 56, 6.4, 84, "#c9624b")
    brush.disc(4.2, 70, 0.9, "#f8e8cf")
    brush.shape([(-10, 84), (10, 84), (13, 87), (-13, 87)], "#e9d5b8")
    for x, coat, hair, tall in ((-20, "#3f6f78", "#d9d4cc", 0.0), (-3, "#c23b32", "#2f2622", 1.5)):
        brush.shape(
            [(x - 4.4, 94), (x + 4.4, 94), (x + 3.2, 79 - tall), (x - 3.2, 79 - tall)], coat
        )
        brush.disc(x, 75.4 - tall, 3.6, "#f3cda9")
        brush.dome(x, 75 - tall, 3.8, 3.6, hair)
        brush.box(x - 3.2, 94, x - 0.6, 97, "#3a2a2a")
        brush.box(x + 0.6, 94, x + 3.2, 97, "#3a2a2a")
    brush.line([(-6, 81), (-11.6, 85.6)], 2.0, "#c23b32")
    brush.line([(-17, 82), (-12.4, 85.6)], 2.0, "#3f6f78")
    brush.box(-14.6, 86, -9, 91, "#f7d77c", radius=0.9)
    brush.arch(-11.8, 86, 2.2, 2.6, 0.6, "#8d5a2c")


def notebook(brush: Brush) -> None:
    """A minute book on a desk, a pen across it, a cup of tea."""
    brush.sky("#33424d", "#465863", horizon=brush.bottom)
    brush.oval(36, 10, 34, 34, "#50636f")
    brush.shape([(-33, 20), (24, 12), (37, 90), (-21, 98)], "#26323b")
    brush.shape([(-35, 17), (22, 9), (35, 87), (-23, 95)], "#fbf6ea")
    brush.shape([(-35, 17), (-27, 15.9), (-15, 93.9), (-23, 95)], "#b8141b")
    for row in range(9):
        y = 27 + row * 7.4
        x = -22 + row * 1.14
        brush.line(
            [
                (x, y),
                (x + (44 if row not in (3, 8) else 25), y - (6.2 if row not in (3, 8) else 3.5)),
            ],
            0.55,
            "#d5cbb8",
        )
        if row < 6:
            long = (36, 40, 30, 21, 38, 33)[row]
            brush.line([(x + 1, y - 1.9), (x + long, y - 1.9 - long * 0.14)], 1.25, "#5b6a74")
    brush.disc(24, 81, 5.2, "#f0d9d4")
    brush.line([(21.4, 81), (23.4, 83.4), (27, 78.6)], 1.3, "#b8141b")
    brush.taper([(46, 34), (10, 68)], 4.0, 4.0, "#d9a441")
    brush.taper([(46, 34), (40, 39.7)], 4.0, 4.0, "#1f2a31")
    brush.shape([(8.4, 66.4), (11.7, 69.8), (4.4, 73.4)], "#eee4cf")
    brush.shape([(5.6, 71), (6.8, 72.2), (4.2, 73.6)], "#1f2a31")
    brush.disc(-38, 84, 11.5, "#26323b")
    brush.disc(-39, 82.6, 11.5, "#e9e3d6")
    brush.disc(-39, 82.6, 9.2, "#a5672f")
    brush.oval(-42, 79.8, 3.4, 1.8, "#c98c4d", turn=-35)


def reading_lamp(brush: Brush) -> None:
    """A lamp over an open book in a quiet evening room."""
    brush.sky("#142236", "#22344c", horizon=78)
    brush.box(-44, 8, -10, 50, "#0d1828", radius=1.5)
    brush.box(-42, 10, -28, 48, "#2c4565")
    brush.box(-26, 10, -12, 48, "#2c4565")
    brush.disc(-21, 19, 4.4, "#f2e3b3")
    for x, y in ((-37, 18), (-32, 30), (-39, 38), (-16, 36), (-23, 42)):
        brush.disc(x, y, 0.5, "#dfe7ee")
    brush.shape([(15, 34), (31, 34), (62, 78), (-32, 78)], "#3d4a55")
    brush.shape([(17, 34), (29, 34), (50, 78), (-16, 78)], "#5e6156")
    brush.floor(78, "#5b3a26")
    brush.floor(81, "#4a2e1e")
    brush.oval(12, 80, 44, 4.6, "#8a6236")
    brush.line([(40, 78), (40, 50), (26, 24)], 1.5, "#c9962b")
    brush.oval(40, 78.6, 9, 2.0, "#c9962b")
    brush.shape([(12, 35), (34, 35), (28.4, 20), (17.6, 20)], "#2f7f79")
    brush.oval(23, 35, 11, 2.2, "#ffe9a8")
    _open_pages(brush, x=4, y=80, half=27, page="#fbf3e0", edge="#d9c7a3", ink="#b9a98a")
    for index, (fill, half) in enumerate((("#a8322c", 13), ("#d8a23c", 11), ("#3f6f78", 12.4))):
        top = 74 - index * 4.4
        brush.box(-36 - half, top, -36 + half, top + 4.2, fill, radius=0.6)
        brush.box(-36 + half - 4, top + 0.8, -36 + half, top + 3.4, "#f3e8d0")


def _open_pages(
    brush: Brush, *, x: float, y: float, half: float, page: str, edge: str, ink: str
) -> None:
    tall = half * 0.30
    for side in (-1, 1):
        outer = x + side * half
        brush.shape(
            [
                *bent((x, y + 1.4), (x + side * half * 0.5, y - tall * 0.55), (outer, y + 1.6)),
                (outer, y + 3.4),
                *bent((outer, y + 3.4), (x + side * half * 0.5, y + 1), (x, y + 3.6)),
            ],
            edge,
        )
        top = bent((x, y - tall), (x + side * half * 0.5, y - tall * 1.75), (outer, y - tall))
        foot = bent((outer, y + 1.6), (x + side * half * 0.5, y - tall * 0.55), (x, y + 1.4))
        brush.shape([*top, *foot], page)
        for row in range(4):
            drop = tall * (0.16 + row * 0.24)
            start, end = x + side * half * 0.14, x + side * half * 0.86
            middle = y - tall * 1.5 + drop
            brush.curve(
                (start, y - tall * 1.08 + drop),
                ((start + end) / 2, middle),
                (end, y - tall * 1.04 + drop),
                half * 0.022,
                ink,
            )
    brush.line([(x, y - tall), (x, y + 2)], half * 0.02, edge)


def open_book(brush: Brush) -> None:
    """An open book with a ribbon in a lit alcove of a red wall."""
    brush.sky("#8a1116", "#a01a1d", horizon=brush.bottom)
    for seam in (-76, -64, -52, 52, 64, 76):
        brush.box(seam - 0.25, brush.top, seam + 0.25, 88, "#93161a")
    _alcove(brush, half=41, top=30, fill="#7a0c11")
    _alcove(brush, half=38.4, top=30, fill="#c9962b")
    _alcove(brush, half=37.4, top=30, fill="#f3dcae")
    _alcove(brush, half=30, top=36, fill="#f8e8c6")
    for x, height, fill in (
        (-27, 17, "#a8322c"),
        (-21.6, 20, "#8f6a3a"),
        (-16.2, 16, "#b8141b"),
        (-10.6, 19, "#5d4630"),
        (-5.2, 17.4, "#a8322c"),
        (0.2, 20.6, "#8f6a3a"),
        (5.6, 16.4, "#7d2a24"),
        (11, 19.4, "#b8141b"),
        (16.4, 17, "#5d4630"),
        (21.8, 18.6, "#a8322c"),
    ):
        brush.box(x, 54 - height, x + 4.9, 54, fill, radius=0.5)
        brush.box(x + 1.1, 54 - height + 3, x + 3.8, 54 - height + 4.2, "#f0d7a0")
        brush.box(x + 1.1, 49, x + 3.8, 49.8, "#f0d7a0")
    brush.box(-36, 54, 36, 56.4, "#8d5a2c")
    brush.floor(88, "#5c0a0e")
    brush.box(-49, 85.6, 49, 90, "#8d5a2c", radius=0.8)
    brush.box(-49, 88.4, 49, 92, "#6a3f1c", radius=0.8)
    _open_pages(brush, x=0, y=83, half=40, page="#fdf6e6", edge="#dcc798", ink="#cdb78c")
    brush.shape([(3, 71), (6, 70.4), (8.2, 95), (6.6, 92.8), (4.4, 95.6)], "#b8141b")


def _alcove(brush: Brush, *, half: float, top: float, fill: str) -> None:
    brush.dome(0, top + 0.2, half, half * 0.72, fill)
    brush.box(-half, top, half, 88, fill)
