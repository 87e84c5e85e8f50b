"""A .xlsx as WPS writes it: parts by absolute paths, phonetic runs beside texts, rich and inline
texts, dates as text, pictures in cells, its own names in docProps.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from organizations.roster.guard import Limits
from organizations.roster.reading import sheet_open

DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WPS = "http://www.wps.cn/officeDocument/2017/etCustomData"


def relations(*targets: tuple[str, str]) -> str:
    rows = (
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{"".join(rows)}</Relationships>'


def phonetic(text: str, *, sound: str) -> str:
    sounds = f'<rPh sb="0" eb="1"><t>{sound}</t></rPh><phoneticPr fontId="1" type="noConversion"/>'
    return f"<si><t>{text}</t>{sounds}</si>"


def plain(text: str) -> str:
    return f'<si><t xml:space="preserve">{text}</t></si>'


def rich(*runs: str) -> str:
    font = '<rPr><sz val="11"/><rFont val="宋体"/><charset val="134"/><scheme val="minor"/></rPr>'
    return "<si>" + "".join(f"<r>{font}<t>{run}</t></r>" for run in runs) + "</si>"


SHARED = (
    plain("甲镇党员名册"),
    phonetic("姓名", sound="xìng"),
    plain("手机号码"),
    plain("起始日期"),
    phonetic("张建国", sound="zhāng"),
    plain("2024年9月3日"),
    rich("买买提·", "艾力"),
)
SHEET = f"""<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}/relationships" xmlns:etc="{WPS}">
<sheetPr/><dimension ref="A1:D5"/>
<sheetViews><sheetView tabSelected="1" workbookViewId="0"/></sheetViews>
<sheetFormatPr defaultColWidth="9" defaultRowHeight="13.5" outlineLevelCol="3"/>
<sheetData>
<row r="1" ht="28" customHeight="1" spans="1:4"><c r="A1" s="1" t="s"><v>0</v></c><c r="B1" s="1"/>
<c r="C1" s="1"/></row>
<row r="2" spans="1:4"><c r="A2" t="s"><v>1</v></c><c r="B2" t="s"><v>2</v></c>
<c r="C2" t="s"><v>3</v></c></row>
<row r="3" spans="1:4"><c r="A3" t="s"><v>4</v></c><c r="B3"><v>13800000001</v></c>
<c r="C3" t="s"><v>5</v></c></row>
<row r="4" spans="1:4"><c r="A4" t="s"><v>6</v></c>
<c r="B4" t="inlineStr"><is><t>１３８ 0000 0002</t></is></c>
<c r="C4" t="str"><f>TEXT(1,"@")</f><v>2024.9</v></c></row>
<row r="5" spans="1:4"><c r="A5" t="inlineStr"><is><r><t>李</t></r><r><t>四</t></r></is></c>
<c r="D5" t="str"><f>_xlfn.DISPIMG("ID_7F",1)</f><v>=DISPIMG("ID_7F",1)</v></c></row>
</sheetData><mergeCells count="1"><mergeCell ref="A1:C1"/></mergeCells>
<pageMargins left="0.75" right="0.75" top="1" bottom="1" header="0.5" footer="0.5"/>
<headerFooter/></worksheet>"""
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": relations(
        (f"{OFFICE}/relationships/officeDocument", "/xl/workbook.xml"),
        (f"{OFFICE}/relationships/extended-properties", "/docProps/app.xml"),
        (f"{OFFICE}/relationships/custom-properties", "/docProps/custom.xml"),
    ),
    "docProps/app.xml": f'<Properties xmlns="{OFFICE}/extended-properties">'
    "<Application>WPS 表格</Application></Properties>",
    "docProps/custom.xml": f'<Properties xmlns="{OFFICE}/custom-properties" xmlns:vt="{OFFICE}/'
    'docPropsVTypes"><property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" '
    'name="KSOProductBuildVer"><vt:lpwstr>2052-12.1.0.16929</vt:lpwstr></property></Properties>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}/relationships">'
    '<fileVersion appName="xl" lastEdited="3" lowestEdited="5" rupBuild="9302"/><workbookPr/>'
    '<bookViews><workbookView windowWidth="28800" windowHeight="12375"/></bookViews>'
    '<sheets><sheet name="党员名册" sheetId="1" r:id="rId1"/></sheets>'
    '<calcPr calcId="144525"/></workbook>',
    "xl/_rels/workbook.xml.rels": relations(
        (f"{OFFICE}/relationships/worksheet", "/xl/worksheets/sheet1.xml"),
        (f"{OFFICE}/relationships/sharedStrings", "/xl/sharedStrings.xml"),
        ("http://www.wps.cn/officeDocument/2020/cellImage", "/xl/cellimages.xml"),
    ),
    "xl/worksheets/sheet1.xml": SHEET,
    "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}" count="{len(SHARED)}" '
    f'uniqueCount="{len(SHARED)}">{"".join(SHARED)}</sst>',
    "xl/cellimages.xml": f'<etc:cellImages xmlns:etc="{WPS}"/>',
}


def wps_file() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, DECLARED + text)
    return stream.getvalue()


def test_a_workbook_as_wps_writes_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "名册.xlsx"
    path.write_bytes(wps_file())
    sheet = sheet_open(path, kind="people", limits=Limits())

    assert sheet.header.labels[:3] == ("姓名", "手机号码", "起始日期")
    lines = list(sheet.lines)
    assert [(line.number, line.cells[:3]) for line in lines] == [
        (3, ["张建国", 13800000001, "2024年9月3日"]),
        (4, ["买买提·艾力", "１３８ 0000 0002", "2024.9"]),
        (5, ["李四", "", ""]),
    ]
