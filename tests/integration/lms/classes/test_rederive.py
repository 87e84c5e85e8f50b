"""`completions_rederive` names completions of runs that do not follow from what was done, and mends
them; what the run asks for later changes none.
"""

import datetime as dt
import json
from functools import partial
from unittest.mock import ANY

import pytest
from django.utils import timezone

from lms.classes.attendance import attendance_set, reading_finish
from lms.classes.criterion import RULE, RULE_UNKNOWN
from lms.classes.enrolments import enrolment_create, enrolments_sweep, people_enrol
from lms.classes.models import Enrolment, ItemDone, TrainingClass
from lms.classes.proofs import NOTHING, seal_of
from lms.classes.signals import class_completion_withdrawn
from lms.classes.syllabus import item_add, item_change, item_remove
from lms.watching.models import Completion
from lms.watching.play import play_session_void
from tests.commands import ended
from tests.factories import (
    LecturePageFactory,
    ReadingItemFactory,
    SessionItemFactory,
    TrainingClassFactory,
    UserFactory,
)
from tests.integration.lms.classes.test_enrolments import watch
from tests.integration.lms.ledger.conftest import watch as watch_long

pytestmark = pytest.mark.django_db
BEGIN = timezone.now() - dt.timedelta(days=3)


rederive = partial(ended, "completions_rederive")


@pytest.fixture
def run(units):
    """A lecture, a session, and one of two texts."""
    made = TrainingClassFactory(
        organization=units.county, required=[LecturePageFactory()], electives_needed=1
    )
    SessionItemFactory(training_class=made)
    for _ in range(2):
        ReadingItemFactory(training_class=made, kind="elective")
    return made


@pytest.fixture
def learner(units):
    return UserFactory(home=units.branch)


def enrolled(run, learner):
    found = enrolment_create(training_class=run, user=learner, now=BEGIN)
    Enrolment.objects.filter(pk=found.pk).update(enrolled_at=BEGIN)


@pytest.fixture
def completed(run, learner, keeper, django_capture_on_commit_callbacks):
    """By a real viewing, a tick and a text."""
    enrolled(run, learner)
    text = run.items.filter(content="reading").first()
    with django_capture_on_commit_callbacks(execute=True):
        watch(learner, run.items.get(content="lecture").lecture, start=BEGIN)
    reading_finish(item=text, user=learner, now=BEGIN + dt.timedelta(hours=1))
    session = run.items.get(content="session")
    present = {learner.pk}
    attendance_set(item=session, user=keeper, present=present, shown=present, now=timezone.now())
    found = Enrolment.objects.get()
    assert found.completed_at == session.ends_at
    return found


def test_a_completion_keeps_its_rule_and_what_the_run_asked_for(completed, run):
    lecture, session, text = list(run.items.all()[:3])
    assert completed.completion_rule == RULE == "items-1"
    assert {key: [row[0] for row in rows] for key, rows in completed.evidence.items()} == {
        "required": [f"item:{session.pk}", f"lecture:{lecture.lecture_id}"],
        "electives": [f"item:{text.pk}"],
    }


def test_what_follows_from_what_was_done_is_found_right(completed):
    code, said = rederive("--check")
    assert code == 0, said


def test_whoever_is_enrolled_in_bulk_has_the_same_proof(completed, run, units):
    again = TrainingClassFactory(plan=run.plan, number=2, organization=units.county, required=[])
    item_add_copy(run, again)
    people_enrol(
        training_class=again, homes=[(completed.user_id, units.branch.pk)], origin="rule", now=BEGIN
    )
    made = again.enrolments.get()
    assert made.completion_rule == RULE
    assert rederive("--check")[0] == 0


def item_add_copy(run, other):
    """The lecture of a run alone."""
    item = run.items.get(content="lecture")
    item.pk, item.training_class, item._state.adding = None, other, True
    item.save()


WEEK = dt.timedelta(days=7)


