"""Figures of a unit on their pages: what they say, and what lies behind them."""

import datetime as dt
import io
from types import SimpleNamespace

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from audit.models import AuditEntry
from lms.classes.criterion import RULE_UNKNOWN
from lms.ledger.entries import person_settle
from lms.ledger.models import HourTarget
from lms.ledger.rules import Kind
from lms.ledger.years import closing_work, year_close
from lms.reports.class_tallies import runs_count
from lms.reports.contributions import CATEGORIES
from lms.reports.counting import marks_count
from lms.reports.deriving import people_derived
from lms.reports.looking import look
from lms.reports.months import Months, month_of
from lms.reports.rows import ORDER, standing_entries
from lms.watching.play import play_session_void
from organizations.models import Membership
from organizations.units.tree import organization_move
from tests.factories import (
    EnrolmentFactory,
    LecturePageFactory,
    MembershipFactory,
    TagFactory,
    TrainingClassFactory,
    UserFactory,
)
from tests.integration.lms.ledger.conftest import watch

pytestmark = pytest.mark.django_db


def page(client, name, **asked):
    """Of this year and the last, whatever day it is, unless it asks for other months."""
    asked = {"from": f"{timezone.localdate().year - 1}-01"} | asked
    response = client.get(reverse(f"reports:{name}"), asked)
    assert response.status_code == 200
    return response


def counted(now):
    look(now=now)
    marks_count(now=now)


def sheet(response):
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return book.active


def test_people_and_times_stand_apart(units, people, officer, room, client, now):
    room.put(people[0], at=now, now=now)
    room.put(people[0], at=now - dt.timedelta(hours=2), now=now)
    room.put(people[2], at=now, kind=Kind.CLASS, now=now)
    counted(now)
    found = page(client, "overview").context
    total = found["total"]
    assert (total.people, total.times, total.hours) == (2, 3, 300)
    kinds = {one.label: (one.people, one.times, one.hours) for one in found["kinds"]}
    assert sorted(kinds.values()) == [(0, 0, "0"), (0, 0, "0"), (1, 1, "1"), (1, 2, "2")]


def test_coverage_leaves_out_who_is_exempt(units, people, officer, room, client, now):
    room.put(people[0], at=now, now=now)
    room.put(people[3], at=now, now=now)
    counted(now)
    total = page(client, "overview").context["total"]
    assert (total.asked, total.exempt, total.covered, total.missing) == (3, 1, 1, 2)
    assert total.with_target == 3


def test_who_learnt_in_two_branches_is_one_person_of_the_county(
    units, people, officer, room, client, now
):
    today = timezone.localdate(now)
    room.put(people[0], at=now - dt.timedelta(days=3), now=now)
    Membership.objects.filter(user=people[0]).update(valid_to=today)
    MembershipFactory(user=people[0], organization=units.other_branch, valid_from=today)
    room.put(people[0], at=now, now=now)
    counted(now)
    found = page(client, "overview").context
    assert found["total"].people == 1
    assert [row.figures.people for row in found["rows"]] == [1, 1]
    assert [row.figures.covered for row in found["rows"]] == [0, 1]


def test_a_unit_that_moves_takes_its_figures_along(units, people, officer, room, client, now):
    room.put(people[0], at=now, now=now)
    counted(now)
    organization_move(actor=None, organization=units.township, parent=units.other_county)
    counted(now)
    assert page(client, "overview").context["total"].people == 0
    client.force_login(UserFactory(officer=True, unit=units.other_county))
    assert page(client, "overview").context["total"].people == 1


def test_what_is_taken_back_leaves_the_figures(units, people, officer, room, client, now):
    key = room.put(people[0], at=now, now=now)
    counted(now)
    room.take(key, now=now)
    counted(now)
    total = page(client, "overview").context["total"]
    assert (total.people, total.times, total.hours, total.covered) == (0, 0, 0, 0)
    assert not page(client, "rows").context["rows"]


def test_a_viewing_that_is_voided_leaves_the_figures_of_all_units(
    units, people, officer, client, now, django_capture_on_commit_callbacks
):
    lecture = LecturePageFactory(asset__duration=1200.0)
    above = (units.branch, units.township, units.county)

    def figures():
        counted(now)
        totals = [page(client, "overview", unit=one.code).context["total"] for one in above]
        return {(one.people, one.times, one.hours, one.covered) for one in totals}

    with django_capture_on_commit_callbacks(execute=True):
        session = watch(people[0], lecture, at=now - dt.timedelta(days=1))
    assert figures() == {(1, 1, 50, 1)}
    assert page(client, "lectures").context["lectures"]
    with django_capture_on_commit_callbacks(execute=True):
        play_session_void(session=session, actor=officer, reason="经核实不计")
    assert figures() == {(0, 0, 0, 0)}
    assert not page(client, "lectures").context["lectures"]
    assert not page(client, "rows").context["rows"]


def test_months_that_cannot_be_meant_are_told(units, officer, client):
    for asked in ({"from": "2026-13"}, {"from": "2025-05", "to": "2025-03"}, {"from": "1999-01"}):
        response = page(client, "overview", **asked)
        assert response.context["problem"], asked
        assert response.context["months"].last % 12 + 1 == timezone.localdate().month


