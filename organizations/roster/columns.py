"""Where the columns are: headers in many wordings and any order, and rows that hold no data.

Official sheets begin with a merged title and lines such as 填报单位, and end with 合计. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from organizations.roster import cells
from organizations.roster.problems import CellProblem, FileProblem

PEOPLE: Mapping[str, tuple[str, ...]] = {
    "code": (
        "人员编号", "编号", "党员编号", "人员编码", "编码", "工号", "人员代码", "党员编码",
        "人员唯一编号", "唯一编号", "code", "person code",
    ),
    "name": ("姓名", "名字", "党员姓名", "人员姓名", "学员姓名", "name"),
    "phone": (
        "手机号码", "手机", "手机号", "电话", "联系电话", "联系方式", "移动电话", "电话号码",
        "phone", "mobile",
    ),
    "unit": (
        "支部编码", "党组织编码", "支部编号", "支部代码", "组织编码", "所在支部编码", "单位编码",
        "所属党组织编码", "所在党组织编码", "党支部编码", "党组织代码", "branch code", "unit code",
    ),
    "unit_name": (
        "支部名称", "所在支部", "党支部", "所在党支部", "党组织名称", "所在党组织", "所属支部",
        "所属党组织", "支部", "党组织", "党支部名称", "所属党支部", "branch", "branch name", "unit",
    ),
    "kind": ("关系类型", "组织关系类型", "关系", "类型", "组织关系", "tie", "kind"),
    "stage": (
        "发展阶段", "阶段", "人员类别", "党员类别", "政治面貌", "培养阶段", "类别", "stage",
    ),
    "field": ("领域", "从业领域", "工作领域", "所属领域", "行业领域", "field"),
    "position": ("岗位", "职务", "党内职务", "担任职务", "身份", "人员身份", "position"),
    "state": ("状态", "人员状态", "党员状态", "流动情况", "state"),
    "since": (
        "起始日期", "起始时间", "进入支部日期", "进入支部时间", "转入日期", "转入时间", "加入日期",
        "组织关系转入日期", "组织关系转入时间", "开始日期", "since", "from",
    ),
    "until": (
        "离开日期", "离开时间", "转出日期", "转出时间", "终止日期", "结束日期",
        "组织关系转出日期", "组织关系转出时间", "until", "left",
    ),
    "leaving": ("离开原因", "转出原因", "减少原因", "出库原因", "reason"),
}  # fmt: skip
UNITS: Mapping[str, tuple[str, ...]] = {
    "code": (
        "组织编码", "党组织编码", "单位编码", "编码", "代码", "机构编码", "组织代码", "编号",
        "code",
    ),
    "name": ("组织名称", "党组织名称", "单位名称", "名称", "全称", "机构名称", "name"),
    "kind": ("组织类别", "类别", "类型", "单位类别", "层级", "组织类型", "kind"),
    "parent": (
        "上级编码", "上级组织编码", "上级党组织编码", "上级单位编码", "上级代码", "上级", "parent",
        "parent code", "上级机构编码",
    ),
}  # fmt: skip
FIELDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {"people": PEOPLE, "units": UNITS}
REQUIRED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    # One of each group has to be there.
    "people": (("name",), ("code", "phone", "unit", "unit_name")),
    "units": (("code",), ("name",)),
}
# We keep no identity-card numbers, so a file that carries them is not taken at all.
FORBIDDEN = re.compile(r"身份证|公民身份|证件号")
PASSWORD = re.compile(r"密码|password", re.IGNORECASE)

HEADER_WITHIN = 30
_MARKS = re.compile(r"[\s*＊:：]|[(（\[【][^)）\]】]*[)）\]】]")
_TOTALS = re.compile(r"(合计|总计|小计|总人数)([:：共\d].*)?")
_NOTES = re.compile(
    r"(填报|填表|制表|审核|报送|上报|负责|经办|联系)(单位|人|人员|日期|时间|电话)?[:：(（]"
    r"|(备注|说明|注|单位|日期|单位负责人|党组织书记|单位公章|盖章)[:：]"
    r"|※|(填写|填表)说明|[(（]示例|示例[:：]|本名册由"
)


@dataclass(frozen=True)
class Header:
    """Where the data begin: `row` counts from 0, `columns` gives field → position."""

    row: int
    columns: dict[str, int]
    labels: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    passwords: tuple[str, ...] = ()
    bare: tuple[str, ...] = field(default=(), repr=False)

    def pick(self, row: Sequence[object]) -> dict[str, object]:
        """The cells of a row by field; those of missing columns are left out."""
        return {
            name: row[position] if position < len(row) else None
            for name, position in self.columns.items()
        }


def bare(label: object) -> str:
    """A header cell without spaces, marks and what stands in brackets."""
    try:
        return _MARKS.sub("", cells.text(label)).lower()
    except CellProblem:
        return ""


def _index(kind: str) -> dict[str, str]:
    return {bare(synonym): name for name, synonyms in FIELDS[kind].items() for synonym in synonyms}


_INDEX = {kind: _index(kind) for kind in FIELDS}


def header_find(rows: Iterable[Sequence[object]], *, kind: str) -> Header:
    """The header among the first rows; raises FileProblem when there is none or it is unclear."""
    best: set[str] = set()
    for number, row in enumerate(rows):
        if number >= HEADER_WITHIN:
            break
        found = _read(number, row, kind)
        if all(any(name in found.columns for name in group) for group in REQUIRED[kind]):
            return _checked(found, kind)
        best = max(best, set(found.columns), key=len)
    raise FileProblem("no_header", kind=kind, found=sorted(best))


def _read(number: int, row: Sequence[object], kind: str) -> Header:
    columns: dict[str, int] = {}
    labels, ignored, passwords = [], [], []
    for position, cell in enumerate(row):
        name = bare(cell)
        field_name = _INDEX[kind].get(name)
        try:
            labels.append(cells.text(cell)[:60])
        except CellProblem:
            labels.append("")
        if field_name is not None and field_name not in columns:
            columns[field_name] = position
        elif PASSWORD.search(name):
            passwords.append(labels[-1])
        elif name:
            ignored.append(labels[-1])
    return Header(
        row=number,
        columns=columns,
        labels=tuple(labels),
        ignored=tuple(ignored),
        passwords=tuple(passwords),
        bare=tuple(bare(cell) for cell in row),
    )


def _checked(header: Header, kind: str) -> Header:
    for name, label in zip(header.bare, header.labels, strict=True):
        if FORBIDDEN.search(name):
            raise FileProblem("identity_column", label=label)
    seen: dict[str, str] = {}
    for name, label in zip(header.bare, header.labels, strict=True):
        field_name = _INDEX[kind].get(name)
        if field_name is not None and seen.setdefault(name, label) and _twice(header, name):
            raise FileProblem("column_twice", label=label)
    return header


def _twice(header: Header, name: str) -> bool:
    return header.bare.count(name) > 1


def is_data(row: Sequence[object], header: Header) -> bool:
    """False for blank rows, totals, notes, hints and a header that is printed again."""
    first = ""
    for cell in row:
        if cell is None or cell == "":
            continue
        if not isinstance(cell, str):
            first = "0"
            break
        first = cells.text(cell).replace(" ", "")
        if first:
            break
    if not first:
        return False
    if _TOTALS.fullmatch(first) or _NOTES.match(first):
        return False
    position = header.columns["name"]
    if position >= len(row) or bare(row[position]) != header.bare[position]:
        return True
    return tuple(bare(cell) for cell in row[: len(header.bare)]) != header.bare
