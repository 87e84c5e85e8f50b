"""Sessions that people attend, texts that they read, and what follows from both."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from audit.models import AuditEntry
from lms.classes.attendance import attendance_set, reading_finish
from lms.classes.facts import attended_sessions, completed_classes
from lms.classes.models import Enrolment, ItemDone
from lms.classes.planning import ClassError
from lms.classes.signals import attendance_changed, class_completed, class_completion_withdrawn
from lms.classes.syllabus import item_add, item_change
from lms.ledger.models import YearClosing
from tests.factories import (
    CompletionFactory,
    EnrolmentFactory,
    ReadingItemFactory,
    SessionItemFactory,
    TrainingClassFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def run(units):
    return TrainingClassFactory(organization=units.county)


@pytest.fixture
def session(run):
    return SessionItemFactory(training_class=run)


@pytest.fixture
def people(run, units):
    found = UserFactory.create_batch(3, home=units.branch)
    for one in found:
        EnrolmentFactory(training_class=run, user=one, organization=units.branch)
    return [one.pk for one in found]


def tick(session, keeper, present, shown):
    return attendance_set(
        item=session, user=keeper, present=set(present), shown=set(shown), now=timezone.now()
    )


def heard(signal):
    found = []

    def hear(sender, **facts):
        found.append({key: value for key, value in facts.items() if key != "signal"})

    signal.connect(hear, weak=False)
    return found, hear


def test_attendance_completes_the_run_at_the_end_of_the_session(
    session, keeper, people, django_capture_on_commit_callbacks
):
    found, hear = heard(class_completed)
    with django_capture_on_commit_callbacks(execute=True):
        assert tick(session, keeper, people[:2], people) == (2, 0)
    class_completed.disconnect(hear)

    done = Enrolment.objects.filter(completed_at__isnull=False)
    assert set(done.values_list("user_id", flat=True)) == set(people[:2])
    assert sorted(one["user_id"] for one in found) == sorted(people[:2])
    assert {one.person for one in completed_classes()} == set(people[:2])


def test_a_second_tap_ticks_nobody_twice(session, keeper, people):
    tick(session, keeper, people, people)
    assert tick(session, keeper, people, people) == (0, 0)
    assert ItemDone.objects.count() == 3
    assert AuditEntry.objects.filter(action="attendance.tick").count() == 3


def test_attendance_can_be_corrected_and_takes_the_completion_with_it(session, keeper, people):
    tick(session, keeper, people, people)
    found, hear = heard(class_completion_withdrawn)
    changed, hear_change = heard(attendance_changed)
    assert tick(session, keeper, people[1:], people) == (0, 1)
    class_completion_withdrawn.disconnect(hear)
    attendance_changed.disconnect(hear_change)

    assert [one["user_id"] for one in found] == [people[0]]
    assert [one["user_ids"] for one in changed] == [[people[0]]]
    assert AuditEntry.objects.filter(action="attendance.untick").count() == 1
    assert {one.person for one in attended_sessions()} == set(people[1:])


def test_two_keepers_with_two_pages_of_the_list_do_not_undo_each_other(session, keeper, people):
    tick(session, keeper, people[:1], people[:1])
    tick(session, keeper, people[1:], people[1:])
    assert {one.person for one in attended_sessions()} == set(people)


def test_nobody_outside_the_run_is_ticked(session, keeper, people):
    stranger = UserFactory().pk
    tick(session, keeper, [stranger], [stranger])
    assert not ItemDone.objects.exists()


def test_a_session_that_is_to_come_is_not_ticked_yet(run, keeper, people):
    later = timezone.now() + dt.timedelta(days=2)
    session = SessionItemFactory(
        training_class=run, starts_at=later, ends_at=later + dt.timedelta(hours=2)
    )
    with pytest.raises(ClassError, match="还没有开始"):
        tick(session, keeper, people, people)
    unset = SessionItemFactory(training_class=run, starts_at=None, ends_at=None)
    with pytest.raises(ClassError):
        tick(unset, keeper, people, people)
    assert not ItemDone.objects.exists()


def test_a_tick_of_a_session_that_goes_on_is_done_now_and_not_later(run, keeper, people):
    now = timezone.now()
    session = SessionItemFactory(
        training_class=run, starts_at=now, ends_at=now + dt.timedelta(seconds=1)
    )
    tick(session, keeper, people[:1], people[:1])
    assert ItemDone.objects.get().at <= timezone.now()


def test_the_same_session_added_twice_stands_once(run, keeper, session):
    facts = {
        "content": "session",
        "title": session.title,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "place": session.place,
        "kind": session.kind,
        "hours": session.hours,
    }
    with pytest.raises(ClassError, match=session.title):
        item_add(holder=run, user=keeper, **facts)
    assert run.items.filter(content="session").count() == 1


def test_the_list_of_a_unit_that_one_does_not_hold_is_refused(session, units, people):
    for user in (
        UserFactory(secretary=True, unit=units.branch),
        UserFactory(officer=True, unit=units.other_county),
    ):
        with pytest.raises(PermissionDenied):
            tick(session, user, people, people)
    assert not ItemDone.objects.exists()


def test_another_time_of_a_session_goes_to_the_facts(session, keeper, people):
    tick(session, keeper, people, people)
    start = (session.starts_at - dt.timedelta(days=1)).replace(hour=1)  # 9:00 in Shanghai
    changed, hear = heard(attendance_changed)
    item_change(item=session, user=keeper, starts_at=start, ends_at=start + dt.timedelta(hours=3))
    attendance_changed.disconnect(hear)

    assert {(one.start, one.end) for one in attended_sessions()} == {
        (start, start + dt.timedelta(hours=3))
    }
    assert set(changed[0]["user_ids"]) == set(people)


def test_the_page_ticks_who_is_shown(client, session, run, keeper, people):
    client.force_login(keeper)
    page = f"/classes/{run.pk}/sessions/{session.pk}/"
    client.post(page, {"shown": people, "present": people[:1]})
    shown = client.get(page).context["rows"]

    assert sum(row["present"] for row in shown) == 1


def test_a_text_is_read_once_and_by_its_learners_only(client, run, people):
    text = ReadingItemFactory(training_class=run, text="第一段\n\n第二段")
    learner = Enrolment.objects.filter(user=people[0]).get().user
    client.force_login(learner)
    page = f"/classes/{run.pk}/texts/{text.pk}/"
    assert "第二段" in client.get(page).content.decode()
    for _ in range(2):
        client.post(page)
    assert not reading_finish(item=text, user=UserFactory(), now=NOW)

    assert ItemDone.objects.count() == 1
    assert Enrolment.objects.get(user=learner).completed_at is not None


def test_the_learners_page_shows_sessions_and_texts(client, run, people, units):
    later = timezone.now() + dt.timedelta(days=2)
    SessionItemFactory(
        training_class=run, title="开班面授", starts_at=later,
        ends_at=later + dt.timedelta(hours=2), place="县委党校",
    )  # fmt: skip
    ReadingItemFactory(training_class=run, title="党章节选")
    client.force_login(Enrolment.objects.get(user=people[0]).user)
    response = client.get(f"/classes/{run.pk}/")

    assert [item.title for item in response.context["sessions"]] == ["开班面授"]
    assert response.context["next_item"].title == "党章节选"
    for address in ("/", "/learning/", "/classes/"):
        assert client.get(address).status_code == 200


def test_a_sequential_class_opens_one_after_the_other(client, units, lectures):
    run = TrainingClassFactory(organization=units.county, required=lectures, is_sequential=True)
    learner = EnrolmentFactory(training_class=run).user
    client.force_login(learner)

    def locked():
        items = client.get(f"/classes/{run.pk}/").context["required_items"]
        return [item.is_locked for item in items]

    assert locked() == [False, True, True]
    CompletionFactory(user=learner, lecture=lectures[0])
    assert locked() == [False, False, True]
    # One that was taken down locks nothing.
    lectures[1].unpublish()
    assert locked() == [False, False, False]


def test_a_session_lies_within_one_day_of_its_run(run, session, keeper):
    begin = timezone.localtime().replace(hour=9, minute=0)
    for wrong in (
        {"starts_at": begin, "ends_at": begin + dt.timedelta(days=1)},
        {"starts_at": begin + dt.timedelta(365), "ends_at": begin + dt.timedelta(365, 3600)},
    ):
        with pytest.raises(ClassError):
            item_change(item=session, user=keeper, **wrong)
        with pytest.raises(ClassError):
            item_add(holder=run, user=keeper, content="session", title="示例", **wrong)


@pytest.fixture
def long_ago(run, keeper, session):
    """The session is of last year, which is closed."""
    last = timezone.localdate().year - 1
    run.starts_on = dt.date(last - 1, 1, 1)
    run.save()
    start = dt.datetime(last, 6, 1, 1, tzinfo=dt.UTC)  # 9:00 in Shanghai
    session.starts_at, session.ends_at = start, start + dt.timedelta(hours=2)
    session.save()
    YearClosing.objects.create(year=last, closed_by=keeper, closed_at=timezone.now())
    return session


def test_no_session_is_put_into_a_closed_year_nor_further_back(run, keeper, long_ago):
    coming = SessionItemFactory(training_class=run, title="补课", starts_at=None, ends_at=None)
    for days, words in ((0, "已经结账"), (-365, "今年和去年")):
        start = long_ago.starts_at + dt.timedelta(days)
        times = {"starts_at": start, "ends_at": start + dt.timedelta(hours=8)}
        with pytest.raises(ClassError, match=words):
            item_add(holder=run, user=keeper, content="session", title="示例", **times)
        with pytest.raises(ClassError, match=words):
            item_change(item=coming, user=keeper, **times)
    item_change(item=long_ago, user=keeper, place="县委党校")

    assert run.items.filter(starts_at__year=timezone.localdate().year - 1).get() == long_ago


def test_nobody_is_ticked_for_a_closed_year_and_a_wrong_tick_can_be_taken_back(
    client, run, keeper, people, long_ago
):
    ItemDone.objects.create(item=long_ago, user_id=people[0], at=long_ago.ends_at)
    client.force_login(keeper)
    page = f"/classes/{run.pk}/sessions/{long_ago.pk}/"
    said = client.post(page, {"shown": people, "present": people[:2]}, follow=True)
    assert "请联系管理学时的组织部门" in said.content.decode()
    assert list(ItemDone.objects.values_list("user_id", flat=True)) == people[:1]

    client.post(page, {"shown": people})
    assert not ItemDone.objects.exists()


def test_last_year_is_ticked_until_it_is_closed(keeper, people, long_ago):
    YearClosing.objects.all().delete()
    assert tick(long_ago, keeper, people, people) == (3, 0)


def test_nobody_ticks_themselves(client, session, keeper, units):
    EnrolmentFactory(training_class=session.training_class, user=keeper, organization=units.branch)
    client.force_login(keeper)
    address = f"/classes/{session.training_class_id}/sessions/{session.pk}/"
    answer = client.post(address, {"shown": [keeper.pk], "present": [keeper.pk]}, follow=True)
    assert not ItemDone.objects.exists()
    assert "请由其他管理本班的人勾选" in answer.content.decode()


def test_the_page_of_a_session_that_one_does_not_hold_says_so_in_chinese(
    client, session, units, people
):
    page = f"/classes/{session.training_class_id}/sessions/{session.pk}/"
    learner = Enrolment.objects.filter(user=people[0]).get().user
    secretary = UserFactory(secretary=True, unit=units.branch)
    stranger = UserFactory(officer=True, unit=units.other_county)
    for user, status, words in (
        (learner, 403, "您的账号不能查看这个页面"),
        (secretary, 403, "您的账号不能查看这个页面"),
        (stranger, 404, "这个页面不存在"),
    ):
        client.force_login(user)
        answers = (client.get(page), client.post(page, {"shown": people, "present": people}))
        for answer in answers:
            assert answer.status_code == status
            assert words in answer.content.decode()
    assert not ItemDone.objects.exists()
    assert not AuditEntry.objects.filter(action="attendance.tick").exists()
