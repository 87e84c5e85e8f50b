"""Workbooks row by row: every cell of the text type and format, nothing that computes.

openpyxl makes the frame (styles, widths, what is printed on each page) with one row of each
style; the rows themselves are streamed into it as text, since it would take a minute and a half
for a prefecture. Constant memory. What stands in the cells is decided by the callers.
"""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any, TypeVar
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from organizations.roster.safety import neutral

T = TypeVar("T")
TEXT = "@"
# Rows of a workbook that is sent while it is written go out by so many.
STREAMED = 500
QUOTE = {'"': "&quot;"}
SHEET = "xl/worksheets/sheet1.xml"
_LINE = Side(style="thin", color="FFBFB6A8")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_DATA = re.compile(r"<sheetData>.*</sheetData>", re.DOTALL)
_STYLE = re.compile(r'<c r="A(\d)" s="(\d+)"')
# Rows of the frame that lend their styles.
TITLE, SMALL, HEAD, BODY = range(1, 5)


class SheetWriter:
    """One workbook with one sheet, written from top to bottom; `save` ends it."""

    def __init__(self, *, title: str, widths: Sequence[int]) -> None:
        self.book = Workbook()
        self.sheet = self.book.active
        self.sheet.title = title[:31]
        self.letters = [get_column_letter(number) for number in range(1, len(widths) + 1)]
        self.row = 0
        self.merged: list[str] = []
        self.parts = tempfile.SpooledTemporaryFile(max_size=1024 * 1024, mode="w+b")  # noqa: SIM115
        for letter, width in zip(self.letters, widths, strict=True):
            self.sheet.column_dimensions[letter].width = width
            self.sheet.column_dimensions[letter].number_format = TEXT
        self.sheet.page_setup.orientation = "landscape"
        self.sheet.page_setup.paperSize = 9
        self.sheet.page_setup.fitToWidth, self.sheet.page_setup.fitToHeight = 1, 0
        self.sheet.sheet_properties.pageSetUpPr.fitToPage = True
        self._style(TITLE, font=Font(size=16, bold=True), alignment=Alignment(horizontal="center"))
        self._style(SMALL, font=Font(size=10))
        self._style(
            HEAD, font=Font(bold=True), border=_BOX, fill=PatternFill("solid", fgColor="FFF4EEE4")
        )
        self._style(BODY, border=_BOX)

    def _style(self, row: int, **style: object) -> None:
        cell = self.sheet.cell(row, 1, "x")
        cell.number_format = TEXT
        for name, value in style.items():
            setattr(cell, name, value)

    def watermark(self, text: str) -> None:
        """In the header and footer of every printed page."""
        plain = text.replace("&", "&&")  # & begins a code there
        self.sheet.oddHeader.right.text = plain
        self.sheet.oddFooter.left.text = plain
        self.sheet.oddFooter.right.text = "&P / &N"

    def title(self, text: str) -> None:
        """A line over the whole width."""
        self._line(TITLE, text)

    def line(self, text: str) -> None:
        """A line of small print over the whole width."""
        self._line(SMALL, text)

    def head(self, labels: Sequence[str]) -> None:
        """The header; rows below it stay in sight and it is printed on each page."""
        self._put(HEAD, labels)
        self.sheet.print_title_rows = f"{self.row}:{self.row}"
        self.sheet.freeze_panes = f"A{self.row + 1}"

    def rows(self, rows: Iterable[Sequence[str]]) -> None:
        for row in rows:
            self._put(BODY, row)

    def save(self, path: Path) -> None:
        for cells in self.merged:
            self.sheet.merge_cells(cells)
        frame = io.BytesIO()
        self.book.save(frame)
        with (
            zipfile.ZipFile(frame) as source,
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as target,
        ):
            for entry in source.infolist():
                if entry.filename != SHEET:
                    target.writestr(entry, source.read(entry))
            self._sheet(source.read(SHEET).decode(), target)

    def stream(self, rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
        """The workbook piece by piece, with these rows as its last ones; nothing is kept of them.

        Lines over the whole width are written before, or are no rows of this kind.
        """
        pieces = _Pieces()
        for cells in self.merged:
            self.sheet.merge_cells(cells)
        frame = io.BytesIO()
        self.book.save(frame)
        with (
            zipfile.ZipFile(frame) as source,
            zipfile.ZipFile(pieces, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as target,
        ):
            for entry in source.infolist():
                if entry.filename != SHEET:
                    target.writestr(entry.filename, source.read(entry))
            before, styles, after = _parted(source.read(SHEET).decode())
            with target.open(SHEET, "w", force_zip64=True) as out:
                out.write(before.encode() + b"<sheetData>")
                for some in batched(rows, STREAMED):
                    self.rows(some)
                    self._flush(out, styles)
                    yield pieces.taken()
                self._flush(out, styles)
                out.write(b"</sheetData>" + after.encode())
        self.parts.close()
        yield pieces.taken()

    def _flush(self, out: IO[bytes], styles: dict[str, str]) -> None:
        """What was put so far; the parts begin anew."""
        self.parts.seek(0)
        _styled(self.parts, out, styles)
        self.parts.seek(0)
        self.parts.truncate()

    def _sheet(self, frame: str, target: zipfile.ZipFile) -> None:
        before, styles, after = _parted(frame)
        with target.open(SHEET, "w", force_zip64=True) as out:
            out.write(before.encode())
            out.write(b"<sheetData>")
            self.parts.seek(0)
            _styled(self.parts, out, styles)
            out.write(b"</sheetData>")
            out.write(after.encode())
        self.parts.close()

    def _line(self, style: int, text: str) -> None:
        self._put(style, [text])
        if len(self.letters) > 1:
            self.merged.append(f"A{self.row}:{self.letters[-1]}{self.row}")

    def _put(self, style: int, texts: Sequence[str]) -> None:
        self.row += 1
        row = self.row
        cells = "".join(
            f'<c r="{letter}{row}" s="@{style}" t="inlineStr"><is>'
            f'<t xml:space="preserve">{escape(neutral(text), QUOTE)}</t></is></c>'
            if text
            else f'<c r="{letter}{row}" s="@{style}"/>'
            for letter, text in zip(self.letters, texts, strict=False)
        )
        self.parts.write(f'<row r="{row}">{cells}</row>\n'.encode())


def _parted(frame: str) -> tuple[str, dict[str, str], str]:
    """What stands before the rows, the styles by the row that lends them, what stands after."""
    before, after = _DATA.split(frame)
    # Declared by us, since openpyxl saw the first rows only.
    return re.sub(r"<dimension [^>]*/>", "", before), dict(_STYLE.findall(frame)), after


def _styled(parts: IO[bytes], out: IO[bytes], styles: dict[str, str]) -> None:
    marks = {f'"@{row}"': f'"{style}"' for row, style in styles.items()}
    while some := parts.readlines(1024 * 1024):
        text = b"".join(some).decode()
        for mark, style in marks.items():
            text = text.replace(" s=" + mark, " s=" + style)
        out.write(text.encode())


def batched(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    waiting = iter(rows)
    while some := list(islice(waiting, size)):
        yield some


class _Pieces(io.RawIOBase):
    """A file that is read while it is written, and forgets what was read."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.waiting += data
        return len(data)

    def taken(self) -> bytes:
        found = bytes(self.waiting)
        self.waiting.clear()
        return found
