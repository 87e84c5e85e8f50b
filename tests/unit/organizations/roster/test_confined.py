"""The process that reads files: workbooks of the old kind there, and what any file may cost."""

import datetime as dt
import json
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from organizations.roster import confined
from organizations.roster.guard import Limits
from organizations.roster.problems import FileProblem
from organizations.roster.reading import Line, sheet_open
from tests import biff

Read = Callable[[bytes], list[Line]]
FILES = Path(__file__).parent / "files"
LIMITS = Limits(file_bytes=2_000_000, rows=500, columns=100)
ROSTER = [
    *biff.sheet(
        [
            ["甲镇党员名册", None, None],
            [],
            ["姓名", "手机", "起始日期"],
            ["张三", 13800000001.0, "2024.9"],
            ["李四", "13800000002", None],
            ["合计", "2人", None],
        ]
    ),
    biff.merged(0, 0, 0, 2),
]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(content: bytes) -> list[Line]:
        path = tmp_path / "名册.et"
        path.write_bytes(content)
        return list(sheet_open(path, kind="people", limits=LIMITS).lines)

    return reading


def test_a_roster_with_a_merged_title(read: Read) -> None:
    assert read(biff.xls(ROSTER)) == [
        Line(4, ["张三", 13800000001.0, "2024.9"]),
        Line(5, ["李四", "13800000002", ""]),
    ]


def test_a_workbook_of_the_old_kind_from_a_real_program(read: Read) -> None:
    """Written by Gnumeric 1.12.55 (`ssconvert -T Gnumeric_Excel:excel_biff8`): a merged title, a
    date cell, numbers, a formula with its value, a second sheet.
    """
    assert read((FILES / "gnumeric.xls").read_bytes()) == [
        Line(4, ["P001", "张建国", 13800000001.0, "B1", dt.date(2024, 9, 3), "书记、支委"]),
        Line(5, ["P002", "买买提·艾力", "13800000002", "B1", "2024.9", ""]),
        Line(6, ["P003", "李四", 13800000003.0, "B1", "", ""]),
    ]


def test_empty_rows_on_top_count(read: Read) -> None:
    rows = [[], [], ["姓名", "手机"], ["张三", "13800000001"]]
    assert [line.number for line in read(biff.xls(biff.sheet(rows)))] == [4]


@pytest.mark.parametrize("sheets", [1, 200])
def test_cells_in_opposite_corners_cost_this_process_nothing(read: Read, sheets: int) -> None:
    far = [biff.cell(0, 0, "姓名"), biff.cell(65535, 255, "x")]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FileProblem) as problem:
        read(biff.xls(*[far] * sheets))
    assert problem.value.code == "unpacks_too_large"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000
    # Kilobytes; what the system counted for the largest process that was waited for.
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < LIMITS.memory // 1024


def test_something_far_to_the_right(read: Read) -> None:
    with pytest.raises(FileProblem) as problem:
        read(biff.xls([*ROSTER, biff.cell(6, 200, "x")]))
    assert problem.value.message == ("too_many_columns", {"limit": 100})


def test_half_a_file(read: Read) -> None:
    content = biff.xls(ROSTER)
    with pytest.raises(FileProblem) as problem:
        read(content[: len(content) // 2])
    assert problem.value.code == "damaged"


def test_whoever_has_seen_enough_leaves_no_process_behind(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(biff.xls(biff.sheet([["姓名", "长" * 200]] * 3000)))
    rows = confined.confined_rows(path, LIMITS)
    assert next(rows)[0] == "姓名"
    frame: Any = rows.gi_frame  # type: ignore[attr-defined]
    child = frame.f_locals["child"]
    rows.close()  # type: ignore[attr-defined]
    assert child.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    "value",
    [
        dt.datetime(2024, 9, 3, 1, 2, 3),  # noqa: DTZ001 - a cell has no zone
        dt.date(2024, 9, 3),
        dt.time(1, 2),
        dt.timedelta(hours=30, seconds=1),
        "张\n三",
        1.5,
        True,
        "",
    ],
)
def test_values_of_cells_arrive_as_they_were(value: object) -> None:
    sent = json.dumps([value], default=confined._said)
    assert json.loads(sent, object_hook=confined._plain) == [value]
