"""The empty workbook to fill in: text columns, hints, drop-downs, and the known words."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from organizations.roster import vocabulary
from organizations.roster.columns import FIELDS

# Rows that are made text and get drop-downs; whoever needs more copies the last one.
ROWS = 2000
PEOPLE_HINTS = {
    "code": "※ 长期不变的编号，再次导入时据此认人；没有可留空",
    "name": "必填",
    "phone": "11 位手机号",
    "unit": "支部编码或支部名称填一项",
    "unit_name": "全称",
    "kind": "默认为组织关系",
    "stage": "",
    "field": "可填多个，用、隔开",
    "position": "可填多个，用、隔开",
    "state": "可填多个，用、隔开；填“无”表示清空",
    "since": "如 2024-09-03 或 2024.9",
    "until": "离开支部时填写",
    "leaving": "",
}
UNIT_HINTS = {
    "code": "※ 必填，长期不变",
    "name": "必填，全称",
    "kind": "新建时必填",
    "parent": "新建时必填；改动即调整隶属关系",
}
CHOICES = {
    "people": {
        "kind": vocabulary.TIES,
        "stage": vocabulary.STAGES,
        "field": vocabulary.FIELDS,
        "position": vocabulary.POSITIONS,
        "state": vocabulary.STATES,
        "leaving": vocabulary.LEAVING,
    },
    "units": {"kind": vocabulary.UNITS},
}
# Several words may stand in these cells, so a drop-down only offers.
SEVERAL = ("field", "position", "state")


def template_bytes(kind: str) -> bytes:
    """The template of "people" or "units" as .xlsx."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "人员名册" if kind == "people" else "组织名册"
    fields = list(FIELDS[kind])
    hints = PEOPLE_HINTS if kind == "people" else UNIT_HINTS
    sheet.append([FIELDS[kind][name][0] for name in fields])
    sheet.append([hints[name] for name in fields])
    for number, name in enumerate(fields, 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = 18
        sheet.column_dimensions[letter].number_format = "@"
        head, hint = sheet.cell(1, number), sheet.cell(2, number)
        head.font = Font(bold=True)
        head.fill = PatternFill("solid", fgColor="FFF4EEE4")
        hint.font = Font(size=9, color="FF5C544A")
        hint.alignment = Alignment(wrap_text=True, vertical="top")
        if words := CHOICES[kind].get(name):
            _offer(sheet, letter, (synonyms[0] for synonyms in words.values()), name)
    for row in sheet.iter_rows(min_row=1, max_row=ROWS, max_col=len(fields)):
        for cell in row:
            cell.number_format = "@"
    sheet.freeze_panes = "A3"
    _words(book, kind)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _offer(sheet: Worksheet, letter: str, words: Iterable[str], name: str) -> None:
    offer = DataValidation(
        type="list",
        formula1='"' + ",".join(words) + '"',
        allow_blank=True,
        showErrorMessage=name not in SEVERAL,
    )
    offer.error = "请从列表中选择"
    sheet.add_data_validation(offer)
    offer.add(f"{letter}3:{letter}{ROWS}")


def _words(book: Workbook, kind: str) -> None:
    """A second sheet with all words that are understood."""
    sheet = book.create_sheet("填写说明")
    sheet.append(["列", "可填写的内容", "也可以写成"])
    for name, words in CHOICES[kind].items():
        for synonyms in words.values():
            sheet.append([FIELDS[kind][name][0], synonyms[0], "、".join(synonyms[1:])])
    sheet.append([])
    for note in (
        "不要填写身份证号；带有身份证号列的文件不会被读取。",
        "导入不设置密码，也不授予任何管理权限；登录凭证由管理员另行发放。",
        "合计行、填报单位等说明行会自动跳过。",
    ):
        sheet.append([note])
    for letter, width in (("A", 14), ("B", 20), ("C", 70)):
        sheet.column_dimensions[letter].width = width
