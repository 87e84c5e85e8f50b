"""My data: everything that is kept, wishes, the copy to take along, deleting."""

import io
import json
import zipfile

import pytest
from django.test import RequestFactory
from django.utils import timezone

from audit.log import record
from audit.models import AuditEntry
from lms.home import my_data, my_data_views
from organizations.models import (
    Correction,
    Credential,
    RosterImport,
    RosterRow,
    Tag,
    User,
)
from organizations.privacy import holdings
from organizations.privacy.erasing import EraseError
from tests.factories import (
    CompletionFactory,
    EnrolmentFactory,
    LecturePageFactory,
    PlaySessionFactory,
    UserFactory,
    VideoAssetFactory,
)

pytestmark = pytest.mark.django_db


# -- seeing


def test_every_section_is_listed_and_opens(inside, person, branch):
    lecture = LecturePageFactory(organization=branch, submitted_by=person, title="我的一课")
    PlaySessionFactory(user=person, lecture=lecture)
    CompletionFactory(user=person, lecture=lecture)
    EnrolmentFactory(user=person, organization=branch)
    VideoAssetFactory(owner=person)
    Tag.objects.create(user=person, dimension="state", value="retired")
    Credential.objects.create(
        user=person, digest="d" * 64, issued_by=person, expires_at=timezone.now()
    )
    Correction.objects.create(user=person, text="错了")

    listed = inside.get("/me/data/").context["found"]
    counts = {item["name"]: item["count"] for item in listed}
    assert set(counts) == set(holdings.names())
    for name in ("ties", "tags", "credentials", "watching", "completions", "classes", "uploads"):
        assert counts[name] == 1, name
    assert counts["submissions"] == counts["corrections"] == counts["account"] == 1
    for name in counts:
        response = inside.get(f"/me/data/kept/{name}/")
        assert response.status_code == 200
        assert "no-store" in response.headers["Cache-Control"]


def test_own_data_are_shown_unmasked(inside):
    page = inside.get("/me/data/kept/account/").content.decode()

    assert "13812340001" in page
    assert "P-1" in page


def test_nobody_elses_rows_are_in_it(inside):
    other = UserFactory(home=True, name="别人")
    PlaySessionFactory(user=other)
    CompletionFactory(user=other)

    counts = {item["name"]: item["count"] for item in inside.get("/me/data/").context["found"]}
    assert counts["watching"] == counts["completions"] == 0


def test_an_unknown_section_is_not_there(inside):
    assert inside.get("/me/data/kept/secrets/").status_code == 404


def test_the_page_is_for_people_who_are_signed_in(client):
    assert client.get("/me/data/").status_code == 302


def test_many_rows_come_in_pages(inside, person, branch):
    lecture = LecturePageFactory(organization=branch)
    for _number in range(23):
        PlaySessionFactory(user=person, lecture=lecture)

    first = inside.get("/me/data/kept/watching/").context["rows"]
    second = inside.get("/me/data/kept/watching/?p=2").context["rows"]
    assert (len(first), len(second)) == (20, 3)


def test_the_list_costs_the_same_however_much_is_kept(
    inside, person, branch, django_assert_max_num_queries
):
    lecture = LecturePageFactory(organization=branch)
    for _number in range(15):
        PlaySessionFactory(user=person, lecture=lecture)
    inside.get("/me/data/")

    with django_assert_max_num_queries(40):
        inside.get("/me/data/")
    with django_assert_max_num_queries(14):
        inside.get("/me/data/kept/watching/")


def test_who_looked_is_told_by_office_without_name_and_address(inside, person, branch):
    keeper = UserFactory(secretary=True, unit=branch, name="查看者")
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7")
    record("person.view", actor=keeper, target=person, request=request)

    looks = inside.get("/me/data/kept/looks/").content.decode()
    log = inside.get("/me/data/kept/log/").content.decode()
    assert branch.name in looks
    assert "查看者" not in looks + log
    assert "203.0.113.7" not in looks + log
    counts = {one["name"]: one["count"] for one in inside.get("/me/data/").context["found"]}
    assert counts["looks"] == 1


def test_own_acts_are_in_the_log_with_their_address(inside, person):
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.9")
    record("account.sign_in", actor=person, target=person, request=request)
    record("account.sign_in", actor=UserFactory(), request=request)

    rows = inside.get("/me/data/kept/log/").context["rows"]
    assert sum("203.0.113.9" in dict(row).values() for row in rows) == 1


# -- wishes


