"""Plans and their runs: what a run teaches, from when on it goes its own way, who makes one."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from audit.models import AuditEntry
from cms.curated import CollectionItem
from lms.classes.copying import runs_begin
from lms.classes.models import ClassChange, ClassItem, ClassPlan, PlanItem, TrainingClass
from lms.classes.planning import ClassError, plan_create, run_change, run_create, run_delete
from lms.classes.syllabus import item_add, item_change, item_move, item_remove
from lms.classes.tasks import review_class, sweep_enrolments
from tests.factories import (
    ClassPlanFactory,
    CollectionFactory,
    CompletionFactory,
    EnrolmentFactory,
    LecturePageFactory,
    SessionItemFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def plan(units, lectures):
    return ClassPlanFactory(organization=units.county, required=lectures[:2])


def run(plan, keeper, *, starts=5, key=None, **facts):
    first = TODAY + dt.timedelta(days=starts)
    facts = {
        "organization": plan.organization,
        "title": plan.title,
        "starts_on": first,
        "ends_on": first + dt.timedelta(days=30),
        **facts,
    }
    return run_create(plan=plan, user=keeper, key=key or uuid.uuid4(), **facts)


def taught(one):
    return [item.name for item in one.items.select_related("lecture", "collection")]


def test_runs_are_numbered_and_a_form_sent_twice_is_one(plan, keeper):
    key = uuid.uuid4()
    first, again = run(plan, keeper, key=key), run(plan, keeper, key=key)
    second = run(plan, keeper)

    assert first == again
    assert (first.number, second.number) == (1, 2)
    assert AuditEntry.objects.filter(action="training_class.create").count() == 2


def test_a_run_that_has_not_begun_follows_its_plan(plan, keeper, lectures):
    one = run(plan, keeper)
    item_add(holder=plan, user=keeper, content="lecture", lecture=lectures[2])

    assert taught(one) == [lecture.title for lecture in lectures]


def test_a_run_keeps_the_items_as_they_stood_when_it_began(plan, keeper, lectures):
    one = run(plan, keeper, starts=1)
    assert runs_begin(today=one.starts_on) == 1
    item_add(holder=plan, user=keeper, content="lecture", lecture=lectures[2])
    sweep_enrolments()

    assert taught(one) == [lecture.title for lecture in lectures[:2]]
    assert runs_begin(today=one.starts_on) == 0


def test_a_run_with_changes_of_its_own_no_longer_follows(plan, keeper, lectures):
    one = run(plan, keeper)
    item_remove(item=one.items.first(), user=keeper)
    item_add(holder=plan, user=keeper, content="lecture", lecture=lectures[2])

    assert taught(one) == [lectures[1].title]


def test_a_collection_stands_in_a_run_as_its_lectures_of_that_moment(plan, keeper, lectures):
    extra = LecturePageFactory()
    collection = CollectionFactory(lectures=[lectures[1], extra], organization=plan.organization)
    item_add(holder=plan, user=keeper, content="collection", collection=collection, kind="elective")
    one = run(plan, keeper, starts=0)
    CollectionItem.objects.filter(collection=collection).delete()

    assert taught(plan) == [*(lecture.title for lecture in lectures[:2]), collection.title]
    # The lecture that is required by itself stays required and stands once.
    assert taught(one) == [lectures[0].title, lectures[1].title, extra.title]
    assert [item.kind for item in one.items.all()] == ["required", "required", "elective"]


def test_changes_of_a_running_run_are_told_to_its_learners(plan, keeper, client, lectures):
    one = run(plan, keeper, starts=0)
    learner = EnrolmentFactory(training_class=one).user
    item_add(holder=one, user=keeper, content="lecture", lecture=lectures[2])
    run_change(run=one, user=keeper, ends_on=one.ends_on + dt.timedelta(days=3))

    client.force_login(learner)
    page = client.get(f"/classes/{one.pk}/").content.decode()
    assert f"新增：{lectures[2].title}" in page
    assert "起止日期调整为" in page


def test_changes_before_a_run_begins_are_told_to_nobody(plan, keeper, lectures):
    one = run(plan, keeper)
    item_add(holder=one, user=keeper, content="lecture", lecture=lectures[2])

    assert not ClassChange.objects.exists()


def test_a_class_whose_end_is_before_its_start_is_refused_in_plain_words(client, plan, keeper):
    client.force_login(keeper)
    said = {
        "key": uuid.uuid4(), "title": "班", "organization": plan.organization.code,
        "tier": "general", "starts_on": "2026-06-30", "ends_on": "2026-05-01",
        "electives_needed": "0",
    }  # fmt: skip
    response = client.post(f"/classes/plans/{plan.pk}/runs/new/", said)

    assert response.status_code == 422
    assert "结班日期不能早于开班日期" in response.content.decode()
    assert not TrainingClass.objects.exists()
    with pytest.raises(ClassError):
        run(plan, keeper, ends_on=TODAY - dt.timedelta(days=1))
    assert not TrainingClass.objects.exists()


def test_a_lecture_taken_down_in_mid_class_loses_nobody_anything(client, plan, keeper, lectures):
    one = run(plan, keeper, starts=0)
    before, after = EnrolmentFactory(training_class=one), EnrolmentFactory(training_class=one)
    for lecture in lectures[:2]:
        CompletionFactory(user=before.user, lecture=lecture)
    CompletionFactory(user=after.user, lecture=lectures[1])
    sweep_enrolments()
    lectures[0].unpublish()
    client.force_login(keeper)
    assert "已下架" in client.get(f"/classes/{one.pk}/desk/").content.decode()
    client.force_login(after.user)
    assert "这节课正在修改" in client.get(f"/classes/{one.pk}/").content.decode()

    before.refresh_from_db()
    assert before.completed_at is not None
    # The keeper takes it out: whoever has all the rest has completed the class.
    item_remove(item=one.items.get(lecture=lectures[0]), user=keeper)
    review_class(one.pk)
    for enrolment in (before, after):
        enrolment.refresh_from_db()
        assert enrolment.completed_at is not None


def test_a_second_tap_moves_an_item_no_further(plan, keeper, lectures):
    item_add(holder=plan, user=keeper, content="lecture", lecture=lectures[2])
    first = plan.items.first()
    for _ in range(2):
        item_move(item=first, user=keeper, later=True, place=0)

    assert [item.lecture for item in plan.items.all()] == [lectures[1], lectures[0], lectures[2]]


def test_the_same_lecture_twice_is_refused(plan, keeper, lectures):
    with pytest.raises(ClassError):
        item_add(holder=plan, user=keeper, content="lecture", lecture=lectures[0])
    assert plan.items.count() == 2


def test_an_unpublished_lecture_is_not_put_into_a_class(client, plan, keeper):
    draft = LecturePageFactory(draft=True)
    client.force_login(keeper)
    client.post(f"/classes/plans/{plan.pk}/items/", {"act": "add", "lecture": draft.pk})

    assert not PlanItem.objects.filter(lecture=draft).exists()


def test_a_session_that_was_attended_stays(plan, keeper):
    one = run(plan, keeper, starts=0)
    session = SessionItemFactory(training_class=one)
    session.done.create(user=UserFactory(), at=session.ends_at)
    with pytest.raises(ClassError):
        item_remove(item=session, user=keeper)
    item_change(item=session, user=keeper, kind="elective")

    assert ClassItem.objects.get(pk=session.pk).kind == "elective"


def test_a_run_in_which_somebody_learnt_stays(plan, keeper):
    one = run(plan, keeper)
    EnrolmentFactory(training_class=one, withdrawn_at=timezone.now())
    with pytest.raises(ClassError):
        run_delete(run=one, user=keeper)
    empty = run(plan, keeper)
    run_delete(run=empty, user=keeper)

    assert list(TrainingClass.objects.all()) == [one]


def test_a_township_runs_what_its_county_has_planned(units, plan):
    officer = UserFactory(officer=True, unit=units.township)
    made = run(plan, officer, organization=units.township)
    assert made.organization == units.township
    with pytest.raises(PermissionDenied):
        item_add(holder=plan, user=officer, content="reading", title="文", text="正文")
    with pytest.raises(PermissionDenied):
        run(plan, officer, organization=units.sibling)


def test_a_branch_holds_no_classes(client, units):
    secretary = UserFactory(secretary=True, unit=units.branch)
    with pytest.raises(PermissionDenied):
        plan_create(user=secretary, key=uuid.uuid4(), organization=units.branch, title="班")
    client.force_login(secretary)
    assert client.get("/classes/plans/").status_code == 403
    assert not ClassPlan.objects.exists()


def test_making_a_plan_on_the_page_leads_to_its_items(client, units, keeper):
    client.force_login(keeper)
    said = {
        "key": uuid.uuid4(), "title": "新任书记", "organization": units.township.code,
        "electives_needed": "1",
    }  # fmt: skip
    responses = [client.post("/classes/plans/new/", said) for _ in range(2)]

    made = ClassPlan.objects.get()
    assert [one["Location"] for one in responses] == [f"/classes/plans/{made.pk}/items/"] * 2
    assert "没有人能结业" in client.get(f"/classes/plans/{made.pk}/items/").content.decode()


@pytest.mark.parametrize(
    ("tier", "shown"), [("demonstration", "示范"), ("general", "普遍"), ("catch_up", "兜底")]
)
def test_a_run_of_each_tier_is_made_on_the_page(client, plan, keeper, tier, shown):
    client.force_login(keeper)
    said = {
        "key": uuid.uuid4(), "title": "班", "organization": plan.organization.code, "tier": tier,
        "starts_on": TODAY, "ends_on": TODAY, "electives_needed": "0",
    }  # fmt: skip
    desk = client.post(f"/classes/plans/{plan.pk}/runs/new/", said, follow=True)
    assert TrainingClass.objects.get().tier == tier
    assert shown in desk.content.decode()


def test_the_hours_of_items_are_written_on_their_pages_and_summed_up(client, plan, keeper):
    one = run(plan, keeper, starts=0)
    client.force_login(keeper)
    page = f"/classes/{one.pk}/items/"
    text = {"add": "reading", "title": "文", "kind": "elective", "text": "正文", "hours": "1.5"}
    assert client.post(page, text).status_code == 302
    lecture = one.items.filter(content="lecture").first()
    wrong = {"kind": "required", "hours": "81"}
    assert client.post(f"{page}{lecture.pk}/", wrong).status_code == 422
    assert client.post(f"{page}{lecture.pk}/", wrong | {"hours": "2"}).status_code == 302

    listed = client.get(page).content.decode()
    assert "1.50 学时" in listed
    assert "2 学时" in listed
    for address in (f"/classes/{one.pk}/", f"/classes/{one.pk}/desk/"):
        assert "共 3.50 学时" in client.get(address).content.decode()


def test_items_of_each_content_are_added_on_the_page(client, plan, keeper):
    one = run(plan, keeper, starts=0)
    client.force_login(keeper)
    page = f"/classes/{one.pk}/items/"
    session = {"add": "session", "title": "面授", "kind": "required", "place": "党校"}
    session |= {"starts_at": f"{one.starts_on}T09:00", "ends_at": f"{one.starts_on}T08:00"}
    assert client.post(page, session).status_code == 422
    session["ends_at"] = f"{one.ends_on}T11:30"
    assert client.post(page, session).status_code == 422
    session["ends_at"] = f"{one.starts_on}T11:30"
    assert client.post(page, session).status_code == 302
    empty = {"add": "reading", "title": "文", "kind": "elective"}
    assert client.post(page, empty).status_code == 422
    assert client.post(page, empty | {"text": "正文"}).status_code == 302

    assert [item.content for item in one.items.all()][-2:] == ["session", "reading"]
    assert timezone.localtime(one.items.get(content="session").starts_at).hour == 9
