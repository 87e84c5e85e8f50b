"""The evening on its pages: the keeper's phone and the township."""

import datetime as dt
import json
import uuid

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from audit.models import AuditEntry
from lms.gatherings.deciding import roll_seal
from lms.gatherings.models import Attendance, Gathering
from lms.gatherings.permissions import can_decide
from lms.gatherings.shares import shares_work
from lms.watching.evidence import Bitmap
from organizations.privacy.erasing import person_erase
from tests.factories import PostFactory, UserFactory
from tests.integration.lms.gatherings.conftest import (
    EVENING,
    JSON,
    LENGTH,
    PLACE,
    beat,
    browser,
    connected,
    opens,
    room_for,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wall")]


def test_the_township_opens_the_names_of_a_roll(evening, secretary, officer, members):
    page = f"/gatherings/{evening.pk}/"
    assert "显示姓名" not in browser(secretary).get(page).content.decode()
    township = browser(officer)
    assert members[0].name not in township.get(page).content.decode()
    answer = township.post("/people/reveal/", {"show": "on", "next": page})
    assert answer.status_code == 302
    assert members[0].name in township.get(page).content.decode()


def test_a_keeper_opens_a_session_for_today_from_a_title(units, secretary, lecture):
    client = browser(secretary)
    said = {
        "on": EVENING.date().isoformat(),
        "lecture": lecture.title,
        "place": "村部",
        "wish": str(uuid.uuid4()),
    }
    for _twice in range(2):
        answer = client.post("/gatherings/new/", said)
        assert answer.status_code == 302
    made = Gathering.objects.get()
    assert (made.state, made.lecture, answer["Location"]) == (
        "open",
        lecture,
        f"/gatherings/{made.pk}/",
    )


def test_a_session_that_is_there_is_told_with_who_when_and_where(units, secretary, lecture, wall):
    room_for(units, secretary, lecture)
    wall.passes(600)
    second = UserFactory(secretary=True, unit=units.branch, home=units.branch)
    client = browser(second)
    said = {"on": EVENING.date().isoformat(), "lecture": lecture.title, "place": "村小学"}
    answer = client.post("/gatherings/new/", said)
    page = answer.content.decode()
    assert answer.status_code == 422
    made = Gathering.objects.get()
    told = f"这场收看已于 19:30 由{secretary.name}开启，地点：{PLACE}。"
    assert told in page
    assert f'href="/gatherings/{made.pk}/"' in page
    assert "村小学" in page
    assert made.place == PLACE
    moves = {"act": "place", "place": "村小学"}
    answer = client.post(f"/gatherings/{made.pk}/", moves, follow=True)
    assert "村小学" in answer.content.decode()
    made.refresh_from_db()
    assert (made.place, made.state) == ("村小学", "open")
    # The same place again: nothing to change, the way to the session stays.
    page = client.post("/gatherings/new/", said).content.decode()
    assert 'value="place"' not in page
    assert f'href="/gatherings/{made.pk}/"' in page


@pytest.mark.parametrize("place", ["", " ", "长" * 81])
def test_a_place_that_says_nothing_changes_nothing(evening, secretary, place):
    path = f"/gatherings/{evening.pk}/"
    answer = browser(secretary).post(path, {"act": "place", "place": place}, follow=True)
    assert "请写明" in answer.content.decode()
    assert Gathering.objects.get().place == evening.place


def test_a_session_planned_by_another_is_told_as_planned(units, secretary, lecture, wall):
    tomorrow = EVENING.date() + dt.timedelta(days=1)
    said = {"on": tomorrow.isoformat(), "lecture": lecture.title, "place": "村部"}
    client = browser(secretary)
    assert client.post("/gatherings/new/", said).status_code == 302
    page = client.post("/gatherings/new/", said | {"place": "村小学"}).content.decode()
    assert "安排" in page
    assert "2026年5月20日" in page
    assert Gathering.objects.get().place == "村部"


def test_a_title_that_nobody_knows_is_told_on_the_form(secretary):
    said = {"on": EVENING.date().isoformat(), "lecture": "没有这课", "place": "村部"}
    answer = browser(secretary).post("/gatherings/new/", said)
    assert answer.status_code == 422
    assert "没有找到这个课名" in answer.content.decode()
    assert not Gathering.objects.exists()


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


def test_the_roll_of_a_unit_that_one_does_not_hold_is_refused_in_words(evening, units, members):
    """Words, for a phone that ticks: whoever lost the post meanwhile is told why, too."""
    reviewer = UserFactory(reviewer=True, unit=units.county)
    nearby = UserFactory(reviewer=True, unit=units.county)
    PostFactory(user=nearby, organization=units.other_branch)
    said = json.dumps({"marks": [{"user": members[0].pk, "present": True}]})
    for user, status, words in (
        (reviewer, 403, "此功能供党支部书记和协助支部的同志使用，请与所在支部联系。"),
        (nearby, 403, "您只能为自己负责的单位办理。"),
        (UserFactory(secretary=True, unit=units.other_branch), 404, "您只能为自己负责的单位办理。"),
        (members[0], 404, "您只能为自己负责的单位办理。"),
    ):
        path = f"/gatherings/{evening.pk}/roll/"
        phone = browser(user)
        for answer in (phone.get(path), phone.post(path, said, content_type=JSON)):
            assert (answer.status_code, answer.json()) == (status, {"message": words})
    assert not Attendance.objects.exists()
    assert not AuditEntry.objects.filter(action="gathering.tick").exists()


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


def test_a_forgotten_session_says_what_to_do_and_its_township_when_it_was_played(
    evening, secretary, officer, lecture, members, wall
):
    opened = opens(connected(evening, secretary), lecture)
    wall.passes(300)
    beat(opened, Bitmap.span(0, 300))
    Attendance.objects.create(gathering=evening, user=members[0], way="tick")
    wall.passes(3 * 86_400)
    path, keeper = f"/gatherings/{evening.pk}/", browser(secretary)
    said = json.dumps({"marks": [{"user": members[1].pk, "present": True}]})
    told = keeper.post(f"{path}roll/", said, content_type=JSON).json()["say"]
    assert "2026年5月20日" in told
    page = keeper.get(path).content.decode()
    assert told in page
    assert 'value="pair"' not in page
    assert keeper.get(f"{path}door/").status_code == 409
    keeper.post(path, {"act": "hand_in"})
    shown = browser(officer).get(path).content.decode()
    assert "2026年5月20日 19:30 到 2026年5月20日 19:35" in strip_tags(shown)


def test_the_list_counts_by_unit_for_those_who_look_after_units(
    units, evening, secretary, officer, members
):
    for member in members[:2]:
        Attendance.objects.create(gathering=evening, user=member, way="tick")
    Gathering.objects.filter(pk=evening.pk).update(state="approved", guests=3)
    for keeper in (secretary, officer):
        answer = browser(keeper).get("/gatherings/?from=2026-05-01&to=2026-05-31")
        rows = {row["name"]: row["cells"] for row in answer.context["rows"] if any(row["cells"])}
        assert list(rows.values()) == [(1, 2, 5)]
        assert units.branch.name in next(iter(rows))
        assert answer.context["total"] == (1, 2, 5)
    assert browser(officer).get("/gatherings/?to=2026-05-19").context["total"] == (0, 0, 0)
    plain = browser(officer).get("/gatherings/")
    assert "columns" not in plain.context, "to count takes its time, so somebody has to ask"
    asked = browser(officer).get(f"/gatherings/{plain.context['figures_url']}")
    assert asked.context["columns"]
    assert browser(officer).get(f"/gatherings/?unit={units.county.code}").status_code == 404
    assert "columns" not in browser(members[0]).get("/gatherings/?figures=on").context


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