def test_a_wish_waits_for_an_answer(inside, person):
    assert inside.post("/me/data/correct/", {"text": "名字的“英”写错了"}).status_code == 302

    wish = Correction.objects.get()
    assert (wish.user, wish.state) == (person, "open")
    page = inside.get("/me/data/correct/").content.decode()
    assert "名字的“英”写错了" in page


@pytest.mark.parametrize("bad", ["", "   ", "我的身份证 11010519491231002X"])
def test_a_wish_needs_words_and_no_identity_card(inside, bad):
    assert inside.post("/me/data/correct/", {"text": bad}).status_code == 200
    assert not Correction.objects.exists()


def test_the_same_wish_twice_is_one_and_five_may_wait(inside):
    for text in ["一", "一", "二", "三", "四", "五", "六"]:
        inside.post("/me/data/correct/", {"text": text})

    assert Correction.objects.count() == 5


# -- the copy


def export_of(response) -> tuple[dict, str]:
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    assert sorted(archive.namelist()) == ["data.json", "我的数据.html"]
    return json.loads(archive.read("data.json")), archive.read("我的数据.html").decode()


def test_the_copy_holds_all_own_data_and_is_not_stored(inside, person, branch):
    lecture = LecturePageFactory(organization=branch, title="<b>党课</b>")
    for _number in range(30):
        PlaySessionFactory(user=person, lecture=lecture)
    other = UserFactory(secretary=True, unit=branch, name="旁人", phone="13700000009")

    assert inside.get("/me/data/export/").headers["Content-Type"].startswith("text/html")
    response = inside.post("/me/data/export/")

    assert "no-store" in response.headers["Cache-Control"]
    assert "attachment" in response.headers["Content-Disposition"]
    data, page = export_of(response)
    assert set(data["sections"]) == set(holdings.names())
    assert data["sections"]["account"]["rows"][0]["phone"] == "13812340001"
    assert len(data["sections"]["watching"]["rows"]) == 30
    assert data["sections"]["watching"]["rows"][0]["started"].endswith("Z")
    assert "李秀英" in page
    assert "&lt;b&gt;党课" in page
    assert other.name not in page + json.dumps(data, ensure_ascii=False)


def test_the_copy_is_bounded_and_says_what_is_left_out(inside, person, monkeypatch):
    monkeypatch.setattr(my_data, "MOST_ROWS", 3)
    for _number in range(5):
        Tag.objects.create(
            user=person, dimension="state", value="retired", valid_to=timezone.localdate()
        )

    data, _page = export_of(inside.post("/me/data/export/"))

    assert len(data["sections"]["tags"]["rows"]) == 3
    assert data["sections"]["tags"]["left_out"] == 2
    assert data["sections"]["ties"]["left_out"] == 0


def test_rows_of_rosters_that_name_the_person_are_shown(inside, person, branch):
    staged = RosterImport.objects.create(unit=branch, file_name="名册.xlsx")
    RosterRow.objects.create(
        roster_import=staged,
        number=1,
        plan="same",
        person=person,
        data={"name": "李秀英", "tags": ["退休"]},
    )

    page = inside.get("/me/data/kept/rosters/").content.decode()
    assert "李秀英、退休" in page


def test_the_copy_is_logged_with_counts_only(inside, person):
    inside.post("/me/data/export/")

    entry = AuditEntry.objects.get(action="data.export")
    assert (entry.actor, entry.target_id) == (person, str(person.pk))
    assert entry.detail["rows"]["ties"] == 1
    assert "李秀英" not in str(entry.detail)


# -- deleting


def test_deleting_asks_first(inside, person):
    page = inside.get("/me/data/erase/")
    assert page.status_code == 200
    inside.post("/me/data/erase/")

    person.refresh_from_db()
    assert person.erased_at is None


def test_deleting_signs_out_and_closes_the_account(inside, person):
    response = inside.post("/me/data/erase/", {"sure": "on"})

    assert response.url == "/me/data/erased/"
    assert inside.get("/me/data/erased/").status_code == 200
    erased = User.objects.get(pk=person.pk)
    assert erased.erased_at is not None
    assert inside.get("/me/data/").status_code == 302


def test_who_cannot_be_deleted_is_told_why(inside, person, monkeypatch):
    def refuse(**kwargs):
        raise EraseError("还没有别人")

    monkeypatch.setattr(my_data_views, "person_erase", refuse)
    response = inside.post("/me/data/erase/", {"sure": "on"})

    assert "还没有别人" in response.content.decode()
    assert inside.get("/me/data/").status_code == 200
