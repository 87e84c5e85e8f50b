"""By hand, by Excel, by asking; withdrawing; the history of it all."""

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from audit.models import AuditEntry
from cms.workbooks import XLSX
from lms.classes.asking import request_decide, request_make
from lms.classes.enrolments import enrolment_create, enrolment_withdraw
from lms.classes.models import ClassImport, Enrolment, EnrolmentRequest
from lms.classes.personal_data import imports_forget
from lms.classes.planning import ClassError
from tests.factories import EnrolmentFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, keeper, training_class):
    client.force_login(keeper)
    return f"/classes/{training_class.pk}"


def test_one_stretch_at_a_time_is_open(training_class):
    user = EnrolmentFactory(training_class=training_class, withdrawn_at=timezone.now()).user
    EnrolmentFactory(training_class=training_class, user=user)
    with pytest.raises(IntegrityError), transaction.atomic():
        EnrolmentFactory(training_class=training_class, user=user)


def test_people_are_found_and_enrolled_by_hand(client, desk, units, training_class):
    person = UserFactory(home=units.branch, name="王小明")
    UserFactory(home=units.foreign_branch, name="王小红")
    found = client.get(f"{desk}/enrol/", {"q": "王小"}).context["found"]
    assert [one["pk"] for one in found] == [person.pk]
    for _ in range(2):
        client.post(f"{desk}/enrol/", {"people": [person.pk]})

    enrolment = Enrolment.objects.get()
    assert (enrolment.user, enrolment.origin) == (person, "hand")
    assert AuditEntry.objects.filter(action="enrolment.create").count() == 1


def test_people_of_other_units_are_not_enrolled_by_a_posted_number(client, desk, units):
    stranger = UserFactory(home=units.foreign_branch)
    client.post(f"{desk}/enrol/", {"people": [stranger.pk, "x", "999999"]})

    assert not Enrolment.objects.exists()


def test_withdrawing_and_coming_back_keep_both_stretches(client, desk, units, training_class):
    person = UserFactory(home=units.branch)
    first = enrolment_create(training_class=training_class, user=person)
    for _ in range(2):
        client.post(f"{desk}/people/", {"act": "withdraw", "enrolment": first.pk})
    for _ in range(2):
        client.post(f"{desk}/people/", {"act": "back", "enrolment": first.pk})

    rows = Enrolment.objects.filter(user=person).order_by("pk")
    assert [one.withdrawn_at is None for one in rows] == [False, True]
    assert AuditEntry.objects.filter(action="enrolment.withdraw").count() == 1
    assert [one["one"].pk for one in client.get(f"{desk}/people/").context["rows"]] == [rows[1].pk]
    gone = client.get(f"{desk}/people/", {"show": "withdrawn"}).context["rows"]
    assert [one["one"].pk for one in gone] == [first.pk]


def test_the_list_of_learners_takes_the_same_queries_for_any_number(
    client, desk, units, training_class, django_assert_max_num_queries
):
    counts = []
    for _ in range(2):
        person = UserFactory(home=units.branch)
        EnrolmentFactory(training_class=training_class, user=person, organization=units.branch)
        client.get(f"{desk}/people/")
        with django_assert_max_num_queries(25) as queries:
            client.get(f"{desk}/people/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


# -- Excel -----------------------------------------------------------------------------------------


def upload(client, desk, rows, key=None):
    text = "姓名,手机号码,人员编号,支部名称\n" + "\n".join(rows)
    file = SimpleUploadedFile("学员.csv", text.encode("utf-8-sig"), "text/csv")
    return client.post(f"{desk}/import/", {"key": key or uuid.uuid4(), "file": file})


def test_half_the_people_of_a_workbook_are_unknown(client, desk, units, training_class):
    """The known ones are enrolled, each unknown row says why, nothing is lost."""
    known = [
        UserFactory(home=units.branch, name="赵一", phone="13900000001"),
        UserFactory(home=units.branch, name="钱二", code="C-2"),
    ]
    UserFactory(home=units.foreign_branch, name="孙三", phone="13900000003")
    rows = [
        "赵一,13900000001,,",
        "钱二,,C-2,",
        "孙三,13900000003,,",
        f"李四,,,{units.branch.name}",
    ]
    assert upload(client, desk, rows).status_code == 302
    made = ClassImport.objects.get()
    assert [row["outcome"] for row in made.rows] == ["new", "new", "refused", "refused"]
    assert not Enrolment.objects.exists()
    page = client.get(f"{desk}/import/{made.pk}/").content.decode()
    assert "4 行中有 2 行在名册中找不到对应的人" in page
    for _ in range(2):
        client.post(f"{desk}/import/{made.pk}/", {"act": "confirm"})

    assert {one.user for one in Enrolment.objects.all()} == set(known)
    assert {one.origin for one in Enrolment.objects.all()} == {"excel"}
    assert AuditEntry.objects.filter(action="enrolment.import").count() == 1
    body = client.get(f"{desk}/import/{made.pk}/", {"export": "xlsx"}).content
    sheet = load_workbook(io.BytesIO(body)).active
    outcomes = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [row[-2] for row in outcomes if row[1] in ("赵一", "李四")] == ["已编入", "不接受"]


def test_a_workbook_of_excel_is_read_like_a_list_of_text(client, desk, units):
    """Numbers and all, as Excel keeps them."""
    known = UserFactory(home=units.branch, name="赵一", phone="13900000001")
    book = Workbook()
    for row in (
        ("姓名", "手机号码", "人员编号", "支部名称"),
        ("赵一", 13900000001, None, None),
        ("钱二", 13900000002, None, None),
    ):
        book.active.append(row)
    body = io.BytesIO()
    book.save(body)
    file = SimpleUploadedFile("学员.xlsx", body.getvalue(), XLSX)
    assert client.post(f"{desk}/import/", {"key": uuid.uuid4(), "file": file}).status_code == 302
    made = ClassImport.objects.get()
    assert [row["outcome"] for row in made.rows] == ["new", "refused"]
    page = client.get(f"{desk}/import/{made.pk}/").content.decode()
    assert "2 行中有 1 行在名册中找不到对应的人" in page
    client.post(f"{desk}/import/{made.pk}/", {"act": "confirm"})
    assert [one.user for one in Enrolment.objects.all()] == [known]


def test_a_code_of_another_name_names_nobody(client, desk, units):
    UserFactory(home=units.branch, name="赵一", phone="13900000001")
    upload(client, desk, ["钱二,13900000001,,"])

    assert ClassImport.objects.get().rows[0]["outcome"] == "refused"


def test_namesakes_are_asked_for_a_number(client, desk, units):
    UserFactory.create_batch(2, home=units.branch, name="赵一")
    upload(client, desk, [f"赵一,,,{units.branch.name}"])

    row = ClassImport.objects.get().rows[0]
    assert row["outcome"] == "refused"
    assert "重名" in row["problems"][0]


def test_a_branch_is_known_by_its_name_with_brackets_of_either_width(client, desk, units):
    units.branch.name = "第一党支部（示例）"
    units.branch.save()
    UserFactory(home=units.branch, name="赵一")
    upload(client, desk, ["赵一,,,第一党支部(示例)", "赵一,,,第一党支部（示例）"])

    assert [row["outcome"] for row in ClassImport.objects.get().rows] == ["new", "same"]


def test_a_person_twice_in_a_workbook_is_enrolled_once(client, desk, units):
    UserFactory(home=units.branch, name="赵一", phone="13900000001")
    upload(client, desk, ["赵一,13900000001,,", "赵一,13900000001,,"])

    assert [row["outcome"] for row in ClassImport.objects.get().rows] == ["new", "same"]


def test_a_workbook_sent_twice_is_one_import(client, desk, units):
    key = uuid.uuid4()
    for _ in range(2):
        upload(client, desk, ["赵一,13900000001,,"], key=key)

    assert ClassImport.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "空"), (b"a,b\n1,2\n", "表头"), ("姓名,手机号码\n".encode(), "没有")],
)
def test_a_file_that_is_no_list_is_refused_in_plain_words(client, desk, content, said):
    file = SimpleUploadedFile("a.csv", content, "text/csv")
    response = client.post(f"{desk}/import/", {"key": uuid.uuid4(), "file": file})

    assert response.status_code == 422
    assert said in str(response.context["form"].errors)
    assert not ClassImport.objects.exists()


