"""The pages of imports and exports: who may, one form one import, nothing for others."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from organizations.models import RosterExport, RosterImport, User
from organizations.roster.work import import_work
from tests.factories import PostFactory, UserFactory
from tests.integration.organizations.roster.conftest import Tree, workbook


@pytest.fixture
def officer(tree: Tree, client: Client) -> Client:
    client.force_login(tree.officer)
    return client


def upload(client: Client, key: uuid.UUID | None = None, **more: str) -> object:
    file = SimpleUploadedFile("名册.xlsx", workbook([("P1", "张三", "", "B1"), ("P2", "", "", "")]))
    data = {"key": str(key or uuid.uuid4()), "unit": "T1", "kind": "people", "file": file, **more}
    return client.post(reverse("roster:import"), data)


def test_from_the_file_to_the_outcome(tree: Tree, officer: Client) -> None:
    answer = upload(officer)
    assert answer.status_code == 302
    made = RosterImport.objects.get()
    page = officer.get(answer.url)
    assert page.context["is_moving"]
    assert b'http-equiv="refresh"' in page.content
    progress = officer.get(reverse("roster:import_progress", args=[made.pk])).json()
    assert progress["moving"]
    import_work(key=made.pk)
    page = officer.get(answer.url)
    assert [row["number"] for row in page.context["rows"]] == [2, 3]
    assert [f["count"] for f in page.context["filters"]] == [2, 1, 1]
    page = officer.get(answer.url, {"show": "refuse"})
    assert [row["number"] for row in page.context["rows"]] == [3]
    officer.post(reverse("roster:import_act", args=[made.pk, "confirm"]))
    officer.post(reverse("roster:import_act", args=[made.pk, "confirm"]))
    import_work(key=made.pk)
    page = officer.get(answer.url)
    assert page.context["one"].outcomes == {"created": 1, "refused": 1}
    assert b'http-equiv="refresh"' not in page.content
    # The workbook comes a moment after the rows; the page looks again by itself until it is there.
    kept = page.context["one"].outcome
    RosterImport.objects.update(outcome="")
    page = officer.get(answer.url)
    assert b'<meta http-equiv="refresh"' in page.content
    assert b"<noscript><meta" not in page.content
    RosterImport.objects.update(outcome=kept)
    outcome = officer.get(reverse("roster:import_outcome", args=[made.pk]))
    assert outcome.status_code == 200
    assert "no-store" in outcome["Cache-Control"]
    assert b"".join(outcome.streaming_content)[:2] == b"PK"
    assert User.objects.filter(code="P1").count() == 1


@pytest.mark.parametrize("ended", [{"state": "failed"}, {"source": ""}, {"attempts": 3}])
def test_no_workbook_is_promised_that_nobody_makes(
    tree: Tree, officer: Client, ended: dict[str, object]
) -> None:
    answer = upload(officer)
    made = RosterImport.objects.get()
    import_work(key=made.pk)
    officer.post(reverse("roster:import_act", args=[made.pk, "confirm"]))
    import_work(key=made.pk)
    RosterImport.objects.update(outcome="", **ended)
    page = officer.get(answer.url)
    assert b"roster-outcome" not in page.content
    assert b'http-equiv="refresh"' not in page.content


def test_sending_the_form_twice_makes_one_import(tree: Tree, officer: Client) -> None:
    key = uuid.uuid4()
    first, second = upload(officer, key), upload(officer, key)
    assert first.url == second.url
    assert RosterImport.objects.count() == 1


def test_cancelling(tree: Tree, officer: Client) -> None:
    upload(officer)
    made = RosterImport.objects.get()
    import_work(key=made.pk)
    page = officer.post(reverse("roster:import_act", args=[made.pk, "cancel"]), follow=True)
    assert page.context["one"].state == "cancelled"
    officer.post(reverse("roster:import_act", args=[made.pk, "confirm"]))
    import_work(key=made.pk)
    assert not User.objects.filter(code="P1").exists()


def test_queries_do_not_grow_with_rows(
    tree: Tree, officer: Client, django_assert_max_num_queries: object
) -> None:
    upload(officer)
    made = RosterImport.objects.get()
    import_work(key=made.pk)
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        officer.get(reverse("roster:import_detail", args=[made.pk]))


def test_a_unit_elsewhere_cannot_be_chosen(tree: Tree, officer: Client) -> None:
    assert upload(officer, unit="F1").status_code == 200
    assert not RosterImport.objects.exists()


@pytest.mark.parametrize("post", ["reviewer", "curator", "security", "auditor", "operator"])
def test_other_posts_and_members_import_and_export_nothing(
    tree: Tree, client: Client, post: str
) -> None:
    client.force_login(UserFactory(**{post: True}, unit=tree.city))
    for name in ("roster:import", "roster:export"):
        assert client.get(reverse(name)).status_code == 403
    assert upload(client).status_code == 403
    client.force_login(UserFactory(home=tree.branch))
    assert client.get(reverse("roster:import")).status_code == 403


def test_nobody_sees_the_imports_of_others(tree: Tree, officer: Client, client: Client) -> None:
    upload(officer)
    made = RosterImport.objects.get()
    import_work(key=made.pk)
    other = Client()
    other.force_login(UserFactory(officer=True, unit=tree.city))
    for name in ("import_detail", "import_progress", "import_outcome"):
        assert other.get(reverse(f"roster:{name}", args=[made.pk])).status_code == 404
    act = reverse("roster:import_act", args=[made.pk, "confirm"])
    assert other.post(act).status_code == 404
    assert Client().get(reverse("roster:import")).status_code == 302


def test_an_import_closes_with_the_post_of_who_began_it(tree: Tree, officer: Client) -> None:
    upload(officer)
    made = RosterImport.objects.get()
    import_work(key=made.pk)
    tree.officer.posts.all().delete()
    for name in ("import_detail", "import_progress", "import_outcome"):
        assert officer.get(reverse(f"roster:{name}", args=[made.pk])).status_code == 403
    PostFactory(user=tree.officer, organization=tree.foreign)
    assert officer.get(reverse("roster:import")).context["imports"] == []
    for act in ("confirm", "cancel", "retry"):
        assert officer.post(reverse("roster:import_act", args=[made.pk, act])).status_code == 403
    made.refresh_from_db()
    assert made.state == "checked"


def preview(client: Client, *rows: tuple[str, ...], unit: str = "T1") -> str:
    """The address of an import that was checked."""
    file = SimpleUploadedFile("名册.xlsx", workbook(rows))
    data = {"key": str(uuid.uuid4()), "unit": unit, "kind": "people", "file": file}
    answer = client.post(reverse("roster:import"), data)
    import_work(key=RosterImport.objects.latest("created_at").pk)
    return str(answer.url)


def test_the_preview_is_masked_until_a_logged_reveal(tree: Tree, officer: Client) -> None:
    UserFactory(code="PERSON-0001", name="张建国", phone="13800000001", home=tree.branch)
    address = preview(
        officer,
        ("PERSON-0001", "张建军", "13900000009", "B1"),
        ("PERSON-7777", "", "13800000001", "B1"),
    )
    words = ("张建国", "张建军", "PERSON-0001", "PERSON-7777", "13800000001", "13900000009")
    content = officer.get(address).content.decode()
    assert [word for word in words if word in content] == []
    assert "张*军" in content
    officer.post(reverse("people:reveal"), {"next": address, "show": "on"})
    content = officer.get(address).content.decode()
    assert "张建国" in content
    assert "PERSON-0001" in content
    entry = AuditEntry.objects.get(action="person.reveal")
    assert entry.detail["list"] == "roster:import_detail"


def test_names_of_the_own_branch_are_read_without_a_reveal(tree: Tree, client: Client) -> None:
    PostFactory(user=tree.secretary, organization=tree.township, role="affairs_officer")
    UserFactory(code="PERSON-0001", name="张建国", home=tree.branch)
    UserFactory(code="PERSON-0002", name="李四光", home=tree.sibling)
    client.force_login(tree.secretary)
    address = preview(
        client,
        ("PERSON-0001", "张建军", "", "B1"),
        ("PERSON-0002", "李四明", "", "B1"),
        ("PERSON-0003", "王五一", "", "B2"),
    )
    content = client.get(address).content.decode()
    found = [name for name in ("张建国", "张建军", "李四光", "李四明", "王五一") if name in content]
    assert found == ["张建国", "张建军", "李四明"]
    assert "PERSON-000" not in content


def test_units_are_not_masked(tree: Tree, officer: Client) -> None:
    head = ("组织编码", "组织名称", "组织类别", "上级编码")
    file = SimpleUploadedFile("组织.xlsx", workbook([("B7", "新村党支部", "党支部", "T1")], head))
    upload(officer, kind="units", file=file)  # type: ignore[arg-type]
    made = RosterImport.objects.get()
    import_work(key=made.pk)
    content = officer.get(reverse("roster:import_detail", args=[made.pk])).content.decode()
    assert "新村党支部" in content
    assert reverse("people:reveal") not in content


@pytest.mark.parametrize("name", ["units:detail", "units:branch"])
def test_the_pages_of_a_unit_lead_to_its_import(tree: Tree, client: Client, name: str) -> None:
    client.force_login(tree.secretary)
    address = reverse(name, args=["B1"] if name == "units:detail" else [])
    content = client.get(address).content.decode()
    assert f"{reverse('roster:import')}?unit=B1" in content


def test_an_export_is_fetched_by_its_maker_only(tree: Tree, officer: Client) -> None:
    UserFactory(name="张三", home=tree.branch)
    data = {"key": uuid.uuid4(), "unit": "T1", "reason": "check", "phones": "masked"}
    answer = officer.post(reverse("roster:export"), data)
    export = RosterExport.objects.get()
    assert officer.get(answer.url).context["is_ready"]
    file = reverse("roster:export_file", args=[export.pk])
    assert b"".join(officer.get(file).streaming_content)[:2] == b"PK"
    other = Client()
    other.force_login(UserFactory(officer=True, unit=tree.city))
    assert other.get(file).status_code == 404
    tree.officer.posts.all().delete()
    assert officer.get(file).status_code == 403


def test_the_page_of_a_unit_leads_to_its_export(tree: Tree, officer: Client) -> None:
    page = officer.get(reverse("roster:export"), {"unit": "B1"})
    assert page.context["form"].fields["unit"].choices[0][0] == "B1"
    page = officer.get(reverse("roster:export"), {"unit": "F1"})
    assert [code for code, _ in page.context["form"].fields["unit"].choices] == ["T1"]


@pytest.mark.parametrize("kind", ["people", "units"])
def test_the_template_is_a_workbook_of_text_columns(tree: Tree, officer: Client, kind: str) -> None:
    import io

    import openpyxl

    answer = officer.get(reverse("roster:template", args=[kind]))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert {cell.number_format for cell in sheet[3]} == {"@"}
    assert sheet.data_validations.dataValidation
    assert officer.get(reverse("roster:template", args=["x"])).status_code == 404