@pytest.mark.parametrize(
    ("named", "change"),
    [
        ("altered (completed_at)", lambda one: {"completed_at": one.completed_at - WEEK}),
        ("altered (completed_at)", lambda one: {"completed_at": one.completed_at + WEEK}),
        ("altered (completion_rule)", lambda one: {"completion_rule": "items-2"}),
        ("altered (seal)", lambda one: {"completion_rule": RULE_UNKNOWN}),
        ("altered (seal)", lambda one: {"enrolled_at": one.enrolled_at - WEEK}),
        ("altered (seal)", lambda one: {"seal": "0" * 64}),
        ("altered (seal)", lambda one: {"evidence": one.evidence | {"required": []}}),
        ("altered (seal)", lambda one: {"evidence": {"required": [["x", "y"]]}}),
        ("altered (completion_rule)", lambda one: {"completed_at": None, "completion_rule": ""}),
        ("missing", lambda one: NOTHING),
    ],
)
def test_an_altered_value_is_named_with_its_row_and_mended(completed, named, change):
    then = completed.completed_at
    Enrolment.objects.update(**change(completed))
    code, said = rederive("--check")
    assert code == 1
    assert f"{named}: classes.Enrolment {completed.pk}, person {completed.user_id}," in said
    assert rederive()[0] == 0
    assert rederive("--check")[0] == 0
    assert Enrolment.objects.get().completed_at == then


def test_a_completion_without_evidence_is_named_and_taken_back(run, learner):
    enrolled(run, learner)
    row = Enrolment.objects.get()
    row.completion_rule, row.completed_at = RULE, BEGIN
    row.evidence = {"required": [["item:1", BEGIN.isoformat()]], "electives": []}
    row.save()
    code, said = rederive("--check")
    assert code == 1
    assert f"altered (seal): classes.Enrolment {row.pk}," in said
    # Even with the key of the seal: what it names is not there.
    row.seal = seal_of(row)
    row.save()
    code, said = rederive("--check")
    assert code == 1
    assert f"unfounded: classes.Enrolment {row.pk}," in said
    assert rederive()[0] == 0
    row.refresh_from_db()
    assert (row.completed_at, row.completion_rule, row.evidence) == (None, "", {})


@pytest.mark.parametrize("content", ["session", "reading"])
def test_evidence_that_was_removed_is_named_and_takes_the_completion_along(completed, content):
    ItemDone.objects.filter(item__content=content).delete()
    heard = []

    def hear(sender, user_id, class_id, **more):
        heard.append((user_id, class_id))

    class_completion_withdrawn.connect(hear)
    code, said = rederive("--check")
    assert code == 1
    assert f"unfounded: classes.Enrolment {completed.pk}," in said
    assert heard == []
    try:
        assert rederive()[0] == 0
    finally:
        class_completion_withdrawn.disconnect(hear)
    assert heard == [(completed.user_id, completed.training_class_id)]
    assert Enrolment.objects.get().completed_at is None


def test_a_lecture_whose_completion_was_removed_is_named_for_the_class_too(completed):
    Completion.objects.all().delete()
    _code, said = rederive("--check")
    assert "missing: watching.Completion" in said
    assert f"unfounded: classes.Enrolment {completed.pk}," in said


def test_evidence_of_another_instant_is_no_evidence(completed):
    ItemDone.objects.filter(item__content="session").update(at=BEGIN)
    assert rederive("--check")[0] == 1


def test_each_doubt_is_a_line_of_json_when_asked(completed):
    Enrolment.objects.update(completed_at=BEGIN)
    code, said = rederive("--check", "--json")
    doubt, last = [json.loads(line) for line in said.splitlines()]
    assert (code, last["ok"]) == (1, False)
    assert (doubt["table"], doubt["row"]) == ("classes.Enrolment", completed.pk)
    assert doubt["fields"] == ["completed_at"]


# -- what is honest is no doubt --------------------------------------------------------------------


def test_later_changes_of_the_run_alter_no_completion(completed, run, keeper):
    item_add(holder=run, user=keeper, content="reading", title="新增", text="正文")
    item_change(item=run.items.filter(kind="elective").last(), user=keeper, kind="required")
    item_remove(item=run.items.get(content="lecture"), user=keeper)
    TrainingClass.objects.update(electives_needed=2)
    code, said = rederive("--check")
    assert code == 0, said
    assert Enrolment.objects.get().completed_at == completed.completed_at


