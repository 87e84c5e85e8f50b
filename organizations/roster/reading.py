"""Rows out of an uploaded file: .xlsx, .xls and WPS's .et, or CSV. Pure, in a worker only.

Cells arrive as Python values; formulas are not computed, the value stored beside them counts.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_calamine

from organizations.roster.columns import Header, header_find, is_data
from organizations.roster.guard import Limits, sniff
from organizations.roster.problems import FileProblem

ENCODINGS = ("utf-8-sig", "gb18030")
# calamine names an error's cause in its text only.
_LOCKED = ("password", "encrypt")


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
    rows, first = _csv_rows(path) if form == "csv" else _workbook_rows(path, limits)
    head = list(itertools.islice(rows, 40))
    header = header_find(head, kind=kind)
    rest = itertools.chain(head, rows)
    lines = (
        Line(number=first + index, cells=row)
        for index, row in enumerate(rest)
        if index > header.row and is_data(row, header)
    )
    return Sheet(header=header, lines=_bounded(lines, limits))


def _bounded(lines: Iterator[Line], limits: Limits) -> Iterator[Line]:
    for line in lines:
        if line.number > limits.rows + 100:
            raise FileProblem("too_many_rows", limit=limits.rows)
        yield line


def _workbook_rows(path: Path, limits: Limits) -> tuple[Iterator[list[object]], int]:
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for facts in book.sheets_metadata:
            if (
                facts.typ == python_calamine.SheetTypeEnum.WorkSheet
                and facts.visible == python_calamine.SheetVisibleEnum.Visible
            ):
                sheet = book.get_sheet_by_name(facts.name)
                if sheet.start is not None and sheet.total_height:
                    if sheet.width > limits.columns:
                        raise FileProblem("too_many_columns", limit=limits.columns)
                    rows: Iterator[Any] = sheet.iter_rows()
                    return _guarded(rows), 1
    except python_calamine.PasswordError as problem:
        raise FileProblem("encrypted") from problem
    except (python_calamine.CalamineError, OSError, ValueError, KeyError) as problem:
        if isinstance(problem, FileProblem):
            raise
        locked = any(word in str(problem).lower() for word in _LOCKED)
        raise FileProblem("encrypted" if locked else "damaged") from problem
    except BaseException as problem:
        raise _panic(problem) from problem
    raise FileProblem("no_rows")


def _guarded(rows: Iterator[list[object]]) -> Iterator[list[object]]:
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except python_calamine.CalamineError as problem:
            raise FileProblem("damaged") from problem
        except BaseException as problem:
            raise _panic(problem) from problem
        yield row


def _panic(problem: BaseException) -> BaseException:
    """A panic of the reader means a damaged file; it is no Exception, so that it is not missed."""
    return FileProblem("damaged") if type(problem).__name__ == "PanicException" else problem


def _csv_rows(path: Path) -> tuple[Iterator[list[object]], int]:
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
        return _csv_read(path, encoding, delimiter if first.count(delimiter) else ","), 1
    raise FileProblem("not_a_workbook")


def _csv_read(path: Path, encoding: str, delimiter: str) -> Iterator[list[object]]:
    with path.open(encoding=encoding, newline="") as file:
        try:
            for row in csv.reader(file, delimiter=delimiter):
                yield list(row)
        except csv.Error as problem:
            raise FileProblem("damaged") from problem
