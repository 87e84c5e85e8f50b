"""The evening over HTTP: the keeper's phone, the screen without an account, phones at the door."""

import base64
import datetime as dt
import json
import uuid
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from lms.gatherings.deciding import roll_seal
from lms.gatherings.models import Attendance, Gathering, Screen
from lms.gatherings.permissions import can_decide
from lms.gatherings.personal_data import clean_voided_lists
from lms.gatherings.shares import shares_work
from lms.gatherings.tokens import DOOR_SECONDS
from lms.ledger.evidence_files import claims_storage
from lms.ledger.models import CreditEntry
from lms.watching.evidence import Bitmap
from organizations.models import Membership
from organizations.privacy.erasing import person_erase
from tests.factories import UserFactory
from tests.integration.lms.gatherings.conftest import EVENING, LENGTH, room_for
from tests.integration.lms.ledger.test_claims import photo

pytestmark = pytest.mark.django_db
JSON = "application/json"


class WallClock:
    def __init__(self) -> None:
        self.now = EVENING

    def passes(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


@pytest.fixture(autouse=True)
def wall(monkeypatch) -> WallClock:
    clock = WallClock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    return clock


def browser(user=None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


@pytest.fixture
def evening(units, secretary, lecture, wall):
    return room_for(units, secretary, lecture, wall.now).gathering


def connected(evening, keeper) -> Client:
    """A screen that has the session."""
    screen = Client()
    code = screen.post("/tv/code/").json()["code"]
    browser(keeper).post(f"/gatherings/{evening.pk}/", {"act": "pair", "code": code})
    assert screen.get("/tv/paired/").json() == {"paired": True, "gone": False}
    return screen


def opens(screen: Client, lecture, *, status: int = 200):
    answer = screen.post("/tv/open/", json.dumps({"lecture": lecture.pk}), content_type=JSON)
    assert answer.status_code == status, answer.content
    return answer.json()


def beat(opened, seen: Bitmap, seq: int = 1):
    body = {
        "token": opened["token"],
        "seq": seq,
        "position": float(seen.bits.bit_length()),
        "seen": base64.b64encode(seen.to_bytes()).decode(),
    }
    return Client(enforce_csrf_checks=True).post(
        opened["beat_url"], json.dumps(body), content_type="text/plain;charset=UTF-8"
    )


def door_path(client: Client, path: str) -> str:
    parts = urlsplit(client.get(path).json()["url"])
    return f"{parts.path}?{parts.query}"


def test_a_keeper_opens_a_session_for_today_from_a_title(units, secretary, lecture):
    client = browser(secretary)
    said = {"on": EVENING.date().isoformat(), "lecture": lecture.title, "place": "村部"}
    for _twice in range(2):
        answer = client.post("/gatherings/new/", said)
        assert answer.status_code == 302
    made = Gathering.objects.get()
    assert (made.state, made.lecture, answer["Location"]) == (
        "open",
        lecture,
        f"/gatherings/{made.pk}/",
    )


def test_a_title_that_nobody_knows_is_told_on_the_form(secretary):
    said = {"on": EVENING.date().isoformat(), "lecture": "没有这课", "place": "村部"}
    answer = browser(secretary).post("/gatherings/new/", said)
    assert answer.status_code == 422
    assert "没有找到这个课名" in answer.content.decode()
    assert not Gathering.objects.exists()


def test_the_screen_plays_without_an_account_and_its_beats_count(evening, secretary, lecture, wall):
    screen = connected(evening, secretary)
    assert lecture.title in screen.get("/tv/").content.decode()
    assert "sessionid" not in screen.cookies
    opened = opens(screen, lecture)
    assert opened["playback"]["progressive"]
    wall.passes(600)
    answer = beat(opened, Bitmap.span(0, 600)).json()
    assert (answer["accepted"], answer["completed"]) == (600, False)
    page = browser(secretary).get(f"/gatherings/{evening.pk}/roll/").json()
    assert (page["has_screen"], page["plays"]) == (True, [{"id": lecture.pk, "percent": 50}])


def test_a_screen_without_a_session_is_told_so(lecture):
    screen = Client()
    screen.post("/tv/code/")
    opens(screen, lecture, status=403)
    assert screen.get("/tv/door/").status_code == 403
    assert screen.get(f"/tv/playback/{lecture.pk}/").status_code == 403


def test_one_screen_asks_for_codes_within_measure(monkeypatch):
    monkeypatch.setattr("lms.gatherings.screen_views.CODES_PER_NETWORK", 0)
    assert Client().post("/tv/code/").status_code == 429
    assert not Screen.objects.exists()


def test_a_screen_that_is_reloaded_keeps_its_code():
    screen = Client()
    codes = {screen.post("/tv/code/").json()["code"] for _ in range(3)}
    assert len(codes) == Screen.objects.count() == 1


def test_codes_are_counted_by_network_not_by_address(monkeypatch):
    monkeypatch.setattr("lms.gatherings.screen_views.CODES_PER_NETWORK", 3)
    answers = [
        Client(REMOTE_ADDR=f"2001:db8:1:2::{host:x}").post("/tv/code/").status_code
        for host in range(5)
    ]
    assert answers == [200, 200, 200, 429, 429]


def test_codes_are_not_guessed(evening, secretary, monkeypatch):
    monkeypatch.setattr("lms.gatherings.pairing.MOST_TRIES", 2)
    keeper, screen = browser(secretary), Client()
    code = screen.post("/tv/code/").json()["code"]
    for one in ("000000", "000001", code):
        keeper.post(f"/gatherings/{evening.pk}/", {"act": "pair", "code": one})
    assert not Screen.objects.filter(gathering=evening).exists()


def test_a_phone_in_the_room_signs_in_and_the_keeper_sees_how(evening, secretary, members, wall):
    screen = connected(evening, secretary)
    phone = browser(members[0])
    answer = phone.get(door_path(screen, "/tv/door/"), follow=True)
    assert members[0].name in answer.content.decode()
    wall.passes(120)  # reads, then taps
    assert "您已签到" in phone.post(f"/here/{evening.pk}/", follow=True).content.decode()
    rows = browser(secretary).get(f"/gatherings/{evening.pk}/roll/").json()["rows"]
    own = next(row for row in rows if row["user"] == members[0].pk)
    assert (own["present"], own["way"]) == (True, "19:32 扫码")


def test_a_code_passed_on_by_chat_is_of_no_use_a_minute_later(evening, secretary, members, wall):
    passed_on = door_path(browser(secretary), f"/gatherings/{evening.pk}/door/")
    wall.passes(60)
    phone = browser(members[0])
    assert "已过期" in phone.get(passed_on, follow=True).content.decode()
    assert phone.post(f"/here/{evening.pk}/").status_code == 403
    assert not Attendance.objects.exists()


def test_a_scan_says_from_which_account_and_can_be_taken_back(evening, secretary, wall):
    elsewhere = UserFactory(name="外来者")
    path = door_path(browser(secretary), f"/gatherings/{evening.pk}/door/")
    phone = browser(elsewhere)
    phone.get(path, follow=True)
    phone.post(f"/here/{evening.pk}/")
    entry = AuditEntry.objects.get(action="gathering.sign_in")
    assert entry.actor_id == elsewhere.pk
    keeper = browser(secretary)
    said = {"marks": [{"user": elsewhere.pk, "present": False}]}
    answer = keeper.post(f"/gatherings/{evening.pk}/roll/", json.dumps(said), content_type=JSON)
    row = next(row for row in answer.json()["rows"] if row["user"] == elsewhere.pk)
    assert (row["present"], row["note"]) == (False, "外单位")


def test_whoever_signs_in_to_the_site_first_does_not_run_out_of_time(
    evening, secretary, members, wall
):
    phone = Client()
    answer = phone.get(door_path(browser(secretary), f"/gatherings/{evening.pk}/door/"))
    assert answer.status_code == 302
    assert phone.get(answer["Location"]).status_code == 302  # to the sign-in page
    wall.passes(2 * DOOR_SECONDS)
    phone.force_login(members[0])
    phone.post(f"/here/{evening.pk}/")
    assert Attendance.objects.get().user == members[0]


def test_what_a_phone_kept_is_merged_once(evening, secretary, members, wall):
    wall.passes(3600)
    said = json.dumps(
        {
            "marks": [
                {"user": members[0].pk, "present": True, "came": "19:40", "age": 1800},
                {"user": members[1].pk, "present": True, "age": 1800},
            ],
            "guests": {"count": 3, "age": 1800},
        }
    )
    keeper = browser(secretary)
    for _twice in range(2):
        answer = keeper.post(f"/gatherings/{evening.pk}/roll/", said, content_type=JSON)
    assert (answer.json()["present"], answer.json()["guests"]) == (2, 3)
    row = Attendance.objects.get(user=members[0])
    assert timezone.localtime(row.came_at).strftime("%H:%M") == "19:40"
    assert AuditEntry.objects.filter(action="gathering.tick").count() == 2


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "{",
        '{"marks": 3}',
        '{"marks": [{"user": 1}]}',
        '{"marks": [{"user": "1", "present": true}]}',
        '{"marks": [{"user": 1, "present": true, "came": "25:00"}]}',
        '{"marks": [{"user": 1, "present": true, "age": 1e999}]}',
        '{"marks": [{"user": 1, "present": true, "age": NaN}]}',
        f'{{"marks": [{{"user": 1, "present": true, "age": {"9" * 400}}}]}}',
        '{"guests": {"count": -1}}',
    ],
)
def test_what_no_phone_sends_is_refused_and_leaves_nothing(evening, secretary, body):
    answer = browser(secretary).post(f"/gatherings/{evening.pk}/roll/", body, content_type=JSON)
    assert answer.status_code == 400
    assert not Attendance.objects.exists()


