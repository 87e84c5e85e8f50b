"""党课开讲啦: logged one by one, counted as sessions and attendances by period and sub-tree."""

import datetime as dt
import io

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEntry
from cms.programme.activities import ActivityError, activity_log
from cms.programme.models import LectureActivity
from organizations.units.tree import organization_merge
from tests.factories import (
    ActivityFactory,
    LecturePageFactory,
    OrganizationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
FACTS = {"title": "学习党章", "speaker": "王芳", "place": "村部", "headcount": "31"}


def facts(today: dt.date, **changes: str) -> dict[str, str]:
    return {**FACTS, "held_on": today.isoformat(), **changes}


def test_a_secretary_logs_one_for_the_own_branch(client: Client, units, secretary, today) -> None:
    lecture = LecturePageFactory(title="党章微课")
    client.force_login(secretary)
    for _tap in range(2):
        client.post("/activities/new/", facts(today, recording="党章微课"))
    activity = LectureActivity.objects.get()
    assert (activity.organization, activity.headcount) == (units.branch, 31)
    assert activity.recording == lecture
    assert AuditEntry.objects.filter(action="activity.log", actor_id=secretary.pk).count() == 1


def test_a_recording_may_be_named_by_its_address(client: Client, secretary, today) -> None:
    lecture = LecturePageFactory()
    client.force_login(secretary)
    address = f"https://example.org{lecture.get_url()}?t=3"
    client.post("/activities/new/", facts(today, recording=address))
    assert LectureActivity.objects.get().recording == lecture


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("held_on", "2999-01-01"),
        ("held_on", "1899-01-01"),
        ("held_on", "昨天"),
        ("headcount", "0"),
        ("headcount", "100001"),
        ("headcount", "-3"),
        ("title", "\u200b\u202e"),
        ("recording", "没有这节课"),
    ],
)
def test_what_cannot_be_logged_is_answered_at_its_field(
    client: Client, secretary, today, field: str, value: str
) -> None:
    client.force_login(secretary)
    response = client.post("/activities/new/", facts(today, **{field: value}))
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not LectureActivity.objects.exists()


def test_scripts_marks_of_direction_and_emoji_do_no_harm(client: Client, secretary, today) -> None:
    client.force_login(secretary)
    title = "<script>alert(1)</script>\u202e党课\u200b开讲 👩\u200d🌾🌽"
    client.post("/activities/new/", facts(today, title=title))
    assert LectureActivity.objects.get().title == "<script>alert(1)</script>党课开讲 👩\u200d🌾🌽"
    page = client.get("/activities/").content.decode()
    assert "<script>alert(1)" not in page
    assert "👩\u200d🌾🌽" in page


def test_who_helps_branches_writes_the_unit(client: Client, units, today) -> None:
    client.force_login(UserFactory(officer=True, unit=units.township))
    assert client.post("/activities/new/", facts(today)).status_code == 422
    client.post("/activities/new/", facts(today, organization=units.branch.name))
    client.post("/activities/new/", facts(today, organization=units.line_branch.code))
    assert [one.organization for one in LectureActivity.objects.all()] == [units.branch]


def test_nobody_logs_for_units_elsewhere(units, secretary, today) -> None:
    with pytest.raises(PermissionDenied):
        activity_log(
            organization=units.line_branch, user=secretary, today=today,
            **{**FACTS, "headcount": 3, "held_on": today},
        )  # fmt: skip


def test_a_member_logs_nothing(client: Client, units, today) -> None:
    client.force_login(UserFactory(home=units.branch))
    assert client.post("/activities/new/", facts(today)).status_code == 403
    assert client.get("/activities/").status_code == 403


def test_it_can_be_changed_and_deleted(client: Client, units, secretary, today) -> None:
    activity = ActivityFactory(organization=units.branch)
    client.force_login(secretary)
    page = f"/activities/{activity.pk}/"
    client.post(page, facts(today, headcount="40"))
    activity.refresh_from_db()
    assert (activity.headcount, activity.title) == (40, "学习党章")
    client.post(page, {"act": "delete"})
    assert not LectureActivity.objects.exists()
    assert AuditEntry.objects.filter(action="activity.delete").count() == 1


def test_a_change_that_would_be_it_twice_is_refused(client: Client, units, secretary) -> None:
    ActivityFactory(organization=units.branch, title="甲")
    other = ActivityFactory(organization=units.branch, title="乙")
    client.force_login(secretary)
    facts = {"held_on": "2026-05-20", "title": "甲", "speaker": "李四", "place": "村部"}
    response = client.post(f"/activities/{other.pk}/", {**facts, "headcount": "20"})
    assert response.status_code == 422
    other.refresh_from_db()
    assert other.title == "乙"