def test_who_is_erased_goes_out_of_the_lists_handed_in(client, desk, units):
    person = UserFactory(home=units.branch, name="赵一", phone="13900000001")
    upload(client, desk, ["赵一,13900000001,,", "钱二,13900000002,,"])
    assert imports_forget(person) == 1

    assert [row["name"] for row in ClassImport.objects.get().rows] == ["", "钱二"]


# -- asking ----------------------------------------------------------------------------------------


@pytest.fixture
def offered(training_class):
    training_class.is_open_to_ask = True
    training_class.save()
    return training_class


def test_a_member_asks_and_the_keeper_approves(client, units, offered, keeper):
    member = UserFactory(home=units.branch)
    client.force_login(member)
    assert offered.title in client.get("/classes/").content.decode()
    for _ in range(2):
        client.post(f"/classes/{offered.pk}/", {"act": "ask"})
    request = EnrolmentRequest.objects.get()
    client.force_login(keeper)
    for _ in range(2):
        client.post(f"/classes/{offered.pk}/desk/", {"act": "approve", "request": request.pk})

    assert Enrolment.objects.get().origin == "asked"
    assert AuditEntry.objects.filter(action="enrolment.create").count() == 1


def test_of_two_keepers_one_decides(units, offered, keeper):
    request = request_make(training_class=offered, user=UserFactory(home=units.branch))

    assert request_decide(request=request, user=keeper, approve=False)
    assert not request_decide(request=request, user=keeper, approve=True)
    assert not Enrolment.objects.exists()


def test_a_class_that_takes_no_requests_says_so(units, training_class, offered):
    with pytest.raises(ClassError):
        request_make(training_class=offered, user=UserFactory(home=units.foreign_branch))
    offered.is_open_to_ask = False
    offered.save()
    with pytest.raises(ClassError):
        request_make(training_class=offered, user=UserFactory(home=units.branch))


def test_a_request_is_taken_back_and_made_anew(client, units, offered):
    client.force_login(UserFactory(home=units.branch))
    for act in ("ask", "take_back", "take_back", "ask"):
        client.post(f"/classes/{offered.pk}/", {"act": act})

    states = EnrolmentRequest.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["taken_back", "waiting"]


def test_a_withdrawn_learner_can_ask_again(units, offered):
    member = UserFactory(home=units.branch)
    enrolment_withdraw(enrolment=enrolment_create(training_class=offered, user=member))

    assert request_make(training_class=offered, user=member).state == "waiting"


def test_who_went_elsewhere_is_not_taken_back_by_a_posted_number(
    client, desk, units, training_class
):
    gone = EnrolmentFactory(
        training_class=training_class,
        user=UserFactory(home=units.foreign_branch),
        organization=units.branch,
        withdrawn_at=timezone.now(),
    )
    client.post(f"{desk}/people/", {"act": "back", "enrolment": gone.pk})
    assert not Enrolment.objects.open().exists()
