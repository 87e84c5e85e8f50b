"""Figures of a unit as workbooks to keep and to send on."""

import pytest

from audit.models import AuditEntry
from lms.reports import sheets
from tests.integration.lms.reports.test_pages import counted, page, sheet

pytestmark = pytest.mark.django_db


def test_the_workbook_has_the_official_layout(units, people, officer, room, client, now):
    room.put(people[0], at=now, now=now)
    counted(now)
    made = sheet(page(client, "overview", export="xlsx"))
    lines = [[cell.value for cell in row] for row in made.iter_rows()]
    assert "A1:S1" in {str(cells) for cells in made.merged_cells.ranges}
    assert units.county.name in lines[1][0]
    assert officer.name in lines[1][0]
    assert lines[-1][0] == "合计"
    first = made[7]
    assert [cell.data_type for cell in first if cell.value] == ["s"] * 19
    assert first[1].value == units.township.code
    assert first[1].number_format == "@"
    assert AuditEntry.objects.filter(action="reports.export").count() == 1


def test_rows_go_to_a_workbook_piece_by_piece(units, people, officer, room, client, now):
    for number in range(3):
        room.put(people[number], at=now, now=now)
    counted(now)
    response = page(client, "rows", export="xlsx")
    assert response.streaming
    lines = [[cell.value for cell in row] for row in sheet(response).iter_rows()]
    assert lines[-1][0] == "合计"
    assert len([line for line in lines if line[0] and line[0].isdigit()]) == 3
    assert {line[2] for line in lines if line[0] == "1"} == {"王*"}


def test_more_rows_than_a_workbook_holds_are_refused_in_words(
    units, people, officer, room, client, now, monkeypatch
):
    monkeypatch.setattr(sheets, "MOST", 1)
    room.put(people[0], at=now, now=now)
    room.put(people[2], at=now, now=now)
    counted(now)
    response = page(client, "rows", export="xlsx")
    assert not response.streaming
    assert "smaller unit" in response.content.decode() or "更小" in response.content.decode()