def test_the_list_to_call_is_masked_by_unit_and_never_names_the_exempt(
    units, people, officer, room, client, now
):
    room.put(people[0], at=now, now=now)
    counted(now)
    said = page(client, "missing").content.decode()
    assert said.index("138****0002") < said.index("138****0003")
    assert "138****0001" not in said
    assert "13800000002" not in said
    assert "李" not in said.replace("学习", "")


def test_opening_phones_is_logged(units, people, officer, room, client, now):
    counted(now)
    url = reverse("reports:missing")
    client.post(reverse("people:reveal"), {"show": "on", "next": url})
    assert "13800000002" in client.get(url).content.decode()
    entry = AuditEntry.objects.filter(action="person.reveal").get()
    assert entry.detail["list"] == "reports:missing"


def test_who_lacks_a_class_is_masked_until_the_names_are_opened_which_is_logged(
    units, people, officer, client
):
    run = TrainingClassFactory(organization=units.county)
    for person in people[:2]:
        EnrolmentFactory(training_class=run, user=person, organization=units.branch)
    run.enrolments.filter(user=people[0]).update(
        completed_at=timezone.now(), completion_rule=RULE_UNKNOWN
    )
    url = reverse("reports:class_missing", args=[run.pk])
    masked = client.get(url).content.decode()
    assert "138****0002" in masked
    assert "赵*学" in masked
    assert "13800000002" not in masked
    assert "赵未学" not in masked
    assert "138****0001" not in masked, "who has completed it is not called"
    assert not AuditEntry.objects.filter(action="person.reveal").exists()

    client.post(reverse("people:reveal"), {"show": "on", "next": url})
    opened = client.get(url).content.decode()
    assert "13800000002" in opened
    assert "赵未学" in opened
    entry = AuditEntry.objects.get(action="person.reveal")
    assert (entry.actor_id, entry.detail["list"]) == (officer.pk, "reports:class_missing")


def test_pages_of_the_list_follow_each_other(units, officer, client, now, monkeypatch):
    monkeypatch.setattr("lms.reports.missing.PER_PAGE", 3)
    monkeypatch.setattr("lms.reports.views.PER_PAGE", 3)
    for branch in (units.branch, units.other_branch):
        for _ in range(4):
            UserFactory(home=branch)
    counted(now)
    seen, url = [], reverse("reports:missing")
    while url:
        found = client.get(url).context
        seen += [one["pk"] for one in found["people"]]
        url = reverse("reports:missing") + found["next_url"] if found["next_url"] else ""
    assert len(seen) == len(set(seen)) == 8


def test_who_has_not_reached_the_target(units, people, officer, room, client, now):
    HourTarget.objects.create(year=timezone.localdate(now).year, category="member", hours=1)
    room.put(people[0], at=now, now=now)
    counted(now)
    response = page(client, "missing", of="target")
    assert [one["pk"] for one in response.context["people"]] == [people[1].pk, people[2].pk]
    assert {one["target"] for one in response.context["people"]} == {"1"}
    total = page(client, "overview").context["total"]
    assert (total.with_target, total.reached) == (3, 1)


@pytest.fixture
def last_year(units, people, room, now):
    """What was asked for in it, and that one of three got there; its months, as asked for."""
    year = timezone.localdate(now).year - 1
    HourTarget.objects.create(year=year, category="member", hours=1)
    for person, minutes in ((people[0], 45), (people[2], 20)):
        room.put(person, at=dt.datetime(year, 6, 1, 4, tzinfo=dt.UTC), minutes=minutes, now=now)
    return {"from": f"{year}-01", "to": f"{year}-12"}


def closed(units, year):
    year_close(year=int(year["to"][:4]), actor=UserFactory(officer=True, unit=units.city))
    closing_work()


def test_who_had_not_reached_the_target_of_a_closed_year(
    units, people, officer, client, now, last_year
):
    closed(units, last_year)
    # What is learnt and asked of people now is no part of that list.
    HourTarget.objects.create(year=timezone.localdate(now).year, category="member", hours=99)
    today = timezone.localdate(now)
    Membership.objects.filter(user=people[2]).update(valid_to=today)
    MembershipFactory(user=people[2], organization=units.foreign_branch, valid_from=today)
    counted(now)

    found = page(client, "missing", of="target", **last_year).context["people"]
    assert [(one["pk"], one["unit"], one["counts"], one["target"]) for one in found] == [
        (people[1].pk, units.branch.name, "0", "1"),
        (None, units.other_branch.name, "0.44", "1"),
    ]
    assert (found[1]["name"], found[1]["phone"]) == ("已不在本单位名册", "")
    overview = page(client, "overview", **last_year)
    assert overview.context["total"].not_reached == len(found)
    assert "of=target" in overview.content.decode()


