"""Lecture activities by Excel: checked, shown, written, with an answer for each row."""

import datetime as dt
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit.models import AuditEntry
from cms.programme.models import ActivityImport, LectureActivity
from organizations.models import Post
from tests.factories import ActivityFactory, LecturePageFactory, UserFactory

pytestmark = pytest.mark.django_db
HEAD = ["支部名称", "日期", "题目", "主讲人", "地点", "人数", "录像"]


def workbook(*rows: list[object], head: list[str] | None = None) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    book.active.append(["党课开讲啦台账"])
    book.active.append(head or HEAD)
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return SimpleUploadedFile("台账.xlsx", stream.getvalue())


def row(unit: str = "", **changes: object) -> list[object]:
    facts = {
        "day": "2026-05-20", "title": "学党章", "speaker": "王芳", "place": "村部", "count": 31,
        "recording": "", **changes,
    }  # fmt: skip
    return [unit, *facts.values()]


def upload(client: Client, file: SimpleUploadedFile) -> ActivityImport | None:
    client.post("/activities/import/", {"file": file})
    return ActivityImport.objects.first()


def outcomes(made: ActivityImport) -> list[str]:
    made.refresh_from_db()
    return [one["outcome"] for one in made.rows]


@pytest.fixture
def officer(client: Client, units):
    user = UserFactory(officer=True, unit=units.township)
    client.force_login(user)
    return user


def test_nothing_is_written_before_somebody_says_so(client: Client, units, officer) -> None:
    made = upload(client, workbook(row(units.branch.name)))
    assert outcomes(made) == ["new"]
    page = client.get(f"/activities/import/{made.pk}/").content.decode()
    assert "学党章" in page
    assert not LectureActivity.objects.exists()


def test_confirming_writes_once_and_answers_each_row(client: Client, units, officer) -> None:
    lecture = LecturePageFactory(title="党章微课")
    rows = [
        row(units.branch.name, recording="党章微课"),
        row(units.branch.code, title="第二课", day=dt.date(2026, 5, 21), count="45人"),
        row(units.branch.name),
        row("不认识的支部"),
        row(units.line_branch.name),
        ["合计", "", "", "", "", 76, ""],
    ]
    made = upload(client, workbook(*rows))
    for _tap in range(2):
        client.post(f"/activities/import/{made.pk}/", {"act": "confirm"})
    assert outcomes(made) == ["logged", "logged", "same", "refused", "refused"]
    found = LectureActivity.objects.order_by("held_on")
    assert [one.headcount for one in found] == [31, 45]
    assert found[0].recording == lecture
    assert found[0].logged_by == officer
    entry = AuditEntry.objects.get(action="activity.import")
    assert entry.detail["rows"] == 2


def test_the_same_workbook_again_logs_nothing_twice(client: Client, units, officer) -> None:
    ActivityFactory(
        organization=units.branch, title="学党章", speaker="王芳", place="村部",
        held_on=dt.date(2026, 5, 20),
    )  # fmt: skip
    assert outcomes(upload(client, workbook(row(units.branch.name)))) == ["same"]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"day": "2099-01-01"}, "还没有到"),
        ({"day": "下周"}, "日期"),
        ({"day": ""}, "日期"),
        ({"count": "很多"}, "整数"),
        ({"count": 0}, "整数"),
        ({"title": ""}, "题目"),
        ({"title": "\u200b\u202e"}, "题目"),
        ({"title": "长" * 81}, "80"),
        ({"speaker": "211302199003071234"}, "身份证"),
    ],
)
def test_a_row_that_is_refused_says_why(client: Client, units, officer, changes, word) -> None:
    made = upload(client, workbook(row(units.branch.name, **changes)))
    assert outcomes(made) == ["refused"]
    assert word in "".join(made.rows[0]["problems"])
    client.post(f"/activities/import/{made.pk}/", {"act": "confirm"})
    assert not LectureActivity.objects.exists()


def test_scripts_formulas_and_unseen_marks_are_text(client: Client, units, officer) -> None:
    rows = [
        row(units.branch.name, title="<script>alert(1)</script>"),
        row(units.branch.name, title="'=1+1", place="\u202e村部\u200b🌽"),
    ]
    made = upload(client, workbook(*rows))
    page = client.get(f"/activities/import/{made.pk}/").content.decode()
    assert "<script>alert(1)" not in page
    client.post(f"/activities/import/{made.pk}/", {"act": "confirm"})
    found = LectureActivity.objects.order_by("pk")
    assert [one.title for one in found] == ["<script>alert(1)</script>", "=1+1"]
    assert found[1].place == "村部🌽"


def test_a_formula_counts_by_the_value_beside_it(client: Client, units, officer) -> None:
    made = upload(client, workbook(row(units.branch.name, count="=1+1")))
    assert outcomes(made) == ["refused"]  # openpyxl stores no value beside it


def test_the_only_branch_need_not_be_written(client: Client, units, secretary) -> None:
    client.force_login(secretary)
    made = upload(client, workbook(row("")))
    assert outcomes(made) == ["new"]
    assert made.rows[0]["unit"] == units.branch.pk


def test_a_post_that_ended_meanwhile_writes_nothing(client: Client, units, officer) -> None:
    made = upload(client, workbook(row(units.branch.name)))
    Post.objects.filter(user=officer).update(valid_to=dt.date(2024, 1, 2))
    assert client.post(f"/activities/import/{made.pk}/", {"act": "confirm"}).status_code == 403
    assert not LectureActivity.objects.exists()


def test_cancelling_writes_nothing(client: Client, units, officer) -> None:
    made = upload(client, workbook(row(units.branch.name)))
    client.post(f"/activities/import/{made.pk}/", {"act": "cancel"})
    client.post(f"/activities/import/{made.pk}/", {"act": "confirm"})
    assert not LectureActivity.objects.exists()


def test_nobody_opens_the_import_of_somebody_else(client: Client, units, officer) -> None:
    made = upload(client, workbook(row(units.branch.name)))
    client.force_login(UserFactory(officer=True, unit=units.township))
    assert client.get(f"/activities/import/{made.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("file", "word"),
    [
        (SimpleUploadedFile("a.xlsx", b"PK\x03\x04broken"), "文件"),
        (SimpleUploadedFile("a.xlsx", b"%PDF-1.4"), "表格"),
        (workbook(["x"], head=["甲", "乙"]), "模板"),
        (workbook(), "数据"),
        (workbook([*row("x"), "1"], head=[*HEAD, "身份证号"]), "身份证"),
    ],
    ids=["damaged", "no workbook", "no header", "no rows", "identity numbers"],
)
def test_a_file_that_cannot_be_taken_is_answered_by_a_sentence(
    client: Client, officer, file: SimpleUploadedFile, word: str
) -> None:
    file.seek(0)
    response = client.post("/activities/import/", {"file": file})
    assert response.status_code == 422
    assert word in "".join(response.context["form"].errors["file"])
    assert not ActivityImport.objects.exists()


def test_the_template_can_be_filled_in_and_uploaded(client: Client, units, officer) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client.get("/activities/template/").content))
    book.active.append(row(units.branch.code))
    stream = io.BytesIO()
    book.save(stream)
    made = upload(client, SimpleUploadedFile("模板.xlsx", stream.getvalue()))
    assert outcomes(made) == ["new"]
