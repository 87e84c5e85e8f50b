"""Looks at a file before a reader does, so that what is no roster is refused with a sentence that
helps, and early.

A .xlsx is unpacked as a stream and counted, never to disk: entries, bytes, occupied cells, the
area that they span (a reader reserves it whole, so one cell in the last corner would be enough)
and the text that they hold (one long shared text may be named by every cell). What a file
declares about itself, such as its dimension, is not believed. Sheets at unusual places and files
of the old kind are not counted; whatever is missed here meets the bounds of the process that
reads (`confined`). Pure; limits come from outside.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from organizations.roster.problems import FileProblem

BLOCK = 256 * 1024
ZIP_MAGIC, OLE_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# A shared text up to this length cannot add up to anything within the limit of cells.
SHORT_TEXT = 256
_WORKSHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)


@dataclass(frozen=True)
class Limits:
    file_bytes: int = 50 * 1024**2
    unpacked_bytes: int = 700 * 1024**2
    entries: int = 2_000
    rows: int = 250_000
    columns: int = 100
    cells: int = 6_000_000
    text_bytes: int = 200 * 1024**2
    # Of the process that reads: addresses, the interpreter included, and seconds of processor time.
    memory: int = 768 * 1024**2
    seconds: int = 120


def sniff(path: Path, limits: Limits) -> str:
    """ "xlsx", "xls" or "csv", by content; raises FileProblem for anything else."""
    size = path.stat().st_size
    if size == 0:
        raise FileProblem("empty_file")
    if size > limits.file_bytes:
        raise FileProblem("file_too_large", limit=limits.file_bytes // 1024**2)
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(ZIP_MAGIC):
        zip_check(path, limits)
        return "xlsx"
    if head.startswith(OLE_MAGIC):
        if ENCRYPTED in path.read_bytes():
            raise FileProblem("encrypted")
        return "xls"
    if b"\x00" in head or head.startswith((b"%PDF", b"<", b"{\\rtf", b"\x89PNG", b"\xff\xd8")):
        raise FileProblem("not_a_workbook")
    return "csv"


def zip_check(path: Path, limits: Limits) -> None:
    """Raise FileProblem unless the archive is a workbook within the limits."""
    try:
        with zipfile.ZipFile(path) as archive:
            _entries_check(archive, limits)
            _Count(limits).archive(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as problem:
        raise FileProblem("damaged") from problem


def _entries_check(archive: zipfile.ZipFile, limits: Limits) -> None:
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if len(entries) > limits.entries:
        raise FileProblem("damaged")
    if any(entry.flag_bits & 1 for entry in entries):
        raise FileProblem("encrypted")
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise FileProblem("not_a_workbook")
    if any(name.lower().startswith("xl/externallinks/") for name in names):
        raise FileProblem("external_links")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileProblem("macros")


class _Count:
    """Adds up what the entries hold and stops at the first limit."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.bytes = 0
        self.cells = 0
        self.texts = array("q")  # length of each shared text
        self.text_bytes = 0

    def archive(self, archive: zipfile.ZipFile) -> None:
        shared = [entry for entry in archive.infolist() if _is_shared(entry.filename)]
        sheets = [entry for entry in archive.infolist() if _WORKSHEET.fullmatch(entry.filename)]
        for entry in archive.infolist():
            with archive.open(entry) as stream:
                if entry in shared:
                    self.shared_texts(stream)
                elif entry not in sheets:
                    while self.block(stream):
                        pass
        for entry in sheets:
            with archive.open(entry) as stream:
                self.sheet(stream)

    def block(self, stream: IO[bytes]) -> bytes:
        data = stream.read(BLOCK)
        self.bytes += len(data)
        if self.bytes > self.limits.unpacked_bytes:
            raise FileProblem("unpacks_too_large")
        return data

    def parse(self, parser: expat.XMLParserType, stream: IO[bytes]) -> None:
        parser.StartDoctypeDeclHandler = _no_doctype
        try:
            while data := self.block(stream):
                parser.Parse(data, False)
            parser.Parse(b"", True)
        except expat.ExpatError as problem:
            raise FileProblem("damaged") from problem

    def shared_texts(self, stream: IO[bytes]) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        length = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal length
            if name.rpartition(":")[2] == "si":
                length = 0

        def end(name: str) -> None:
            if name.rpartition(":")[2] == "si":
                self.texts.append(length)

        def text(data: str) -> None:
            nonlocal length
            length += len(data)

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = text
        self.parse(parser, stream)

    def sheet(self, stream: IO[bytes]) -> None:
        seen = _Sheet(self)
        parser = expat.ParserCreate()
        parser.StartElementHandler = seen.start
        if max(self.texts, default=0) > SHORT_TEXT:
            parser.buffer_text = True
            parser.EndElementHandler, parser.CharacterDataHandler = seen.end, seen.text
        self.parse(parser, stream)


class _Sheet:
    """The occupied cells of one sheet."""

    def __init__(self, count: _Count) -> None:
        self.count = count
        self.limits = count.limits
        # Where the reader stands: cells and rows that do not say where they are follow each other.
        self.row = self.column = 0
        self.shared = False
        self.value: list[str] | None = None
        self.columns: dict[str, int] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self.shared = attributes.get("t") == "s"
            self.place(attributes.get("r", ""))
        elif name == "v" or name == "is":
            self.occupied()
            self.value = []
        elif name == "row":
            self.row = number(attributes["r"]) if "r" in attributes else self.row + 1
            self.column = 0

    def place(self, cell: str) -> None:
        if not cell:
            self.column += 1
            return
        letters = cell.rstrip("0123456789")
        if digits := cell[len(letters) :]:
            self.row = number(digits)
        column = self.columns.get(letters)
        if column is None:
            column = self.columns[letters] = column_number(letters)
        self.column = column

    def occupied(self) -> None:
        self.count.cells += 1
        if self.row > self.limits.rows or self.count.cells > self.limits.cells:
            raise FileProblem("too_many_rows", limit=self.limits.rows)
        if self.column > self.limits.columns:
            raise FileProblem("too_many_columns", limit=self.limits.columns)

    def text(self, data: str) -> None:
        if self.value is not None:
            self.value.append(data)

    def end(self, name: str) -> None:
        if self.value is None or name.rpartition(":")[2] not in ("v", "is"):
            return
        text = "".join(self.value)
        self.value = None
        texts = self.count.texts
        shared = number(text) if self.shared else len(texts)
        self.count.text_bytes += texts[shared] if shared < len(texts) else len(text)
        if self.count.text_bytes > self.limits.text_bytes:
            raise FileProblem("unpacks_too_large")


def number(digits: str) -> int:
    """The number of a row or of a shared text; one that no sheet has counts as far away."""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 9 else 10**9


def column_number(letters: str) -> int:
    """1 for A, 27 for AA; 0 for none; letters beyond any sheet count as far away."""
    if len(letters) > 3:
        return 10**6
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column


def _is_shared(name: str) -> bool:
    return name.lower() == "xl/sharedstrings.xml"


def _no_doctype(*_: Any) -> None:
    raise FileProblem("damaged")
