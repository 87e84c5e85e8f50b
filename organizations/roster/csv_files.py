"""Rows of a CSV file: its encoding and delimiter found by looking, its rows bounded. Pure.

Runs in the process of `confined` like the readers of workbooks.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from organizations.roster.guard import Limits
from organizations.roster.problems import FileProblem

ENCODINGS = ("utf-8-sig", "gb18030")
# Characters that one row of a CSV file may have; a row of a roster has some hundred.
ROW_LENGTH = 1024**2


def csv_rows(path: Path, limits: Limits) -> Iterator[list[object]]:
    """All rows. Raises FileProblem."""
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
        return _read(path, encoding, delimiter if first.count(delimiter) else ",", limits)
    raise FileProblem("not_a_workbook")


def _read(path: Path, encoding: str, delimiter: str, limits: Limits) -> Iterator[list[object]]:
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