def test_pages_of_a_closed_year_follow_each_other(
    units, people, officer, client, now, last_year, monkeypatch
):
    monkeypatch.setattr("lms.reports.missing.PER_PAGE", 1)
    monkeypatch.setattr("lms.reports.views.PER_PAGE", 1)
    closed(units, last_year)
    counted(now)
    first = page(client, "missing", of="target", **last_year).context
    second = client.get(reverse("reports:missing") + first["next_url"]).context
    assert [one["people"][0]["pk"] for one in (first, second)] == [people[1].pk, people[2].pk]
    assert not second["next_url"]


def test_a_closed_year_says_for_ever_who_was_asked_for_what(units, people, last_year):
    """Also when it is no longer the year before."""
    year = int(last_year["to"][:4])
    TagFactory(
        user=people[0], value="team_member", valid_from=dt.date(year, 1, 1),
        valid_to=dt.date(year + 1, 1, 1),
    )  # fmt: skip
    closed(units, last_year)
    for later in (year + 1, year + 3):
        found = people_derived([people[0].pk, people[1].pk], today=dt.date(later, 1, 2))
        categories = [
            one.category for derived in found.values() for one in derived.person.years
            if one.year == year
        ]  # fmt: skip
        assert categories == [CATEGORIES["leading"], CATEGORIES["member"]]


def test_a_past_year_that_is_not_closed_has_no_such_list_and_says_so(
    units, people, officer, client, now, last_year
):
    counted(now)
    response = page(client, "missing", of="target", **last_year)
    assert response.context["people"] == []
    said = response.content.decode()
    assert f"{last_year['to'][:4]} 年的未达标名单还没有生成" in said
    assert response.context["which"] == "target"
    this_year = client.get(reverse("reports:missing") + response.context["this_year"])
    assert this_year.context["which"] == "target"
    assert this_year.context["people"]
    assert "of=target" not in page(client, "overview", **last_year).content.decode()


def test_rows_say_who_what_when_hours_and_kind(units, people, officer, client, now):
    lecture = LecturePageFactory(title="示例课", asset__duration=1200.0)
    # As if yesterday, so that the evening of it has come.
    watch(people[0], lecture, at=now - dt.timedelta(days=1))
    person_settle(user_id=people[0].pk)
    counted(now)
    (row,) = page(client, "rows").context["rows"]
    assert (row["title"], row["hours"], row["unit"]) == ("示例课", "0.5", units.branch.name)
    assert row["name"] == "王*"


def test_a_branch_is_walked_along_its_index(units, officer):
    """Months of many entries cost a page what one month does."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no such index.")
    month = month_of(timezone.localdate())
    asked = SimpleNamespace(unit=units.branch, months=Months(month - 20, month))
    statement = standing_entries(asked, [units.branch.pk]).order_by(*ORDER[1:])[:50]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    plan = statement.explain()
    assert "credit_in_month" in plan
    assert "Sort" not in plan


def test_the_rows_of_who_has_left_for_another_county_stay_without_the_name(
    units, people, officer, room, client, now
):
    room.put(people[0], at=now, now=now)
    Membership.objects.filter(user=people[0]).update(valid_to=timezone.localdate(now))
    MembershipFactory(user=people[0], organization=units.foreign_branch)
    counted(now)
    (row,) = page(client, "rows").context["rows"]
    assert (row["name"], row["unit"]) == ("已不在本单位名册", units.branch.name)
    assert "已不在本单位名册" in {
        cell.value for cell in sheet(page(client, "rows", export="xlsx"))["C"]
    }


def test_no_page_of_figures_names_a_lecture_that_is_not_shown(units, officer, client, now):
    counted(now)
    draft = LecturePageFactory(
        title="未发布的示例课", live=False, organization=units.foreign_branch
    )
    url = reverse("reports:rows")
    assert client.get(url, {"lecture": draft.pk}).status_code == 404
    assert client.get(url, {"lecture": draft.pk, "export": "xlsx"}).status_code == 404


def test_from_a_lecture_to_its_people(units, people, officer, client, now):
    lecture, other = LecturePageFactory.create_batch(2, asset__duration=1200.0)
    watch(people[0], lecture, at=now - dt.timedelta(days=1))
    watch(people[2], lecture, at=now - dt.timedelta(days=1))
    watch(people[2], other, at=now - dt.timedelta(days=2))
    for person in people:
        person_settle(user_id=person.pk)
    counted(now)
    for code, learnt in ((units.county.code, 2), (units.branch.code, 1)):
        asked = {"unit": code}
        found = page(client, "lectures", **asked).context["lectures"]
        assert {one["title"]: one["people"] for one in found}[lecture.title] == learnt
        rows = page(client, "rows", lecture=str(lecture.pk), **asked).context["rows"]
        assert len(rows) == learnt


def test_a_page_of_figures_asks_a_fixed_number_of_questions(
    units, people, officer, room, client, now, django_assert_max_num_queries
):
    room.put(people[0], at=now, now=now)
    for _ in range(3):
        run = TrainingClassFactory(organization=units.county)
        EnrolmentFactory(training_class=run, user=people[0], organization=units.branch)
    counted(now)
    runs_count()
    with django_assert_max_num_queries(17):
        assert page(client, "overview").context["total"].enrolled == 3