def test_a_township_approves_on_the_page_and_the_member_sees_it(
    evening, secretary, officer, members, lecture, wall
):
    screen = connected(evening, secretary)
    opened = opens(screen, lecture)
    wall.passes(LENGTH)
    beat(opened, Bitmap.span(0, LENGTH))
    keeper = browser(secretary)
    said = {"marks": [{"user": members[0].pk, "present": True}]}
    keeper.post(f"/gatherings/{evening.pk}/roll/", json.dumps(said), content_type=JSON)
    keeper.post(f"/gatherings/{evening.pk}/", {"act": "hand_in"})
    evening.refresh_from_db()
    township = browser(officer)
    assert evening.title in township.get("/gatherings/").content.decode()
    for act in ({"act": "void"}, {"act": "send_back", "reason": " "}):
        assert township.post(f"/gatherings/{evening.pk}/", act).status_code == 422
    said = {"act": "approve", "seen": roll_seal(evening)}
    page = township.post(f"/gatherings/{evening.pk}/", said, follow=True)
    assert "学时正在记入" in page.content.decode()
    shares_work()
    assert "学时正在记入" not in township.get(f"/gatherings/{evening.pk}/").content.decode()
    assert evening.title in browser(members[0]).get("/me/hours/").content.decode()


def test_the_township_is_told_that_a_screen_fell_silent(
    evening, secretary, officer, lecture, members, wall
):
    opened = opens(connected(evening, secretary), lecture)
    wall.passes(300)
    beat(opened, Bitmap.span(0, 300))
    Attendance.objects.create(gathering=evening, user=members[0], way="tick")
    wall.passes(900)
    browser(secretary).post(f"/gatherings/{evening.pk}/", {"act": "hand_in"})
    path = f"/gatherings/{evening.pk}/"
    assert "最后一次传回" in browser(officer).get(path).content.decode()
    beat(opened, Bitmap.span(0, LENGTH), seq=2)
    assert "最后一次传回" not in browser(officer).get(path).content.decode()


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


