"""Files as they come, and files that mean harm."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from organizations.roster import confined, csv_files
from organizations.roster.guard import OLE_MAGIC, Limits, column_number
from organizations.roster.problems import FileProblem
from organizations.roster.reading import Line, sheet_open
from organizations.roster.writing import SheetWriter

LIMITS = Limits(file_bytes=2_000_000, unpacked_bytes=3_000_000, rows=500, cells=5_000)
CONTENT = "[Content_Types].xml"


def simple(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def changed(content: bytes, change: Callable[[str, bytes], bytes | None], **more: bytes) -> bytes:
    """The archive with entries changed, left out (None) or added."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            data = change(entry.filename, source.read(entry))
            if data is not None:
                target.writestr(entry.filename, data)
        for name, data in more.items():
            target.writestr(name.replace("__", "/"), data)
    return stream.getvalue()


def same(name: str, data: bytes) -> bytes:
    return data


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], list[Line]]:
    def reading(content: bytes) -> list[Line]:
        path = tmp_path / "file"
        path.write_bytes(content)
        return list(sheet_open(path, kind="people", limits=LIMITS).lines)

    return reading


def refusal(read: Callable[[bytes], list[Line]], content: bytes) -> str:
    with pytest.raises(FileProblem) as problem:
        read(content)
    return problem.value.code


GOOD = [["姓名", "手机"], ["张三", "13800000001"]]


def test_row_numbers_are_those_of_the_spreadsheet(read: Callable[[bytes], list[Line]]) -> None:
    content = simple([["名册"], [], ["姓名", "手机"], [], ["张三", 1], ["合计"], ["李四", 2]])
    assert [line.number for line in read(content)] == [5, 7]


def test_a_wrong_dimension_hides_no_rows(read: Callable[[bytes], list[Line]]) -> None:
    def lie(name: str, data: bytes) -> bytes:
        if name.endswith("sheet1.xml"):
            return data.replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1"')
        return data

    assert len(read(changed(simple(GOOD), lie))) == 1


def test_inline_texts_are_read(read: Callable[[bytes], list[Line]], tmp_path: Path) -> None:
    writer = SheetWriter(title="x", widths=[10, 10])
    writer.title("名册")
    writer.head(["姓名", "手机"])
    writer.rows([["张三", "<&\"'>"], ["", "2"], ["李\n四", "=1"]])
    writer.save(tmp_path / "made.xlsx")
    content = (tmp_path / "made.xlsx").read_bytes()
    assert next(line.cells for line in read(content)) == ["张三", "<&\"'>"]
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet["B5"].value == "'=1"
    assert [str(one) for one in sheet.merged_cells.ranges] == ["A1:B1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_both_encodings(read: Callable[[bytes], list[Line]], encoding: str) -> None:
    lines = read("姓名,手机\r\n张三,13800000001\r\n".encode(encoding))
    assert lines == [Line(2, ["张三", "13800000001"])]


HEAD = "姓名,手机\n"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (HEAD + "," * 100 + "\n", "too_many_columns"),
        (HEAD + "," * 1_500_000, "too_many_columns"),
        (HEAD + '"\n",' * 300_000, "damaged"),
        (HEAD + "x" * 1_500_000, "damaged"),
    ],
)
def test_a_row_of_csv_has_its_limits(
    read: Callable[[bytes], list[Line]], content: str, code: str
) -> None:
    assert refusal(read, content.encode()) == code


def test_a_row_of_csv_may_be_as_wide_as_one_of_a_workbook(
    read: Callable[[bytes], list[Line]],
) -> None:
    lines = read(f"{HEAD}张三,1{',' * 98}\n".encode())
    assert len(lines[0].cells) == 100


def test_a_long_row_of_csv_is_refused_before_it_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_files, "ROW_LENGTH", 10_000)
    path = tmp_path / "file"
    path.write_text(HEAD + "," * 1_900_000)
    tracemalloc.start()
    try:
        with pytest.raises(FileProblem):
            list(csv_files.csv_rows(path, LIMITS))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # The list alone would take 15 MB; the text is looked through in pieces of 1 MB.
    assert peak < 8_000_000


