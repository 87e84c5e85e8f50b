"""Coverage of every category: who is to be taught, enrolled, completed, missing."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from audit.models import AuditEntry
from lms.classes.coverage import SHOWS, coverage, people_of
from tests.factories import (
    EnrolmentFactory,
    MembershipFactory,
    PostFactory,
    TagFactory,
    TrainingClassFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def person(branch, *values):
    made = UserFactory(home=branch)
    for value in values:
        TagFactory(user=made, value=value)
    return made


@pytest.fixture
def taught(units, training_class):
    """Of the county three rural people, one of them a secretary too, and one exempt."""
    done = person(units.branch, "rural", "secretary")
    learning = person(units.branch, "rural")
    missing = person(units.other_branch, "rural")
    person(units.branch, "rural", "exempt")
    person(units.foreign_branch, "rural")
    again = TrainingClassFactory(plan=training_class.plan, number=2, organization=units.county)
    EnrolmentFactory(training_class=training_class, user=done, completed_at=timezone.now())
    EnrolmentFactory(training_class=again, user=done)
    EnrolmentFactory(training_class=again, user=learning)
    return {"done": done, "learning": learning, "missing": missing}


def test_each_category_counts_people_over_all_runs(units, training_class, taught):
    found = coverage(training_class.plan, units.county)
    rows = {row.value: row for _name, of in found.groups for row in of}

    rural, secretary = rows["rural"], rows["secretary"]
    assert (rural.eligible, rural.enrolled, rural.completed, rural.missing) == (3, 2, 1, 2)
    assert (secretary.eligible, secretary.missing) == (1, 0)
    assert list(rows) == ["secretary", "position-others", "rural"]
    assert (found.total.eligible, found.total.enrolled, found.total.completed) == (3, 2, 1)


def test_everybody_stands_in_one_row_of_each_dimension_and_the_rows_add_up(
    units, training_class, taught
):
    by_post = UserFactory(secretary=True, unit=units.branch, home=units.branch)
    person(units.branch, "village_committee", "secretary", "community", "rural")
    person(units.branch, "village_committee", "first_secretary")
    person(units.branch)
    by_post_too = person(units.branch, "village_committee")
    PostFactory(user=by_post_too, organization=units.branch, role="secretary")
    MembershipFactory(user=by_post, organization=units.other_branch, kind="learner")
    EnrolmentFactory(training_class=training_class, user=by_post_too, completed_at=timezone.now())

    found = coverage(training_class.plan, units.county)
    assert found.total.eligible == 8
    for _name, rows in found.groups:
        for what in ("eligible", "enrolled", "completed", "missing"):
            assert sum(getattr(row, what) for row in rows) == getattr(found.total, what)
        for row in rows:
            for show in SHOWS:
                ties = people_of(training_class.plan, units.county, row.value, show)
                assert len(ties) == getattr(row, show), (row.value, show)
    (_position, positions), (_field, fields) = found.groups
    assert {row.value: row.eligible for row in positions} == {
        "secretary": 4,
        "village_committee": 1,
        "position-others": 3,
    }
    assert {row.value: row.eligible for row in fields} == {
        "rural": 4,
        "field-others": 4,
    }
    everybody = people_of(training_class.plan, units.county, "all", "eligible")
    assert len(everybody) == found.total.eligible


def test_coverage_takes_the_same_queries_for_any_number_of_people(units, training_class, taught):
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            coverage(training_class.plan, units.county)
        counts.append(len(queries))
        for _ in range(8):
            person(units.branch, "rural", "team_member")
    assert counts[0] == counts[1] <= 8


def test_figures_open_to_the_people_behind_them(units, training_class, taught):
    def behind(show, unit=units.county):
        ties = people_of(training_class.plan, unit, "rural", show)
        return {tie.user for tie in ties}

    assert behind("eligible") == set(taught.values())
    assert behind("completed") == {taught["done"]}
    assert behind("enrolled") == {taught["done"], taught["learning"]}
    assert behind("missing") == {taught["learning"], taught["missing"]}
    assert behind("missing", units.township) == {taught["learning"]}


def test_the_page_drills_down_and_goes_to_excel(client, units, training_class, taught):
    keeper = UserFactory(officer=True, unit=units.county)
    client.force_login(keeper)
    page = f"/classes/plans/{training_class.plan_id}/coverage/"
    assert client.get(page).context["coverage"].total.eligible == 3
    asked = {"tag": "rural", "show": "missing", "unit": units.county.code}
    assert len(client.get(page, asked).context["rows"]) == 2
    sheet = load_workbook(io.BytesIO(client.get(page, {"export": "xlsx"}).content)).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert any(row[1:5] == ["3", "2", "1", "2"] for row in cells)
    assert ["合计", "3", "2", "1", "2"] in [row[:5] for row in cells]
    client.get(page, asked | {"export": "xlsx"})
    assert AuditEntry.objects.filter(action="class_plan.export").count() == 2


def test_a_foreign_unit_does_not_exist(client, units, training_class):
    client.force_login(UserFactory(officer=True, unit=units.county))
    page = f"/classes/plans/{training_class.plan_id}/coverage/"

    assert client.get(page, {"unit": units.foreign_branch.code}).status_code == 404
