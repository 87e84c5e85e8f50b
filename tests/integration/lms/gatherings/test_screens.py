"""The screen without an account, and phones that sign in at its code."""

import json
from urllib.parse import urlsplit

import pytest
from django.test import Client

from audit.models import AuditEntry
from lms.gatherings.models import Attendance, Screen
from lms.gatherings.tokens import DOOR_SECONDS
from lms.watching.evidence import Bitmap
from tests.factories import UserFactory
from tests.integration.lms.gatherings.conftest import JSON, beat, browser, connected, opens

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wall")]


def door_path(client: Client, path: str) -> str:
    parts = urlsplit(client.get(path).json()["url"])
    return f"{parts.path}?{parts.query}"


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
