"""Lists on paper over HTTP: entered afterwards, corrected, called off, voided."""

import datetime as dt
import json
import uuid

import pytest

from audit.models import AuditEntry
from lms.gatherings.deciding import roll_seal
from lms.gatherings.models import Gathering
from lms.gatherings.personal_data import clean_voided_lists
from lms.gatherings.shares import shares_work
from lms.ledger.evidence_files import claims_storage
from lms.ledger.models import CreditEntry
from organizations.models import Membership
from tests.integration.lms.gatherings.conftest import EVENING, browser
from tests.integration.lms.ledger.test_claims import photo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wall")]
JSON = "application/json"


def paper_form(**changes):
    return {
        "title": "主题党日集中学习",
        "on": EVENING.date().isoformat(),
        "roll_of": EVENING.date().isoformat(),
        "begins": "15:00",
        "ends": "16:30",
        "place": "村部",
        "guests": "2",
        "wish": str(uuid.uuid4()),
        "photo": photo(),
    } | changes


def test_a_list_on_paper_is_marked_as_such_and_credited_by_its_times(
    secretary, officer, members, wall
):
    said = paper_form(person=[members[0].pk, members[1].pk])
    for _twice in range(2):
        answer = browser(secretary).post("/gatherings/paper/", said | {"photo": photo()})
        assert answer.status_code == 302, answer.content.decode()
    made = Gathering.objects.get()
    assert (made.state, made.is_paper, made.attendances.count()) == ("handed_in", True, 2)
    township = browser(officer)
    assert "事后补录" in township.get(f"/gatherings/{made.pk}/").content.decode()
    picture = b"".join(township.get(f"/gatherings/{made.pk}/photo/").streaming_content)
    assert b"secret place" not in picture
    assert AuditEntry.objects.filter(action="gathering.photo").count() == 1
    township.post(f"/gatherings/{made.pk}/", {"act": "approve", "seen": roll_seal(made)})
    shares_work()
    entry = CreditEntry.objects.get(user=members[0])
    assert (entry.kind, str(entry.hours)) == ("collective", "2.00")
    assert browser(members[0]).get(f"/gatherings/{made.pk}/photo/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"begins": "16:00", "ends": "15:00"}, "结束时间早于开始时间"),
        ({"begins": "22:00", "ends": "23:00"}, "这个时间还没有到"),
        ({"guests": "0"}, "请勾选名单上的人"),
    ],
)
def test_a_list_that_cannot_be_true_is_told_and_leaves_no_file(secretary, changes, words):
    before = set(claims_storage().listdir("")[1]) if claims_storage().exists("") else set()
    answer = browser(secretary).post("/gatherings/paper/", paper_form(**changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Gathering.objects.exists()
    after = set(claims_storage().listdir("")[1]) if claims_storage().exists("") else set()
    assert after == before


def test_a_list_without_its_photo_is_refused_and_makes_nothing(secretary, members):
    said = paper_form(person=[members[0].pk])
    del said["photo"]
    answer = browser(secretary).post("/gatherings/paper/", said)
    assert answer.status_code == 422
    assert "请上传照片或 PDF。" in answer.content.decode()
    assert not Gathering.objects.exists()
    assert not AuditEntry.objects.filter(action__startswith="gathering.").exists()
    # The ticks are not lost.
    ticked = {row["user"] for row in answer.context["rows"] if row["present"]}
    assert ticked == {members[0].pk}


def test_a_list_of_another_day_is_ticked_on_the_roll_of_that_day(secretary, members, wall):
    today, yesterday = EVENING.date(), EVENING.date() - dt.timedelta(days=1)
    left, came, stays = members
    Membership.objects.filter(user=left).update(valid_to=today)
    Membership.objects.filter(user=came).update(valid_from=today)
    keeper = browser(secretary)
    said = paper_form(on=yesterday.isoformat(), person=[came.pk, stays.pk])
    answer = keeper.post("/gatherings/paper/", said)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"当天不在其中：{came.name}" in page
    assert left.name in page
    assert not Gathering.objects.exists()
    said |= {"roll_of": yesterday.isoformat(), "person": [left.pk, stays.pk], "photo": photo()}
    assert keeper.post("/gatherings/paper/", said).status_code == 302
    there = Gathering.objects.get().attendances.values_list("user", flat=True)
    assert set(there) == {left.pk, stays.pk}


@pytest.mark.parametrize("person", ["9" * 5000, "-1", "x"])
def test_a_tick_that_no_page_has_is_nobody(secretary, wall, person):
    answer = browser(secretary).post("/gatherings/paper/", paper_form(person=[person]))
    assert answer.status_code == 302
    assert not Gathering.objects.get().attendances.exists()


def test_a_list_on_paper_is_corrected_when_it_was_sent_back(secretary, officer, members, wall):
    keeper, township = browser(secretary), browser(officer)
    keeper.post("/gatherings/paper/", paper_form(person=[members[0].pk]))
    made = Gathering.objects.get()
    path = f"/gatherings/{made.pk}/"
    said = json.dumps({"marks": [{"user": members[1].pk, "present": True}]})
    assert keeper.post(f"{path}roll/", said, content_type=JSON).status_code == 409
    township.post(path, {"act": "send_back", "reason": "漏了一人"})
    assert 'data-can-mark="yes"' in keeper.get(path).content.decode()
    assert keeper.post(f"{path}roll/", said, content_type=JSON).status_code == 200
    keeper.post(path, {"act": "hand_in"})
    row = made.attendances.get(user=members[1])
    assert (row.is_present, row.way) == (True, "paper")


def test_a_list_that_is_called_off_leaves_no_photo(
    secretary, officer, members, wall, django_capture_on_commit_callbacks
):
    keeper = browser(secretary)
    keeper.post("/gatherings/paper/", paper_form(person=[members[0].pk]))
    made = Gathering.objects.get()
    path = f"/gatherings/{made.pk}/"
    browser(officer).post(path, {"act": "send_back", "reason": "照片不清"})
    with django_capture_on_commit_callbacks(execute=True):
        keeper.post(path, {"act": "call_off"})
    assert not claims_storage().exists(made.photo)
    assert keeper.get(f"{path}photo/").status_code == 404


def test_the_photo_of_a_voided_list_is_cleaned_away_in_time(secretary, officer, members, wall):
    browser(secretary).post("/gatherings/paper/", paper_form(person=[members[0].pk]))
    made = Gathering.objects.get()
    township, path = browser(officer), f"/gatherings/{made.pk}/"
    township.post(path, {"act": "approve", "seen": roll_seal(made)})
    township.post(path, {"act": "void", "reason": "名单不实"})
    assert clean_voided_lists(EVENING, dry_run=False) == 0
    assert clean_voided_lists(EVENING + dt.timedelta(days=1), dry_run=False) == 1
    assert not claims_storage().exists(made.photo)
    made.refresh_from_db()
    assert (made.photo, made.reason) == ("", "名单不实")