def test_a_session_that_is_given_another_time_moves_the_completion(completed, run, keeper):
    item_add(holder=run, user=keeper, content="reading", title="新增", text="正文")
    session = run.items.get(content="session")
    earlier = dt.timedelta(minutes=30)
    item_change(
        item=session, user=keeper, starts_at=session.starts_at, ends_at=session.ends_at - earlier
    )
    # The text that was added later is not asked of who had completed.
    assert Enrolment.objects.get().completed_at == completed.completed_at - earlier
    code, said = rederive("--check")
    assert code == 0, said


def test_a_session_that_moves_takes_no_completion_whose_rule_nobody_knows(completed, run, keeper):
    completed.completion_rule, completed.evidence = RULE_UNKNOWN, {}
    completed.seal = seal_of(completed)
    completed.save()
    item_add(holder=run, user=keeper, content="reading", title="新增", text="正文")
    session = run.items.get(content="session")
    later = session.ends_at - dt.timedelta(minutes=30)
    item_change(item=session, user=keeper, starts_at=session.starts_at, ends_at=later, place="礼堂")
    assert Enrolment.objects.get().completed_at == completed.completed_at


def test_another_place_is_no_other_presence(completed, run, keeper):
    session = run.items.get(content="session")
    ticks = list(ItemDone.objects.values_list("pk", "at"))
    item_change(item=session, user=keeper, place="礼堂")
    assert list(ItemDone.objects.values_list("pk", "at")) == ticks


def test_a_lecture_that_left_the_run_takes_the_completion_along_when_it_is_voided(
    units, learner, keeper
):
    lectures = [LecturePageFactory(asset__duration=1200.0) for _ in range(2)]
    run = TrainingClassFactory(organization=units.county, required=lectures)
    enrolled(run, learner)
    first, _second = (
        watch_long(learner, lecture, at=BEGIN + dt.timedelta(hours=hours))
        for hours, lecture in enumerate(lectures)
    )
    enrolments_sweep()
    item_remove(item=run.items.get(lecture=lectures[0]), user=keeper)
    assert Enrolment.objects.get().completed_at is not None
    play_session_void(session=first, actor=keeper, reason="经核实不计")
    # What the run asks for today is done all the same.
    assert Enrolment.objects.get().evidence["required"] == [[f"lecture:{lectures[1].pk}", ANY]]
    assert rederive("--check")[0] == 0


def test_an_elective_that_comes_to_light_later_changes_nothing(completed, run, learner):
    other = run.items.filter(content="reading").last()
    reading_finish(item=other, user=learner, now=BEGIN + dt.timedelta(minutes=1))
    assert rederive("--check")[0] == 0


def test_of_two_viewings_the_one_that_stands_is_the_evidence(units, learner, keeper):
    lecture = LecturePageFactory(asset__duration=1200.0)
    run = TrainingClassFactory(organization=units.county, required=[lecture])
    enrolled(run, learner)
    sessions = []
    for hours in (0, 2):
        sessions.append(watch_long(learner, lecture, at=BEGIN + dt.timedelta(hours=hours)))
        if not hours:
            # A new recording of the same lecture is completed anew.
            lecture.asset = LecturePageFactory(asset__duration=1200.0).asset
            lecture.save()
    enrolments_sweep()
    first = Enrolment.objects.get().completed_at
    play_session_void(session=sessions[0], actor=keeper, reason="经核实不计")
    found = Enrolment.objects.get()
    assert found.completed_at is not None
    assert found.completed_at > first
    code, said = rederive("--check")
    assert code == 0, said


def test_what_is_still_on_its_way_is_no_doubt(run, learner, units):
    """Done within the last minutes: the signal or the sweep is not through yet."""
    text = ReadingItemFactory(training_class=TrainingClassFactory(organization=units.county))
    enrolled(text.training_class, learner)
    ItemDone.objects.create(item=text, user=learner, at=timezone.now())
    assert rederive("--check")[0] == 0
    ItemDone.objects.update(at=BEGIN)
    code, said = rederive("--check")
    assert code == 1
    assert "missing: classes.Enrolment" in said


def test_walking_takes_the_same_queries_for_any_number_of_people(
    completed, run, units, django_assert_max_num_queries
):
    for _ in range(30):
        enrolled(run, UserFactory(home=units.branch))
    with django_assert_max_num_queries(20):
        assert rederive("--check")[0] == 0
