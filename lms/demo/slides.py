"""The pages of a demo lecture: what stands where, landscape and portrait.

What belongs here: the layout of cover, section, point, figure and closing pages. What does
not: single marks (`paper`), line breaking (`typesetting`), scenes (`art`), time (`films`).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import Image

from lms.demo.art.brush import Brush, blend
from lms.demo.art.motifs import MOTIFS
from lms.demo.lectures import DemoLecture, Slide
from lms.demo.paper import GOLD, GROUND, INK, INK_2, INK_RESTING, LINE, RED, Sheet
from lms.demo.typesetting import PREFERRED_BREAK, spaced

SUBJECT_NAMES = {
    "theory": "政治理论",
    "politics": "政治教育和政治训练",
    "rules": "党章党规党纪",
    "purpose": "党的宗旨",
    "tradition": "革命传统",
    "situation": "形势政策",
    "skills": "知识技能",
}

PROGRESS_LINE = 6
"""Height in design units of the track at the foot, over which the film lets a red line grow."""

_LABEL_LONGEST = 5
_LEADING = 1.36
_POINT_SIZES = (46, 44, 42, 40, 38, 36, 34, 32, 30, 28)
_SMALLEST_BEFORE_WRAPPING = 36


class Deck:
    """Draws the pages of one lecture at the size of its film, upright."""

    def __init__(self, lecture: DemoLecture, *, font_dir: Path) -> None:
        self._lecture = lecture
        self._font_dir = font_dir
        self._motif = MOTIFS[lecture.motif]
        self._size = (lecture.film.width, lecture.film.height)
        self._portrait = lecture.film.height > lecture.film.width
        self._scene = lru_cache(maxsize=4)(self._scene_drawn)

    def page(self, index: int, *, spoken_line: int | None) -> Image.Image:
        """The page at `index`; the line that is being spoken stands out, None: all do."""
        slide = self._lecture.slides[index]
        dark = slide.kind == "section"
        ground = blend(self._motif.accent, "#140d0a", 0.25) if dark else GROUND
        sheet = Sheet(
            width=self._size[0], height=self._size[1], font_dir=self._font_dir, ground=ground
        )
        left, top, right, bottom = self._column(sheet, wide_scene=slide.kind == "cover")
        if slide.kind == "cover":
            self._cover(sheet, slide, left, top, right, bottom)
        elif dark:
            self._section(sheet, slide, left, top, right, bottom)
        else:
            self._head_and_foot(sheet, index, left, top, right, bottom)
            foot = self._heading(sheet, slide, left, top + 74, right)
            self._points(sheet, slide, spoken_line, left, foot, right, bottom - 66)
        track = blend(ground, "#000000", 0.3) if dark else LINE
        sheet.box(0, sheet.height - PROGRESS_LINE, sheet.width, sheet.height, fill=track)
        return sheet.image

    def _scene_drawn(self, width: int, height: int) -> Image.Image:
        brush = Brush(width=width, height=height, ground=self._motif.accent)
        self._motif.draw(brush)
        return brush.finished()

    def _column(self, sheet: Sheet, *, wide_scene: bool) -> tuple[float, float, float, float]:
        """Put the scene on the sheet; returns left, top, right and bottom of the text column."""
        width, height = self._size
        if self._portrait:
            share = 0.52 if wide_scene else 0.4
            edge = round(height * share)
            sheet.picture(0, 0, self._scene(width, edge))
            y = sheet.height * share
            sheet.box(0, y, sheet.width, y + 4, fill=GOLD)
            return 56, y + 46, sheet.width - 56, sheet.height - 34
        share = 0.46 if wide_scene else 0.31
        panel = round(width * share)
        x = sheet.width * (width - panel) / width
        sheet.picture(x, 0, self._scene(panel, height))
        sheet.box(x - 4, 0, x, sheet.height, fill=GOLD)
        return 68, 60, x - 52, sheet.height - 38

    def _head_and_foot(
        self, sheet: Sheet, index: int, left: float, top: float, right: float, bottom: float
    ) -> None:
        sheet.text(left - 1, top, "◆", "regular", 16, GOLD, anchor="lm")
        title = spaced(self._lecture.title)
        size = 21.0
        while sheet.measure(title, "medium", size) > right - left - 100 and size > 15:
            size -= 0.5
        sheet.text(left + 26, top, title, "medium", size, INK_2, anchor="lm")
        sheet.demo_mark(right, top)
        by = f"{self._lecture.speaker}　{self._lecture.organization_name}"
        sheet.text(left, bottom, by, "regular", 19, INK_2)
        pages = f"{index + 1} / {len(self._lecture.slides)}"
        sheet.text(right, bottom, pages, "regular", 19, INK_2, anchor="rs")

    def _heading(self, sheet: Sheet, slide: Slide, left: float, top: float, right: float) -> float:
        """Figure if there is one, heading, red rule; returns where the points may begin."""
        size, indent, baseline = 54.0, 0.0, top + 72
        if slide.figure:
            accent = self._motif.accent
            sheet.text(left - 6, top + 84, slide.figure, "extralight", 128, accent)
            after = left + sheet.measure(slide.figure, "extralight", 128) + 4
            sheet.text(after, top + 84, slide.unit, "medium", 34, accent)
            size, baseline = 44.0, top + 84
            indent = after - left + sheet.measure(slide.unit, "medium", 34) + 32
            if indent + sheet.measure(slide.heading, "bold", size) > right - left:
                indent, baseline = 0.0, top + 158
        lines = sheet.lines(slide.heading, "bold", size, right - left - indent, balanced=True)
        for line in lines:
            sheet.text(left + indent, baseline, line, "bold", size, INK)
            baseline += size * 1.3
        rule = baseline - size * 1.3 + 32
        sheet.box(left, rule, left + 72, rule + 4, fill=RED)
        return rule + 30

    def _points(
        self,
        sheet: Sheet,
        slide: Slide,
        spoken_line: int | None,
        left: float,
        top: float,
        right: float,
        bottom: float,
    ) -> None:
        numbered = slide.kind == "points"
        indent = 62 if numbered else 0
        size, set_lines = self._fitted(sheet, slide, right - left - indent, bottom - top)
        leading = size * _LEADING
        needed = sum(len(lines) for lines in set_lines) * leading
        gap = min(size * 1.5, (bottom - top - needed) / len(set_lines))
        y = top
        for index, lines in enumerate(set_lines):
            resting = spoken_line is not None and spoken_line != index
            height = len(lines) * leading
            if spoken_line == index:
                sheet.box(
                    left - 26, y + gap * 0.5, left - 20, y + gap * 0.5 + height, fill=RED, radius=3
                )
            baseline = y + gap * 0.5 + size * 1.06
            if numbered:
                tone = INK_RESTING if resting else self._motif.accent
                sheet.text(
                    left, baseline, str(slide.first_number + index), "extralight", size * 1.4, tone
                )
            for line_index, line in enumerate(lines):
                self._point_line(
                    sheet,
                    left + indent,
                    baseline + line_index * leading,
                    line,
                    size,
                    resting=resting,
                    first=line_index == 0,
                )
            y += height + gap
            if index < len(set_lines) - 1:
                sheet.box(left + indent, y - 1, right, y, fill=LINE)

    def _fitted(
        self, sheet: Sheet, slide: Slide, width: float, room: float
    ) -> tuple[float, list[list[str]]]:
        """The largest type that needs no second lines; failing that, the largest that fits."""
        fitting: tuple[float, list[list[str]]] | None = None
        for size in _POINT_SIZES:
            set_lines = [sheet.lines(line, "medium", size, width) for line in slide.lines]
            count = sum(len(lines) for lines in set_lines)
            if (count * _LEADING + len(set_lines) * 0.5) * size > room and size > _POINT_SIZES[-1]:
                continue
            if count == len(set_lines):
                return size, set_lines
            fitting = fitting or (size, set_lines)
            if size <= _SMALLEST_BEFORE_WRAPPING:
                break
        assert fitting is not None
        return fitting

    def _point_line(
        self,
        sheet: Sheet,
        x: float,
        baseline: float,
        line: str,
        size: float,
        *,
        resting: bool,
        first: bool,
    ) -> None:
        """One line of a point; a short word before a colon is its label and set bold."""
        tone = INK_RESTING if resting else INK
        label, colon, rest = line.partition("：")
        if first and colon and len(label) <= _LABEL_LONGEST:
            head = label + colon
            sheet.text(x, baseline, head, "bold", size, tone if resting else self._motif.accent)
            x += sheet.measure(head, "bold", size)
            line = rest
        sheet.text(x, baseline, line, "medium", size, tone)

    def _cover(
        self, sheet: Sheet, slide: Slide, left: float, top: float, right: float, bottom: float
    ) -> None:
        sheet.seal(left, top - 8)
        sheet.demo_mark(right, top + 8)
        subject = SUBJECT_NAMES[self._lecture.subject]
        sheet.text(left + 72, top + 22, subject, "medium", 26, INK_2, anchor="lm")
        sheet.box(left + 72, top + 44, left + 72 + 28, top + 46, fill=GOLD)
        lines = [spaced(line) for line in slide.heading.split(PREFERRED_BREAK)]
        size = 76.0
        while max(sheet.measure(line, "black", size) for line in lines) > right - left:
            size -= 1
        leading = size * 1.3
        middle = (top + 122 + bottom - 76) / 2 + 10
        y = middle - len(lines) * leading / 2 + size * 0.9
        for line in lines:
            sheet.text(left - 2, y, line, "black", size, INK)
            y += leading
        sheet.box(left, y - leading + 38, left + 96, y - leading + 43, fill=RED)
        sheet.text(left, bottom - 38, self._lecture.speaker, "medium", 27, INK)
        sheet.text(left, bottom, self._lecture.organization_name, "regular", 24, INK_2)

    def _section(
        self, sheet: Sheet, slide: Slide, left: float, top: float, right: float, bottom: float
    ) -> None:
        tint = blend(self._motif.accent, "#ffffff", 0.35)
        sheet.demo_mark(right, top, ink="#f3dcae")
        sheet.text(left - 14, top + 300, slide.figure, "extralight", 290, tint)
        sheet.box(left, top + 366, left + 96, top + 371, fill=GOLD)
        y = top + 450
        for line in sheet.lines(slide.heading, "bold", 62, right - left, balanced=True):
            sheet.text(left, y, line, "bold", 62, "#fff8ea")
            y += 80
        sheet.text(left, bottom, spaced(self._lecture.title), "regular", 19, "#e8d5c4")
