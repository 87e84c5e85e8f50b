"""Rows out of an uploaded file: .xlsx, .xls and WPS's .et, or CSV. Pure, in a worker only."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from organizations.roster.columns import Header, header_find, is_data
from organizations.roster.confined import confined_rows
from organizations.roster.guard import Limits, sniff
from organizations.roster.problems import FileProblem
from organizations.roster.workbooks import workbook_rows

ENCODINGS = ("utf-8-sig", "gb18030")
# Characters that one row of a CSV file may have; a row of a roster has some hundred.
ROW_LENGTH = 1024**2


@dataclass(frozen=True)
class Line:
    """A row with data: its number as the spreadsheet shows it, and its cells."""

    number: int
    cells: list[object]


@dataclass(frozen=True)
class Sheet:
    """A file that was opened: its header, and the rows below, read as they are asked for."""

    header: Header
    lines: Iterator[Line]


def sheet_open(path: Path, *, kind: str, limits: Limits) -> Sheet:
    """Open the first visible sheet that has rows. Raises FileProblem."""
    form = sniff(path, limits)
    rows = {"csv": _csv_rows, "xlsx": workbook_rows, "xls": confined_rows}[form](path, limits)
    head = list(itertools.islice(rows, 40))
    header = header_find(head, kind=kind)
    rest = itertools.chain(head, rows)
    lines = (
        Line(number=index + 1, cells=row)
        for index, row in enumerate(rest)
        if index > header.row and is_data(row, header)
    )
    return Sheet(header=header, lines=_bounded(lines, limits))


def _bounded(lines: Iterator[Line], limits: Limits) -> Iterator[Line]:
    for line in lines:
        if line.number > limits.rows + 100:
            raise FileProblem("too_many_rows", limit=limits.rows)
        yield line


def _csv_rows(path: Path, limits: Limits) -> Iterator[list[object]]:
    for encoding in ENCODINGS:
        try:
            with path.open(encoding=encoding, newline="") as file:
                sample = file.read(64 * 1024)
                while file.read(1024 * 1024):
                    pass
        except UnicodeDecodeError:
            continue
        if "\x00" in sample:
            break
        first = sample.partition("\n")[0]
        delimiter = max(",\t;，", key=first.count)
        return _csv_read(path, encoding, delimiter if first.count(delimiter) else ",", limits)
    raise FileProblem("not_a_workbook")


def _csv_read(path: Path, encoding: str, delimiter: str, limits: Limits) -> Iterator[list[object]]:
    with path.open(encoding=encoding, newline="") as file:
        lines = _RowLines(file, delimiter, limits)
        try:
            for row in csv.reader(lines, delimiter=delimiter):
                if len(row) > limits.columns:
                    raise FileProblem("too_many_columns", limit=limits.columns)
                lines.taken = 0
                yield list(row)
        except csv.Error as problem:
            raise FileProblem("damaged") from problem


class _RowLines:
    """Lines for the csv reader, which builds a row whole before anybody can look at it: one that
    goes on for longer than a row may is stopped before.
    """

    def __init__(self, file: TextIO, delimiter: str, limits: Limits) -> None:
        self.file, self.delimiter, self.limits = file, delimiter, limits
        self.taken = 0  # characters of this row

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.file.readline(ROW_LENGTH + 1 - self.taken)
        if not line:
            raise StopIteration
        self.taken += len(line)
        if self.taken > ROW_LENGTH:
            if line.count(self.delimiter) >= self.limits.columns:
                raise FileProblem("too_many_columns", limit=self.limits.columns)
            raise FileProblem("damaged")
        return line