def test_todays_session_stands_before_those_that_were_forgotten(units, secretary, lecture, wall):
    for day in range(1, 130):
        Gathering.objects.create(
            organization=units.branch, title=f"从前第{day}场", place="村部", made_by=secretary,
            on=EVENING.date() - dt.timedelta(days=day), state="open", opened_at=EVENING,
        )  # fmt: skip
    room_for(units, secretary, lecture)
    page = browser(secretary).get("/gatherings/").content.decode()
    assert page.index(lecture.title) < page.index("从前第")


def test_what_one_may_not_decide_does_not_wait_for_ones_word(units, officer, secretary, wall):
    own, theirs = (
        Gathering.objects.create(
            organization=unit, title=title, place="村部", on=EVENING.date(), state="handed_in"
        )
        for unit, title in ((units.township, "本级收看"), (units.branch, "支部收看"))
    )
    page = browser(officer).get("/gatherings/").content.decode()
    waiting = page[page.index('id="decide-title"') :].split("</section>")[0]
    assert theirs.title in waiting
    assert own.title not in waiting


def test_a_session_of_the_topmost_unit_is_decided_by_somebody_else_of_it(units, wall):
    keeper, other = (UserFactory(secretary=True, unit=units.city) for _ in range(2))
    made = Gathering.objects.create(
        organization=units.city, title="市直收看", place="会议室", on=EVENING.date(),
        state="handed_in", made_by=keeper, closed_by=keeper, guests=3,
    )  # fmt: skip
    assert not can_decide(keeper, made)
    assert can_decide(other, made)


def test_who_is_erased_stays_counted_without_a_name(evening, secretary, members):
    name = members[0].name
    Attendance.objects.create(gathering=evening, user=members[0], way="tick")
    person_erase(actor=members[0], person=members[0], reason="")
    row = Attendance.objects.select_related("user").get()
    assert row.is_present
    assert row.user.name != name
