"""Workbooks row by row: every cell of the text type and format, nothing that computes.

Constant memory, whatever the number of rows. What stands in them is decided by the callers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import MultiCellRange

from organizations.roster.safety import neutral

TEXT = "@"
_LINE = Side(style="thin", color="FFBFB6A8")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="FFF4EEE4")


class SheetWriter:
    """One workbook with one sheet, written from top to bottom; `save` ends it."""

    def __init__(self, *, title: str, widths: Sequence[int], landscape: bool = True) -> None:
        self.book = Workbook(write_only=True)
        self.sheet = self.book.create_sheet(title=title[:31])
        self.width = len(widths)
        self.row = 0
        self.merged: list[str] = []
        for number, width in enumerate(widths, 1):
            letter = get_column_letter(number)
            self.sheet.column_dimensions[letter].width = width
            self.sheet.column_dimensions[letter].number_format = TEXT
        self.sheet.page_setup.orientation = "landscape" if landscape else "portrait"
        self.sheet.page_setup.paperSize = 9
        self.sheet.page_setup.fitToWidth, self.sheet.page_setup.fitToHeight = 1, 0
        self.sheet.sheet_properties.pageSetUpPr.fitToPage = True
        self.body = [self._cell(border=_BOX) for _ in widths]

    def watermark(self, text: str) -> None:
        """In the header and footer of every printed page."""
        # & begins a code there.
        plain = text.replace("&", "&&")
        self.sheet.oddHeader.right.text = plain
        self.sheet.oddFooter.left.text = plain
        self.sheet.oddFooter.right.text = "&P / &N"

    def _cell(self, **style: object) -> WriteOnlyCell:
        cell = WriteOnlyCell(self.sheet)
        cell.number_format = TEXT
        for name, value in style.items():
            setattr(cell, name, value)
        return cell

    def title(self, text: str) -> None:
        """A line over the whole width."""
        cell = self._cell(font=Font(size=16, bold=True), alignment=Alignment(horizontal="center"))
        self._line([cell], [text])

    def line(self, text: str) -> None:
        """A line of small print over the whole width."""
        self._line([self._cell(font=Font(size=10))], [text])

    def head(self, labels: Sequence[str]) -> None:
        """The header; rows below it stay in sight and it is printed on each page."""
        cells = [self._cell(border=_BOX, font=Font(bold=True), fill=_HEAD) for _ in labels]
        self._put(cells, labels)
        self.sheet.print_title_rows = f"{self.row}:{self.row}"

    def rows(self, rows: Iterable[Sequence[str]]) -> None:
        for row in rows:
            self._put(self.body, row)

    def save(self, path: Path) -> None:
        if self.merged:
            # The write-only sheet has no call for it, and writes what it finds here.
            self.sheet.merged_cells = MultiCellRange(self.merged)
        self.book.save(path)

    def _line(self, cells: Sequence[WriteOnlyCell], texts: Sequence[str]) -> None:
        self._put(cells, texts)
        if self.width > 1:
            self.merged.append(f"A{self.row}:{get_column_letter(self.width)}{self.row}")

    def _put(self, cells: Sequence[WriteOnlyCell], texts: Sequence[str]) -> None:
        # Cells are written at once, so the same ones serve for every row.
        for cell, text in zip(cells, texts, strict=False):
            cell._value = neutral(text)
            cell.data_type = "s"
        self.sheet.append(cells[: len(texts)])
        self.row += 1