def test_hidden_sheets_are_passed_over(read: Callable[[bytes], list[Line]]) -> None:
    book = openpyxl.Workbook()
    book.active.append(["别的"])
    book.active.sheet_state = "hidden"
    sheet = book.create_sheet("名册")
    for row in GOOD:
        sheet.append(row)
    book.active = 1
    stream = io.BytesIO()
    book.save(stream)
    assert len(read(stream.getvalue())) == 1


def test_a_formula_counts_as_its_stored_value(read: Callable[[bytes], list[Line]]) -> None:
    def cached(name: str, data: bytes) -> bytes:
        if name.endswith("sheet1.xml"):
            return data.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>").replace(
                b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>"
            )
        return data

    lines = read(changed(simple([["姓名", "手机"], ["张三", "=1+1"]]), cached))
    assert lines[0].cells[1] == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"%PDF-1.7 nothing", "not_a_workbook"),
        (b"<html><table>", "not_a_workbook"),
        (b"\x00\x01\x02", "not_a_workbook"),
        (b"PK\x03\x04 broken", "damaged"),
        (OLE_MAGIC + bytes(2000), "damaged"),
        (OLE_MAGIC + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"x" * 2_000_001, "file_too_large"),
        ("张三,13800000001\n".encode(), "no_header"),
    ],
)
def test_what_is_no_roster(read: Callable[[bytes], list[Line]], content: bytes, code: str) -> None:
    assert refusal(read, content) == code


def test_an_archive_of_something_else(read: Callable[[bytes], list[Line]]) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "x")
    assert refusal(read, stream.getvalue()) == "not_a_workbook"


def test_an_archive_that_unpacks_to_too_much(read: Callable[[bytes], list[Line]]) -> None:
    content = changed(simple(GOOD), same, xl__media__a=bytes(4_000_000))
    assert len(content) < 20_000
    assert refusal(read, content) == "unpacks_too_large"


def test_a_cell_in_the_last_corner(read: Callable[[bytes], list[Line]]) -> None:
    book = openpyxl.Workbook()
    book.active.append(["姓名", "手机"])
    book.active["XFD1048576"] = "x"
    stream = io.BytesIO()
    book.save(stream)
    assert refusal(read, stream.getvalue()) in ("too_many_rows", "too_many_columns")


def sheet_of(rows: bytes, *, at: str = "") -> bytes:
    """GOOD with more rows below, its sheet at another place of the archive."""
    found = "xl/worksheets/sheet1.xml"

    def change(name: str, data: bytes) -> bytes | None:
        if at and name == found:
            return None
        if at and name == "xl/_rels/workbook.xml.rels":
            return data.replace(f"/{found}".encode(), f"/{at}".encode())
        return added(data) if name == found else data

    def added(data: bytes) -> bytes:
        return data.replace(b"</sheetData>", rows + b"</sheetData>")

    with zipfile.ZipFile(io.BytesIO(simple(GOOD))) as archive:
        moved = {at.replace("/", "__"): added(archive.read(found))} if at else {}
    return changed(simple(GOOD), change, **moved)


LAST_ROW = b'<row r="1048576">%s</row>'


def test_a_row_that_says_it_is_the_last_of_all(read: Callable[[bytes], list[Line]]) -> None:
    row = LAST_ROW % (b"<c><v>1</v></c>" * 90)
    assert refusal(read, sheet_of(row)) == "too_many_rows"


def test_cells_that_do_not_say_where_they_are(read: Callable[[bytes], list[Line]]) -> None:
    row = b"<row>%s</row>"
    assert read(sheet_of(row % (b"<c><v>1</v></c>" * 90)))[1].number == 3
    assert refusal(read, sheet_of(row % (b"<c><v>1</v></c>" * 101))) == "too_many_columns"


def test_half_the_memory_of_the_host_is_asked_for_in_a_process_of_its_own(
    read: Callable[[bytes], list[Line]],
) -> None:
    content = sheet_of(LAST_ROW % (b"<c><v>1</v></c>" * 16_000), at="xl/sheets/s.xml")
    assert len(content) < 10_000
    assert refusal(read, content) == "unpacks_too_large"


