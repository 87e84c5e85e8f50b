"""One person of an approved session was not there: what rests on it falls, everybody else stays."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.urls import reverse

from audit.models import AuditEntry
from cms.periods import Period
from cms.programme.models import LectureActivity
from cms.unit_figures import Asked
from lms.gatherings.deciding import (
    attendance_void,
    gathering_approve,
    gathering_void,
    roll_seal,
)
from lms.gatherings.errors import GatheringError
from lms.gatherings.figures import Together, held_in_all
from lms.gatherings.models import Attendance, Gathering, Share
from lms.gatherings.rolls import Mark, roll_mark
from lms.gatherings.shares import is_in_work, shares_work
from lms.ledger.models import CreditEntry
from lms.ledger.statements import person_statement
from lms.reports.contributions import ANYTHING, What
from lms.reports.counting import marks_count
from lms.reports.looking import look
from lms.reports.models import Tally
from lms.reports.rebuilding import figures_doubts
from lms.watching.checks import check_all_right, check_void
from lms.watching.models import Completion, PlaySession
from lms.watching.play import play_session_void
from notices.models import Message
from organizations.privacy.erasing import person_erase
from tests.factories import UserFactory, ViewingCheckFactory
from tests.integration.lms.gatherings.conftest import LENGTH, browser
from tests.integration.lms.gatherings.test_credit import LATER, doubts, evening, hours, list_of

pytestmark = pytest.mark.django_db
WHY = "当晚在外地，未到场"
DAY = dt.date(2026, 5, 20)


@pytest.fixture
def approved(room, lecture, members, officer):
    evening(room, lecture, *members)
    room.is_approved_by(officer)
    return room


def voids(room_or_list, person, actor, *, why=WHY, and_worked=True) -> None:
    gathering = getattr(room_or_list, "gathering", room_or_list)
    attendance_void(gathering=gathering, user_id=person.pk, actor=actor, reason=why, now=LATER)
    if and_worked:
        shares_work(now=LATER)
    gathering.refresh_from_db()


def figures(units) -> Together:
    return held_in_all(Asked(units.branch, (), Period(DAY, DAY), ""))


def report_doubts() -> list[str]:
    look()
    marks_count()
    return [one.text() for one in figures_doubts()]


def test_evidence_completion_and_hours_of_the_person_fall_alone(approved, members, officer):
    for _twice in range(2):
        voids(approved, members[0], officer)
    assert hours(members[0]) == {}
    assert [hours(one) for one in members[1:]] == [{"collective": Decimal("0.50")}] * 2
    learnt = Completion.objects.order_by("user").values_list("user", flat=True)
    assert list(learnt) == [members[1].pk, members[2].pk]
    voided = PlaySession.objects.get(voided_at__isnull=False)
    assert (voided.user, voided.void_reason, voided.voided_by) == (members[0], WHY, officer)
    assert approved.gathering.state == Gathering.State.APPROVED
    assert doubts() == []
    assert report_doubts() == []


def test_the_person_alone_is_told_once_why_and_whom_to_ask(approved, members, officer, units):
    for _twice in range(2):
        voids(approved, members[0], officer)
    message = Message.objects.get(cause="gathering")
    assert (message.recipient, message.edition) == (members[0], 1)
    for said in (approved.gathering.title, "2026年5月20日", WHY, units.township.name):
        assert said in message.words
    assert message.path == reverse("ledger:mine")
    page = browser(members[0]).get("/inbox/").content.decode()
    assert WHY in page


def test_everybody_of_a_voided_session_is_told_once_and_of_no_viewing(
    approved, members, officer, units
):
    voids(approved, members[0], officer)
    for _twice in range(2):
        gathering_void(
            gathering=approved.gathering, actor=officer, reason="名单与照片不符", now=LATER
        )
        shares_work(now=LATER)
    told = {one.recipient: one for one in Message.objects.all()}
    assert len(told) == Message.objects.count() == len(members)
    assert WHY in told[members[0]].words  # that is why this one does not count
    for one in members[1:]:
        for said in (approved.gathering.title, "名单与照片不符", units.township.name):
            assert said in told[one].words
        assert told[one].edition == 1


def test_whoever_was_erased_meanwhile_is_told_nothing(approved, members, officer):
    person_erase(actor=members[0], person=members[0], reason="")
    voids(approved, members[0], officer)
    assert not Message.objects.filter(cause="gathering").exists()


def test_the_room_counts_one_person_less_everywhere(approved, units, members, officer):
    assert figures(units) == Together(1, 3, 3)
    voids(approved, members[0], officer)
    assert figures(units) == Together(1, 2, 2)
    assert LectureActivity.objects.get().headcount == len(members) - 1


def learnt(units) -> set[tuple[int, int, int]]:
    """People, times, hundredths of hours in the reports of the branch and of each unit above it."""
    report_doubts()
    rows = Tally.objects.filter(what=What.LEARNT, item=ANYTHING)
    sums = {"people": Sum("people"), "times": Sum("times"), "hours": Sum("hours")}
    above = (units.branch, units.township, units.county, units.city)
    found = [rows.filter(unit=unit).aggregate(**sums) for unit in above]
    return {tuple(one[name] or 0 for name in sums) for one in found}


def test_the_reports_of_the_branch_and_all_above_it_lose_what_is_voided(
    approved, units, members, officer
):
    assert learnt(units) == {(3, 3, 150)}
    voids(approved, members[0], officer)
    assert learnt(units) == {(2, 2, 100)}
    gathering_void(gathering=approved.gathering, actor=officer, reason="名单与照片不符", now=LATER)
    shares_work(now=LATER)
    assert learnt(units) == {(0, 0, 0)}


def test_a_late_comer_without_evidence_is_taken_back(room, lecture, members, officer):
    room.opens(lecture)
    room.plays(0, LENGTH)
    room.ticks(members[0], came=dt.time(19, 40))
    room.ticks(members[1])
    room.hands_in()
    room.is_approved_by(officer)
    voids(room, members[0], officer)
    assert hours(members[0]) == {}
    assert hours(members[1]) == {"collective": Decimal("0.50")}
    assert doubts() == []


def test_one_name_of_a_list_on_paper_is_taken_back(units, secretary, officer, members):
    paper = list_of(units, secretary, members, hour=9)
    gathering_approve(gathering=paper, actor=officer, seen=roll_seal(paper), now=LATER)
    shares_work(now=LATER)
    assert hours(members[0]) == {"collective": Decimal("2.00")}
    voids(paper, members[0], officer)
    assert hours(members[0]) == {}
    assert hours(members[1]) == {"collective": Decimal("2.00")}
    assert LectureActivity.objects.get().headcount == len(members) - 1
    assert doubts() == []
    assert report_doubts() == []


def test_the_person_reads_the_reason_in_their_own_hours(approved, members, officer):
    voids(approved, members[0], officer)
    line = person_statement(user_id=members[0].pk, year=2026).lines[0]
    assert (line.reversed_at is not None, line.reversed_why) == (True, WHY)
    assert WHY in browser(members[0]).get("/me/hours/?year=2026").content.decode()
    assert WHY not in browser(members[1]).get("/me/hours/?year=2026").content.decode()


def test_the_reason_of_a_whole_session_is_read_in_the_hours_too(approved, members, officer):
    gathering_void(gathering=approved.gathering, actor=officer, reason="名单与照片不符", now=LATER)
    shares_work(now=LATER)
    line = person_statement(user_id=members[0].pk, year=2026).lines[0]
    assert line.reversed_why == "名单与照片不符"


def test_who_was_taken_back_keeps_that_reason_when_the_whole_is_voided(approved, members, officer):
    voids(approved, members[0], officer)
    gathering_void(gathering=approved.gathering, actor=officer, reason="名单与照片不符", now=LATER)
    shares_work(now=LATER)
    reasons = [
        person_statement(user_id=one.pk, year=2026).lines[0].reversed_why for one in members[:2]
    ]
    assert reasons == [WHY, "名单与照片不符"]
    assert not CreditEntry.objects.standing().exists()
    assert doubts() == []


def test_while_the_worker_is_on_its_way_nothing_is_in_doubt(approved, members, officer):
    voids(approved, members[0], officer, and_worked=False)
    assert is_in_work(approved.gathering)
    assert (hours(members[0]), doubts()) == ({"collective": Decimal("0.50")}, [])
    assert shares_work() == 1
    assert (shares_work(), is_in_work(approved.gathering), doubts()) == (0, False, [])


def test_who_is_taken_back_before_the_worker_came_was_never_credited(
    room, lecture, members, officer
):
    evening(room, lecture, *members)
    room.is_approved_by(officer, and_worked=False)
    voids(room, members[0], officer)
    assert not CreditEntry.objects.filter(user=members[0]).exists()
    assert not PlaySession.objects.filter(user=members[0]).exists()
    assert hours(members[1]) == {"collective": Decimal("0.50")}
    assert doubts() == []


def test_whose_evidence_was_voided_before_can_leave_the_roll_too(approved, members, officer):
    play_session_void(session=PlaySession.objects.get(user=members[0]), actor=officer, reason="人")
    voids(approved, members[0], officer)
    assert not Attendance.objects.get(user=members[0]).is_present
    assert not Share.objects.filter(attendance__user=members[0], is_counted=True).exists()
    assert doubts() == []


def test_the_last_of_a_session_does_not_leave_it_empty(room, lecture, members, officer):
    evening(room, lecture, members[0])
    room.is_approved_by(officer)
    with pytest.raises(GatheringError, match=r"整场|whole session"):
        voids(room, members[0], officer)
    assert hours(members[0]) == {"collective": Decimal("0.50")}


def test_it_is_logged_without_the_reason(approved, members, officer):
    voids(approved, members[0], officer)
    entry = AuditEntry.objects.get(action="gathering.void_person")
    assert (entry.actor, entry.target_id) == (officer, str(approved.gathering.pk))
    assert entry.detail["user"] == members[0].pk
    assert WHY not in str(entry.detail)


def test_who_decided_once_decides_again(approved, members, officer):
    voids(approved, members[0], officer)
    voids(approved, members[1], officer)
    assert hours(members[1]) == {}


def test_only_who_may_void_the_whole_voids_one(approved, units, secretary, members):
    there = UserFactory(officer=True, unit=units.township, home=units.branch)
    Attendance.objects.create(
        gathering=approved.gathering, user=there, way=Attendance.Way.TICK, is_present=True
    )
    for nobody in (secretary, members[1], there):
        with pytest.raises(PermissionDenied):
            voids(approved, members[0], nobody)
    assert hours(members[0]) == {"collective": Decimal("0.50")}


def test_who_kept_the_roll_voids_no_single_viewing_of_it_either(
    units, room, lecture, members, officer
):
    above = UserFactory(officer=True, unit=units.county)
    helper = UserFactory(secretary=True, unit=units.township)
    roll_mark(
        gathering=room.gathering, user=helper, marks=[Mark(members[0].pk, True)], now=room.now
    )
    evening(room, lecture, *members)
    room.is_approved_by(officer)
    session = PlaySession.objects.get(user=members[0])
    page = f"/people/{members[0].pk}/watching/"
    address = f"{page}{session.pk}/"
    check = ViewingCheckFactory(user=members[0])
    check.sessions.add(session)
    for actor, may in ((helper, False), (above, True)):
        client = browser(actor)
        assert (address in client.get(page).content.decode()) == may
        assert client.get(address).status_code == (200 if may else 403)
        choices = client.get(f"/viewings/{check.pk}/").context["void"].fields["sessions"].choices
        assert bool(choices) == may
    with pytest.raises(PermissionDenied):
        check_void(check=check, sessions=[session.pk], actor=helper, words=WHY)
    with pytest.raises(PermissionDenied):
        check_all_right(check=check, actor=helper)
    assert "由其他同志核实" in browser(helper).get(f"/viewings/{check.pk}/").content.decode()
    assert browser(helper).post(address, {"reason": WHY}).status_code == 403
    assert not PlaySession.objects.filter(voided_at__isnull=False).exists()
    assert browser(above).post(address, {"reason": WHY}).status_code == 302


@pytest.mark.parametrize("state", ["handed_in", "voided"])
def test_only_an_approved_session_has_people_to_take_back(room, lecture, members, officer, state):
    evening(room, lecture, *members)
    if state == "voided":
        room.is_approved_by(officer)
        gathering_void(gathering=room.gathering, actor=officer, reason="误批", now=LATER)
    with pytest.raises(GatheringError):
        voids(room, members[0], officer)


def test_a_reason_is_asked_for(approved, members, officer):
    with pytest.raises(GatheringError):
        voids(approved, members[0], officer, why="  ")


def test_erasing_the_person_empties_the_reason(approved, members, officer):
    voids(approved, members[0], officer)
    person_erase(actor=members[0], person=members[0], reason="")
    assert Attendance.objects.get(user=members[0]).void_reason == ""


# -- the page --------------------------------------------------------------------------------------


def test_each_row_of_the_roll_leads_to_its_page(approved, secretary, members, officer):
    page = f"/gatherings/{approved.gathering.pk}/"
    address = f"{page}roll/{members[0].pk}/void/"
    assert address in browser(officer).get(page).content.decode()
    assert address not in browser(secretary).get(page).content.decode()
    township = browser(officer)
    assert "作废一人的出席" in township.get(address).content.decode()
    answer = township.post(address, {"reason": WHY})
    assert (answer.status_code, answer["Location"]) == (302, page)
    shown = township.get(page).content.decode()
    assert WHY in shown
    assert address not in shown
    assert WHY in browser(secretary).get(page).content.decode()
    assert WHY in township.get(address).content.decode()


def test_without_a_reason_the_page_says_so_and_nothing_happens(approved, members, officer):
    address = f"/gatherings/{approved.gathering.pk}/roll/{members[0].pk}/void/"
    answer = browser(officer).post(address, {"reason": " "})
    assert answer.status_code == 422
    assert Attendance.objects.get(user=members[0]).is_present


def test_the_last_person_is_told_on_the_page(room, lecture, members, officer):
    evening(room, lecture, members[0])
    room.is_approved_by(officer)
    address = f"/gatherings/{room.gathering.pk}/roll/{members[0].pk}/void/"
    answer = browser(officer).post(address, {"reason": WHY})
    assert answer.status_code == 422
    assert "整场" in answer.content.decode()
