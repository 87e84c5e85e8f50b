"""What was published, taken into the library and chosen as premium, in items and productions."""

import datetime as dt
import io

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms.decisions import lecture_decide, lecture_undecide
from cms.standing import Standing
from organizations.units.tree import organization_merge
from tests.factories import (
    LecturePageFactory,
    OrganizationFactory,
    ProductionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
Kind = Standing.Kind
MAY = dt.datetime(2026, 5, 20, 4, tzinfo=dt.UTC)
JULY = dt.datetime(2026, 7, 1, 4, tzinfo=dt.UTC)
HALF_YEAR = {"from": "2026-01-01", "to": "2026-06-30"}
NONE = {"published": "0/0", "library": "0/0", "premium": "0/0"}


@pytest.fixture
def curator(client: Client, units):
    user = UserFactory(curator=True, unit=units.city)
    client.force_login(user)
    return user


def numbers(figures) -> dict[str, str]:
    return {kind: f"{one.items}/{one.productions}" for kind, one in figures.items()}


def asked(client: Client, unit, table: int = 0, **period: str) -> tuple[dict, dict[str, dict]]:
    """The sum and the rows of a table, as items/productions."""
    page = client.get("/figures/library/", {**HALF_YEAR, **period, "unit": unit.code})
    shown = page.context["tables"][table]
    return shown["total"], {row["name"]: numbers(row["figures"]) for row in shown["rows"]}


def decide(curator, lecture, kind=Kind.LIBRARY, now=MAY) -> None:
    lecture_decide(lecture=lecture, kind=kind, user=curator, now=now)


def test_items_and_productions_are_both_counted(client, units, curator) -> None:
    production = ProductionFactory(organization=units.county)
    for part in (1, 2, 3):
        decide(curator, LecturePageFactory(
            organization=units.branch, production=production, part=part))  # fmt: skip
    decide(curator, LecturePageFactory(organization=units.sibling))
    _total, rows = asked(client, units.county)
    assert rows[units.township.name] == NONE | {"library": "3/1"}
    assert rows[units.sibling.name] == NONE | {"library": "1/1"}


def test_a_production_of_two_units_is_one_in_the_sum(client, units, curator) -> None:
    production = ProductionFactory(organization=units.county)
    for unit in (units.branch, units.sibling):
        decide(curator, LecturePageFactory(organization=unit, production=production))
    total, rows = asked(client, units.county)
    assert rows[units.township.name]["library"] == rows[units.sibling.name]["library"] == "1/1"
    assert "2" in total[1]
    assert "1" in total[1]


def test_a_decision_counts_in_its_period_only(client, units, curator) -> None:
    decide(curator, LecturePageFactory(organization=units.branch), now=JULY)
    _total, rows = asked(client, units.county)
    assert rows[units.township.name] == NONE
    _total, rows = asked(client, units.county, to="2026-07-31")
    assert rows[units.township.name] == NONE | {"library": "1/1"}


def test_what_is_in_force_is_told_apart_from_what_was_decided(client, units, curator) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    decide(curator, lecture, Kind.PREMIUM)
    later = MAY + dt.timedelta(days=1)
    lecture_undecide(lecture=lecture, kind=Kind.PREMIUM, user=curator, now=later)
    assert asked(client, units.county)[1][units.township.name] == NONE | {"premium": "1/1"}
    assert asked(client, units.county, table=1)[1][units.township.name] == NONE


def test_a_lecture_that_moves_leaves_its_figures(client, units, curator) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    decide(curator, lecture)
    lecture.organization = units.foreign
    lecture.save()
    _total, rows = asked(client, units.city)
    assert rows[units.county.name]["library"] == "1/1"
    assert rows[units.other_county.name]["library"] == "0/0"


def test_lines_add_up_to_the_total_after_a_merge(client, units, curator) -> None:
    decide(curator, LecturePageFactory(organization=units.sibling))
    decide(curator, LecturePageFactory(organization=units.branch))
    organization_merge(actor=None, organization=units.sibling, into=units.township)
    for table in (0, 1):
        total, rows = asked(client, units.township, table=table)
        assert rows[units.sibling.name]["library"] == rows[units.branch.name]["library"] == "1/1"
        assert "2" in total[1]


def test_the_workbook_holds_both_tables_as_text(client, units, curator) -> None:
    decide(curator, LecturePageFactory(organization=units.branch))
    asked_for = {**HALF_YEAR, "unit": units.county.code, "export": "xlsx"}
    response = client.get("/figures/library/", asked_for)
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    mine = [row for row in rows if row[0] == units.township.name]
    assert [row[2:] for row in mine] == [["0", "0", "1", "1", "0", "0"]] * 2


def test_figures_cost_the_same_for_many_units(client, units, curator) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/figures/library/", HALF_YEAR)
        return len(captured)

    queries()
    few = queries()
    for _number in range(6):
        county = OrganizationFactory(county=True, parent=units.city)
        decide(curator, LecturePageFactory(organization=county))
    assert queries() == few


def test_members_see_no_figures(client: Client, units) -> None:
    client.force_login(UserFactory(home=units.branch))
    assert client.get("/figures/library/").status_code == 403
