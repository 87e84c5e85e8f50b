"""The roster in an uploaded file: its header, and the rows below that hold data. Pure, in a
worker only; the file itself is read by `confined`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from organizations.roster.columns import Header, header_find, is_data
from organizations.roster.confined import confined_rows
from organizations.roster.guard import Limits
from organizations.roster.problems import FileProblem


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
    rows = confined_rows(path, limits)
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
