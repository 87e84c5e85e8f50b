"""From a room to the statements of those who were there, and back."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from audit import log
from audit.models import AuditEntry
from cms.programme.models import LectureActivity
from lms.gatherings import shares
from lms.gatherings.deciding import (
    gathering_approve,
    gathering_send_back,
    gathering_void,
    roll_seal,
)
from lms.gatherings.errors import GatheringError
from lms.gatherings.models import Gathering
from lms.gatherings.paper import paper_enter
from lms.gatherings.shares import shares_work
from lms.ledger.entries import person_settle
from lms.ledger.evidence_files import evidence_checked
from lms.ledger.models import CreditEntry
from lms.ledger.rederiving import ledger_doubts
from lms.ledger.tasks import entries_sweep
from lms.watching.models import Completion, PlaySession
from lms.watching.play import play_session_void
from lms.watching.rederiving import completions_doubts
from tests.factories import EnrolmentFactory, TrainingClassFactory
from tests.integration.lms.gatherings.conftest import EVENING, LENGTH, room_for
from tests.integration.lms.ledger.conftest import watch
from tests.integration.lms.ledger.test_claims import photo

LATER = EVENING + dt.timedelta(days=1)
SHANGHAI = dt.timedelta(hours=8)

pytestmark = pytest.mark.django_db


def hours(person, **narrow) -> dict[str, Decimal]:
    """What stands, by kind."""
    rows = CreditEntry.objects.standing().filter(user=person, **narrow)
    found: dict[str, Decimal] = {}
    for one in rows:
        found[one.kind] = found.get(one.kind, Decimal(0)) + one.hours
    return found


def evening(room, lecture, *people, to: int = LENGTH) -> None:
    room.opens(lecture)
    room.plays(0, to)
    room.ticks(*people)
    room.hands_in()


def list_of(units, keeper, people, *, hour: int, **more) -> Gathering:
    """A list on paper of an hour and a half."""
    begins = dt.datetime.combine(EVENING.date(), dt.time(hour), EVENING.tzinfo) - SHANGHAI
    said = {
        "organization": units.branch, "wish": uuid.uuid4(), "title": "主题党日", "place": "村部",
        "begins": begins, "ends": begins + dt.timedelta(minutes=90), "guests": 0,
        "photo": evidence_checked(photo()), "photo_name": "名单.jpg", "now": LATER,
        "people": [one.pk for one in people],
    }  # fmt: skip
    return paper_enter(user=keeper, **(said | more))[0]


def doubts() -> list[str]:
    return [one.text() for one in (*completions_doubts(), *ledger_doubts())]


def test_who_was_there_for_the_whole_lecture_gets_its_lesson(room, lecture, members, officer):
    evening(room, lecture, *members)
    room.is_approved_by(officer)
    for member in members:
        assert hours(member) == {"collective": Decimal("0.50")}
    assert Completion.objects.filter(lecture=lecture).count() == len(members)
    assert doubts() == []


def test_nothing_is_credited_before_the_township_has_approved(room, lecture, members):
    evening(room, lecture, *members)
    assert not CreditEntry.objects.exists()
    assert not Completion.objects.exists()


def test_who_came_late_gets_the_time_that_was_played_while_there(room, lecture, members, officer):
    room.opens(lecture)
    room.plays(0, LENGTH)
    room.ticks(members[0], came=dt.time(19, 40))
    room.hands_in()
    room.is_approved_by(officer)
    # Ten of the twenty minutes, 45 minutes an hour.
    assert hours(members[0]) == {"collective": Decimal("0.22")}
    assert not Completion.objects.exists()
    assert doubts() == []


def test_a_half_played_lecture_counts_by_its_time_and_can_be_finished_at_home(
    room, lecture, members, officer
):
    evening(room, lecture, members[0], to=LENGTH // 2)
    room.is_approved_by(officer)
    assert hours(members[0]) == {"collective": Decimal("0.22")}
    watch(members[0], lecture, at=EVENING + dt.timedelta(days=1), start=LENGTH // 2)
    person_settle(user_id=members[0].pk)
    # Half of the lecture's time is the room's; the other half is the person's own.
    assert hours(members[0]) == {"collective": Decimal("0.22"), "self_study": Decimal("0.25")}
    assert doubts() == []


def test_a_pause_in_the_room_is_nobodys_study(room, lecture, members, officer):
    room.opens(lecture)
    room.plays(0, LENGTH // 4)
    room.passes(900)
    room.plays(LENGTH // 4, LENGTH // 2)
    room.ticks(members[0])
    room.hands_in()
    room.is_approved_by(officer)
    watch(members[0], lecture, at=EVENING + dt.timedelta(days=1), start=LENGTH // 2)
    person_settle(user_id=members[0].pk)
    own = CreditEntry.objects.standing().get(user=members[0], kind="self_study")
    next_day = int((EVENING + dt.timedelta(hours=12)).timestamp())
    assert [start for start, _end in own.spans if start < next_day] == []
    assert hours(members[0], kind="self_study") == {"self_study": Decimal("0.25")}
    assert doubts() == []


def test_time_that_was_spent_on_another_lecture_does_not_count_twice(
    room, lecture, members, officer, db
):
    from tests.factories import LecturePageFactory

    other = LecturePageFactory(asset__duration=600.0)
    watch(members[0], other, at=EVENING)
    person_settle(user_id=members[0].pk)
    evening(room, lecture, members[0])
    room.is_approved_by(officer)
    assert hours(members[0]) == {"self_study": Decimal("0.25"), "collective": Decimal("0.25")}
    assert doubts() == []


def test_a_lecture_learnt_in_the_room_counts_for_the_class_that_holds_it(
    room, lecture, members, officer, django_capture_on_commit_callbacks
):
    run = TrainingClassFactory(
        starts_on=dt.date(2026, 5, 1), ends_on=dt.date(2026, 6, 30), required=[lecture]
    )
    enrolment = EnrolmentFactory(
        training_class=run, user=members[0], enrolled_at=EVENING - dt.timedelta(days=9)
    )
    evening(room, lecture, members[0])
    with django_capture_on_commit_callbacks(execute=True):
        room.is_approved_by(officer)
    enrolment.refresh_from_db()
    assert enrolment.completed_at is not None
    assert hours(members[0]) == {"collective": Decimal("0.50")}


def test_voiding_takes_evidence_hours_and_activity_with_it(room, lecture, members, officer):
    evening(room, lecture, *members)
    room.is_approved_by(officer)
    assert LectureActivity.objects.get().headcount == len(members)
    for _twice in range(2):
        gathering_void(
            gathering=room.gathering, actor=officer, reason="名单与照片不符", now=room.now
        )
    assert not LectureActivity.objects.exists()
    shares_work()
    assert hours(members[0]) == {}
    assert not Completion.objects.exists()
    assert set(PlaySession.objects.values_list("void_reason", flat=True)) == {"名单与照片不符"}
    assert doubts() == []


def test_approving_twice_credits_once(room, lecture, members, officer):
    evening(room, lecture, members[0])
    room.is_approved_by(officer)
    room.is_approved_by(officer)
    assert CreditEntry.objects.count() == 1
    assert entries_sweep() == 0


def test_one_persons_evidence_can_be_voided_alone(room, lecture, members, officer):
    evening(room, lecture, *members)
    room.is_approved_by(officer)
    play_session_void(session=PlaySession.objects.get(user=members[0]), actor=officer, reason="人")
    assert hours(members[0]) == {}
    assert hours(members[1]) == {"collective": Decimal("0.50")}
    assert doubts() == []


def test_what_was_sent_back_is_corrected_and_handed_in_again(room, lecture, members, officer):
    evening(room, lecture, *members)
    gathering_send_back(gathering=room.gathering, actor=officer, reason="少记一人", now=room.now)
    room.ticks(members[0], present=False)
    room.hands_in()
    room.is_approved_by(officer)
    assert room.gathering.state == Gathering.State.APPROVED
    assert hours(members[0]) == {}
    assert hours(members[1]) == {"collective": Decimal("0.50")}


def test_a_programme_becomes_one_activity(units, secretary, officer, members, lecture):
    from cms.programme.activities import activity_log
    from lms.gatherings.opening import gathering_plan, gathering_start
    from tests.factories import ProgrammeFactory
    from tests.integration.lms.gatherings.conftest import PLACE, Room

    day = EVENING.date()
    programme = ProgrammeFactory(organization=units.branch, on=day, lectures=[lecture])
    logged, _made = activity_log(
        organization=units.branch, user=secretary, today=day, programme=programme, held_on=day,
        title="晚间集中学习", speaker="李四", place="村部", headcount=40, recording=None,
    )  # fmt: skip
    made = gathering_plan(
        organization=units.branch, on=day, place=PLACE, user=secretary, now=EVENING,
        programme=programme,
    )  # fmt: skip
    room = Room(gathering_start(gathering=made, user=secretary, now=EVENING), secretary, EVENING)
    evening(room, lecture, *members)
    room.is_approved_by(officer)
    activity = LectureActivity.objects.get()
    assert activity == logged
    assert (activity.headcount, activity.title) == (len(members), "晚间集中学习")
    assert room.gathering.activity == activity


def test_an_activity_that_was_logged_apart_becomes_the_programmes(
    units, secretary, officer, members, lecture
):
    from lms.gatherings.opening import gathering_plan, gathering_start
    from tests.factories import ActivityFactory, ProgrammeFactory
    from tests.integration.lms.gatherings.conftest import PLACE, Room

    day = EVENING.date()
    programme = ProgrammeFactory(organization=units.branch, on=day, lectures=[lecture])
    made = gathering_plan(
        organization=units.branch, on=day, place=PLACE, user=secretary, now=EVENING,
        programme=programme,
    )  # fmt: skip
    logged = ActivityFactory(
        organization=units.branch, held_on=day, title=made.title, speaker=lecture.speaker,
        place=made.place,
    )  # fmt: skip
    room = Room(gathering_start(gathering=made, user=secretary, now=EVENING), secretary, EVENING)
    evening(room, lecture, *members)
    room.is_approved_by(officer)
    logged.refresh_from_db()
    assert (room.gathering.activity, logged.programme) == (logged, programme)


def test_while_the_worker_is_on_its_way_nothing_is_in_doubt(
    room, lecture, members, officer, monkeypatch
):
    evening(room, lecture, *members)
    room.is_approved_by(officer, and_worked=False)
    assert (hours(members[0]), doubts(), entries_sweep()) == ({}, [], 0)
    monkeypatch.setattr(shares, "PEOPLE", 2)
    assert shares_work() == len(members)
    assert shares_work() == 0
    gathering_void(gathering=room.gathering, actor=officer, reason="误批", now=room.now)
    assert (hours(members[0]), doubts()) == ({"collective": Decimal("0.50")}, [])
    assert shares_work() == len(members)
    assert (hours(members[0]), doubts()) == ({}, [])


def test_what_is_voided_before_the_worker_came_was_never_credited(room, lecture, members, officer):
    evening(room, lecture, *members)
    room.is_approved_by(officer, and_worked=False)
    gathering_void(gathering=room.gathering, actor=officer, reason="误批", now=room.now)
    assert shares_work() == 0
    assert not CreditEntry.objects.exists()


def test_a_decision_takes_no_more_statements_for_more_people(
    room, lecture, members, officer, django_assert_max_num_queries
):
    evening(room, lecture, *members)
    with django_assert_max_num_queries(60):
        room.is_approved_by(officer, and_worked=False)


def test_the_log_is_written_when_every_person_is_locked(
    room, lecture, members, officer, monkeypatch
):
    evening(room, lecture, *members)
    room.is_approved_by(officer)
    order = []
    locked, recorded = shares.ledger_lock, log.record_many
    monkeypatch.setattr(shares, "ledger_lock", lambda pk: (order.append("person"), locked(pk)))
    monkeypatch.setattr(
        log, "record_many", lambda *a, **k: (order.append("log"), recorded(*a, **k))
    )
    gathering_void(gathering=room.gathering, actor=officer, reason="误批", now=room.now)
    shares_work()
    assert order == ["person"] * len(members) + ["log"]
    assert AuditEntry.objects.filter(action="play_session.void").count() == len(members)


def test_hours_that_were_voided_for_one_person_stay_so_without_the_session(
    room, lecture, members, officer
):
    evening(room, lecture, members[0])
    room.is_approved_by(officer)
    play_session_void(session=PlaySession.objects.get(), actor=officer, reason="人不在")
    PlaySession.objects.all().delete()
    entries_sweep()
    assert hours(members[0]) == {}
    assert doubts() == []


def test_seeing_the_lecture_again_at_home_earns_nothing_more(room, lecture, members, officer):
    evening(room, lecture, members[0])
    room.is_approved_by(officer)
    watch(members[0], lecture, at=EVENING + dt.timedelta(days=1))
    person_settle(user_id=members[0].pk)
    assert hours(members[0]) == {"collective": Decimal("0.50")}


def test_a_second_evening_with_the_same_lecture_is_a_session_of_its_own(
    units, room, secretary, lecture, members, officer
):
    evening(room, lecture, members[0])
    room.is_approved_by(officer)
    again = room_for(units, secretary, lecture, EVENING + dt.timedelta(days=7))
    evening(again, lecture, members[0])
    again.is_approved_by(officer)
    assert hours(members[0]) == {"collective": Decimal("1.00")}
    assert doubts() == []


def test_two_sessions_of_a_day_with_one_title_are_two_activities(
    units, secretary, officer, members, lecture
):
    lists = [list_of(units, secretary, members, hour=hour) for hour in (9, 15, 19)]
    for one in lists:
        gathering_approve(gathering=one, actor=officer, seen=roll_seal(one), now=LATER)
    titles = set(LectureActivity.objects.values_list("title", flat=True))
    assert titles == {"主题党日", "主题党日（第 2 场）", "主题党日（第 3 场）"}
    assert len({one.activity_id for one in Gathering.objects.all()}) == len(lists)


def test_a_roll_from_which_everybody_was_taken_is_not_approved(room, lecture, members, officer):
    evening(room, lecture, members[0])
    room.ticks(members[0], present=False)
    with pytest.raises(GatheringError):
        room.is_approved_by(officer)
    assert not LectureActivity.objects.exists()
