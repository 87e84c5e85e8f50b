"""Rows of a workbook of lecture activities: what its columns are called, what stands in a cell.

Pure, no Django. The file itself is read by `organizations.roster.confined`; which unit and which
recording are meant is looked up in `importing`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from organizations.roster import cells, columns
from organizations.roster.confined import confined_rows
from organizations.roster.guard import Limits
from organizations.roster.problems import CellProblem, FileProblem, Message

COLUMNS: dict[str, tuple[str, ...]] = {
    "unit": (
        "支部编码", "组织编码", "党组织编码", "单位编码", "支部名称", "党组织名称", "组织名称",
        "所在支部", "党支部", "支部", "党组织", "单位", "举办单位", "单位名称", "unit", "branch",
    ),
    "held_on": ("日期", "活动日期", "举办日期", "开展日期", "时间", "活动时间", "讲课日期", "date"),
    "title": ("题目", "党课题目", "主题", "党课主题", "课题", "课程名称", "名称", "标题", "title"),
    "speaker": ("主讲人", "讲课人", "主讲", "授课人", "讲师", "宣讲人", "speaker"),
    "place": ("地点", "活动地点", "讲课地点", "举办地点", "place"),
    "headcount": (
        "人数", "参加人数", "听课人数", "参训人数", "到场人数", "人次", "参加人次", "headcount",
    ),
    "recording": ("录像", "录像链接", "课程链接", "资源库链接", "链接", "recording"),
}  # fmt: skip
REQUIRED = ("held_on", "title", "speaker", "place", "headcount")
LONGEST = {"title": 80, "speaker": 60, "place": 80, "unit": 100, "recording": 300}
MOST_PEOPLE = 100_000
LIMITS = Limits(
    file_bytes=4 * 1024**2,
    unpacked_bytes=60 * 1024**2,
    rows=2_000,
    columns=60,
    cells=120_000,
    text_bytes=16 * 1024**2,
    seconds=20,
)
_INDEX = {columns.bare(word): name for name, words in COLUMNS.items() for word in words}


@dataclass
class Row:
    """`line` as the spreadsheet counts; `values` are plain text, dates as 2026-11-26."""

    line: int
    values: dict[str, str]
    problems: list[Message] = field(default_factory=list)


def rows_read(path: Path, *, limits: Limits = LIMITS) -> Iterator[Row]:
    """Raises FileProblem, also while it is read."""
    rows = confined_rows(path, limits)
    head = list(itertools.islice(rows, columns.HEADER_WITHIN))
    header = _header(head)
    for index, cells_of_row in enumerate(itertools.chain(head, rows)):
        if index > limits.rows + columns.HEADER_WITHIN:
            raise FileProblem("too_many_rows", limit=limits.rows)
        if index > header.row and columns.is_data(cells_of_row, header):
            yield row_of(index + 1, header.pick(cells_of_row))


def row_of(line: int, found: dict[str, Any]) -> Row:
    """A row from its cells by field; also from values that were read before."""
    row = Row(line, {})
    for name in COLUMNS:
        try:
            row.values[name] = _value(name, found.get(name))
        except CellProblem as problem:
            row.values[name] = _shown(found.get(name))
            row.problems.append((problem.code, {"field": name, **problem.params}))
    for name in REQUIRED:
        if not row.values[name] and not row.problems:
            row.problems.append(("missing", {"field": name}))
    return row


def _value(name: str, cell: Any) -> str:
    if name == "held_on":
        day = cells.day(cell)
        return day.isoformat() if day else ""
    text = cells.text(cell)
    if name == "headcount":
        return _count(text)
    if cells.identity_like(text):
        raise CellProblem("identity_number")
    if len(text) > LONGEST[name]:
        raise CellProblem("too_long", limit=LONGEST[name])
    return text


def _count(text: str) -> str:
    plain = text.removesuffix("人次").removesuffix("人").removesuffix("名").strip()
    if not plain:
        return ""
    if not (plain.isascii() and plain.isdigit()) or not 1 <= int(plain[:9]) <= MOST_PEOPLE:
        raise CellProblem("bad_count")
    return str(int(plain))


def _shown(cell: Any) -> str:
    """What stands there, for the person to recognise it."""
    return "" if cell is None else str(cell)[:80]


def _header(rows: Sequence[Sequence[Any]]) -> columns.Header:
    for number, row in enumerate(rows):
        bare = tuple(columns.bare(cell) for cell in row)
        found: dict[str, int] = {}
        for position, name in enumerate(bare):
            if name in _INDEX:
                found.setdefault(_INDEX[name], position)
        if all(name in found for name in REQUIRED):
            if any(columns.FORBIDDEN.search(name) for name in bare):
                raise FileProblem("identity_column", label="")
            # `is_data` tells a repeated header by the column of names.
            places = {**found, "name": found["title"]}
            return columns.Header(row=number, columns=places, labels=bare, bare=bare)
    raise FileProblem("no_header")