def test_another_branchs_activity_cannot_be_opened(client: Client, units, secretary) -> None:
    client.force_login(secretary)
    activity = ActivityFactory(organization=units.line_branch)
    assert client.get(f"/activities/{activity.pk}/").status_code == 404


def test_the_database_keeps_the_headcount_in_range(units) -> None:
    with pytest.raises(IntegrityError):
        ActivityFactory(organization=units.branch, headcount=0)


def test_sessions_and_attendances_are_counted_by_sub_tree_and_period(client, units) -> None:
    ActivityFactory(organization=units.branch, headcount=20)
    ActivityFactory(organization=units.township, headcount=5)
    ActivityFactory(organization=units.line_branch, headcount=100)
    ActivityFactory(organization=units.branch, held_on=dt.date(2025, 5, 20), headcount=7)
    client.force_login(UserFactory(curator=True, unit=units.city))
    asked = {"from": "2026-01-01", "to": "2026-06-30", "unit": units.county.code}
    page = client.get("/activities/figures/", asked)
    assert page.context["total"] == ["2", "25"]
    rows = {row["name"]: row["cells"] for row in page.context["rows"]}
    assert rows[units.township.name] == ["2", "25"]
    assert rows[units.sibling.name] == ["0", "0"]
    below = client.get("/activities/figures/", {**asked, "unit": units.township.code})
    cells = {row["name"]: row["cells"] for row in below.context["rows"]}
    assert cells[units.branch.name] == ["1", "20"]
    assert sorted(cells.values()) == [["1", "20"], ["1", "5"]]


def test_lines_add_up_to_the_total_after_a_merge(client: Client, units) -> None:
    ActivityFactory(organization=units.sibling, headcount=5)
    ActivityFactory(organization=units.branch, headcount=20)
    organization_merge(actor=None, organization=units.sibling, into=units.township)
    client.force_login(UserFactory(curator=True, unit=units.county))
    asked = {"from": "2026-01-01", "to": "2026-06-30", "unit": units.township.code}
    page = client.get("/activities/figures/", asked)
    assert page.context["total"] == ["2", "25"]
    rows = {row["name"]: row["cells"] for row in page.context["rows"]}
    assert rows[units.sibling.name] == ["1", "5"]
    assert sorted(rows.values()) == [["1", "20"], ["1", "5"]]


def test_rows_stand_in_the_order_of_the_tree_never_by_size(client: Client, units) -> None:
    ActivityFactory(organization=units.sibling, headcount=500)
    client.force_login(UserFactory(curator=True, unit=units.county))
    rows = client.get("/activities/figures/", {"from": "2026-01-01"}).context["rows"]
    assert [row["name"] for row in rows] == [units.township.name, units.sibling.name]


def test_figures_of_units_elsewhere_are_not_there(client: Client, units) -> None:
    client.force_login(UserFactory(curator=True, unit=units.county))
    for page in ("/activities/figures/", "/activities/", "/figures/library/"):
        assert client.get(page, {"unit": units.line.code}).status_code == 404


@pytest.mark.parametrize("asked", [{"from": "x"}, {"from": "2026-06-01", "to": "2026-05-01"}])
def test_a_period_that_cannot_be_meant_is_said_so(client: Client, units, asked) -> None:
    client.force_login(UserFactory(curator=True, unit=units.county))
    assert client.get("/activities/figures/", asked).context["problem"]


def test_the_page_of_figures_costs_the_same_for_many_units(client: Client, units) -> None:
    ActivityFactory(organization=units.branch, held_on=timezone.localdate())
    client.force_login(UserFactory(curator=True, unit=units.county))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/activities/figures/")
            client.get("/activities/")
        return len(captured)

    queries()
    few = queries()
    for _number in range(8):
        branch = OrganizationFactory(parent=OrganizationFactory(township=True, parent=units.county))
        ActivityFactory(organization=branch, held_on=timezone.localdate())
    assert queries() == few


def test_lists_and_figures_leave_as_workbooks_without_formulas(client: Client, units) -> None:
    ActivityFactory(organization=units.branch, title='=HYPERLINK("http://x","点")', speaker="+1")
    client.force_login(UserFactory(curator=True, unit=units.county))
    asked = {"from": "2026-01-01", "export": "xlsx"}
    for page in ("/activities/", "/activities/figures/"):
        response = client.get(page, asked)
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
        assert not any(str(cell.value).startswith(("=", "+", "-", "@")) for cell in cells)
        assert any(cell.value == "合计" for cell in cells)
    assert AuditEntry.objects.filter(action="activity.export").count() == 2


def test_the_day_of_an_activity_is_past(units, secretary, today) -> None:
    with pytest.raises(ActivityError):
        activity_log(
            organization=units.branch, user=secretary, today=today,
            **{**FACTS, "headcount": 3, "held_on": today + dt.timedelta(days=1)},
        )  # fmt: skip