def test_a_file_may_not_take_more_time_than_a_roster_needs(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(sheet_of(b"<a/>" * 5_000_000))
    with pytest.raises(FileProblem) as problem:
        sheet_open(path, kind="people", limits=Limits(seconds=1))
    assert problem.value.code == "unpacks_too_large"


@pytest.mark.parametrize("content", [simple(GOOD), "姓名,手机\n张三,1\n".encode()])
def test_no_file_is_read_in_this_process(
    read: Callable[[bytes], list[Line]], content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confined, "READERS", {})
    assert len(read(content)) == 1


def test_empty_cells_far_away_do_no_harm(read: Callable[[bytes], list[Line]]) -> None:
    def far(name: str, data: bytes) -> bytes:
        if name.endswith("sheet1.xml"):
            return data.replace(
                b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
            )
        return data

    assert len(read(changed(simple(GOOD), far))) == 1


def test_one_long_text_that_every_cell_names(tmp_path: Path) -> None:
    def share(name: str, data: bytes) -> bytes:
        if name.endswith("sheet1.xml"):
            row = b'<row><c t="s"><v>0</v></c></row>'
            return data.replace(b"</sheetData>", row * 400 + b"</sheetData>")
        return data

    texts = f'<sst xmlns="x"><si><t>{"长" * 30_000}</t></si></sst>'.encode()
    path = tmp_path / "file"
    path.write_bytes(changed(simple(GOOD), share, **{"xl__sharedStrings.xml": texts}))
    with pytest.raises(FileProblem) as problem:
        sheet_open(path, kind="people", limits=Limits(text_bytes=5_000_000))
    assert problem.value.code == "unpacks_too_large"


def test_a_number_of_a_shared_text_that_is_none(read: Callable[[bytes], list[Line]]) -> None:
    def share(name: str, data: bytes) -> bytes:
        if name.endswith("sheet1.xml"):
            row = b'<row><c t="s"><v>%s</v></c></row>' % (b"9" * 5_000)
            return data.replace(b"</sheetData>", row + b"</sheetData>")
        return data

    texts = f'<sst xmlns="x"><si><t>{"长" * 300}</t></si></sst>'.encode()
    lines = read(changed(simple(GOOD), share, **{"xl__sharedStrings.xml": texts}))
    assert lines[0] == Line(2, ["张三", "13800000001"])


def test_more_rows_than_allowed(read: Callable[[bytes], list[Line]]) -> None:
    content = simple([["姓名", "手机"], *([["张三", "1"]] * 600)])
    assert refusal(read, content) == "too_many_rows"


def test_entities_are_not_expanded(read: Callable[[bytes], list[Line]]) -> None:
    def bomb(name: str, data: bytes) -> bytes:
        if name.endswith("sheet1.xml"):
            return b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]>' + data
        return data

    assert refusal(read, changed(simple(GOOD), bomb)) == "damaged"


def test_links_to_other_files_and_macros(read: Callable[[bytes], list[Line]]) -> None:
    linked = changed(simple(GOOD), same, **{"xl__externalLinks__externalLink1.xml": b"<x/>"})
    assert refusal(read, linked) == "external_links"
    macros = changed(simple(GOOD), same, **{"xl__vbaProject.bin": b"x"})
    assert refusal(read, macros) == "macros"


def test_half_an_archive(read: Callable[[bytes], list[Line]]) -> None:
    content = simple(GOOD)
    assert refusal(read, content[: len(content) // 2]) == "damaged"


def test_a_sheet_that_is_no_xml(read: Callable[[bytes], list[Line]]) -> None:
    def broken(name: str, data: bytes) -> bytes:
        return data[:200] if name.endswith("sheet1.xml") else data

    assert refusal(read, changed(simple(GOOD), broken)) == "damaged"


def test_columns_are_counted_like_a_spreadsheet_does() -> None:
    assert [column_number(one) for one in ("A", "Z", "AA", "XFD")] == [1, 26, 27, 16384]
