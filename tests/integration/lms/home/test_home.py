"""Home and my learning: what is next, begun, new and learnt, in a fixed number of queries."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lms.watching.evidence import Bitmap
from organizations.models import Tag
from tests.factories import (
    AudienceFactory,
    CompletionFactory,
    EnrolmentFactory,
    LecturePageFactory,
    MenuFactory,
    OrganizationFactory,
    PlaySessionFactory,
    TrainingClassFactory,
    UserFactory,
    VideoAssetFactory,
    many_lectures,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(db):
    return UserFactory(name="王五")


@pytest.fixture
def unit(db):
    return OrganizationFactory(township=True)


def watched(user, lecture, seconds, minutes_ago=0, **kwargs):
    return PlaySessionFactory(
        user=user,
        lecture=lecture,
        seen=Bitmap.span(0, seconds).to_bytes(),
        accepted=seconds,
        position=float(seconds),
        started_at=timezone.now() - dt.timedelta(minutes=minutes_ago),
        **kwargs,
    )


def context(client, user, address="/"):
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return response.context


def test_home_leads_those_who_are_signed_out_to_the_sign_in_page(client, db):
    response = client.get("/")

    assert (response.status_code, response.url) == (302, "/accounts/login/")


@pytest.mark.parametrize("address", ["/learning/", "/me/"])
def test_personal_pages_ask_to_sign_in(client, db, address):
    assert client.get(address).url == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("address", ["/", "/learning/", "/me/", "/privacy/"])
def test_pages_render_for_a_person_without_anything(client, member, address):
    assert context(client, member, address)["portal"]["name"]


def test_home_shows_what_the_class_needs_next(client, member, unit):
    lectures = LecturePageFactory.create_batch(3, organization=unit)
    training_class = TrainingClassFactory(required=lectures)
    EnrolmentFactory(training_class=training_class, user=member)
    CompletionFactory(user=member, lecture=lectures[0])
    watched(member, lectures[2], 40)

    current = context(client, member)["current_class"]
    assert (current.title, current.required_done) == (training_class.title, 1)
    assert current.next_lecture.id == lectures[2].pk
    assert current.next_lecture.is_required
    assert current.next_lecture.strip.percent == 70
    assert "20" in current.missing_text


def test_the_class_that_ends_first_is_the_current_one(client, member, unit):
    lecture = LecturePageFactory(organization=unit)
    today = timezone.localdate()
    for days in (30, 3, 60):
        one = TrainingClassFactory(
            title=str(days), required=[lecture], ends_on=today + dt.timedelta(days=days)
        )
        EnrolmentFactory(training_class=one, user=member)

    found = context(client, member)
    assert found["current_class"].title == "3"
    assert [card.title for card in found["other_classes"]] == ["30", "60"]


def test_completed_empty_and_closed_classes_ask_for_nothing(client, member, unit):
    lecture = LecturePageFactory(organization=unit)
    past = timezone.localdate() - dt.timedelta(days=40)
    EnrolmentFactory(
        training_class=TrainingClassFactory(required=[lecture]),
        user=member,
        completed_at=timezone.now(),
    )
    EnrolmentFactory(training_class=TrainingClassFactory(), user=member)
    EnrolmentFactory(
        training_class=TrainingClassFactory(required=[lecture], starts_on=past, ends_on=past),
        user=member,
    )

    assert context(client, member)["current_class"] is None


def test_begun_lectures_wait_with_their_position_the_latest_first(client, member, unit):
    lectures = LecturePageFactory.create_batch(6, organization=unit)
    for number, lecture in enumerate(lectures):
        watched(member, lecture, 20, minutes_ago=number)
        watched(member, lecture, 10, minutes_ago=number + 100)

    cards = context(client, member)["resume"]
    assert [card.id for card in cards] == [lecture.pk for lecture in lectures[:4]]
    assert "20" in cards[0].resume_text
    assert cards[0].strip.segments()


def test_what_is_completed_withdrawn_or_only_opened_does_not_wait(client, member, unit):
    done, hidden, opened, other = LecturePageFactory.create_batch(4, organization=unit)
    watched(member, done, 60)
    CompletionFactory(user=member, lecture=done)
    watched(member, hidden, 20)
    hidden.unpublish()
    watched(member, opened, 0)
    watched(UserFactory(), other, 20)

    assert context(client, member)["resume"] == []


def test_new_lectures_are_published_and_few(client, member, unit):
    LecturePageFactory.create_batch(9, organization=unit)
    LecturePageFactory(draft=True, organization=unit, title="草稿")

    cards = context(client, member)["new_lectures"]
    assert len(cards) == 8
    assert "草稿" not in {card.title for card in cards}


def test_my_learning_lists_what_was_learnt_with_its_day(client, member, unit):
    first, second = LecturePageFactory.create_batch(2, organization=unit)
    now = timezone.now()
    CompletionFactory(user=member, lecture=first, completed_at=now - dt.timedelta(days=2))
    CompletionFactory(user=member, lecture=second, completed_at=now - dt.timedelta(days=1))
    CompletionFactory(
        user=member, lecture=first, asset=VideoAssetFactory(ready=True), completed_at=now
    )
    EnrolmentFactory(
        training_class=TrainingClassFactory(required=[first]), user=member, completed_at=now
    )

    found = context(client, member, "/learning/")
    assert [card.id for card in found["completed"]] == [first.pk, second.pk]
    assert found["completed"][1].completed_at == now - dt.timedelta(days=1)
    assert (found["completed_count"], found["class_completed_count"]) == (2, 1)


def test_a_learnt_lecture_that_was_withdrawn_stays_without_a_link(client, member, unit):
    lecture = LecturePageFactory(organization=unit)
    CompletionFactory(user=member, lecture=lecture)
    lecture.unpublish()

    assert context(client, member, "/learning/")["completed"][0].url == ""


@pytest.mark.parametrize("address", ["/", "/learning/"])
def test_pages_take_the_same_queries_with_hundreds_more_lectures(
    client, member, unit, address, django_assert_max_num_queries
):
    asset = VideoAssetFactory(ready=True)
    lectures = LecturePageFactory.create_batch(2, organization=unit)
    EnrolmentFactory(training_class=TrainingClassFactory(required=lectures), user=member)
    watched(member, lectures[0], 20)
    CompletionFactory(user=member, lecture=lectures[1])
    client.force_login(member)
    client.get(address)
    counts = []
    for _ in range(2):
        with django_assert_max_num_queries(15) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
        many_lectures(500, organization=unit, asset=asset)
        more = LecturePageFactory.create_batch(6, organization=unit)
        for lecture in more[:3]:
            watched(member, lecture, 20)
            CompletionFactory(user=member, lecture=more[-1], asset=VideoAssetFactory(ready=True))
        for _ in range(3):
            one = TrainingClassFactory(required=more[:2])
            EnrolmentFactory(training_class=one, user=member)

    assert counts[0] == counts[1]


def test_home_reads_no_more_rows_than_it_shows(client, member, unit, django_assert_max_num_queries):
    many_lectures(300, organization=unit, asset=VideoAssetFactory(ready=True))
    client.force_login(member)
    with django_assert_max_num_queries(15) as queries:
        client.get("/")

    for query in queries.captured_queries:
        if "cms_lecturepage" in query["sql"]:
            assert "LIMIT" in query["sql"]


# -- a menu for somebody ---------------------------------------------------------------------------


def offered(client, user):
    found = context(client, user)
    return found["menu"].title if found["menu"] else None


def test_the_menu_is_for_the_tags_of_the_person_or_for_everybody(client, unit):
    branch = OrganizationFactory(parent=unit)
    farmers = AudienceFactory(tags=["rural"])
    MenuFactory(organization=unit, title="人人可看", titles=["一讲"])
    MenuFactory(organization=unit, audience=farmers, title="农民党员", titles=["二讲"])
    somebody, farmer = UserFactory(home=branch), UserFactory(home=branch)
    Tag.objects.create(user=farmer, dimension="field", value="rural")
    assert (offered(client, somebody), offered(client, farmer)) == ("人人可看", "农民党员")
    card = context(client, farmer)["menu_lectures"][0]
    assert card.title == "二讲"
    assert "?in=menu-" in card.url


def test_menus_come_from_the_units_above_and_the_nearest_first(client, unit):
    county = OrganizationFactory(county=True)
    branch = OrganizationFactory(parent=OrganizationFactory(township=True, parent=county))
    MenuFactory(organization=unit, title="别处的", titles=["一讲"])
    person = UserFactory(home=branch)
    assert offered(client, person) is None
    MenuFactory(organization=county, title="县里的", titles=["二讲"])
    MenuFactory(organization=branch.get_parent(), title="乡里的", titles=["三讲"])
    assert offered(client, person) == "乡里的"


def test_a_menu_without_a_published_lecture_is_not_offered(client, unit):
    menu = MenuFactory(organization=unit, titles=["一讲"])
    person = UserFactory(home=OrganizationFactory(parent=unit))
    menu.items.get().lecture.unpublish()
    assert offered(client, person) is None


def test_home_with_everything_on_it_keeps_to_its_queries(client, unit):
    person = UserFactory(home=OrganizationFactory(parent=unit))
    lecture = LecturePageFactory(organization=unit)
    menu_of = MenuFactory(organization=unit, lectures=[lecture])
    watched(person, LecturePageFactory(organization=unit), 20)
    EnrolmentFactory(user=person, training_class=TrainingClassFactory(required=[lecture]))
    context(client, person)
    with CaptureQueriesContext(connection) as seen:
        found = client.get("/").context
    assert (found["menu"], bool(found["current_class"])) == (menu_of, True)
    assert len(seen) <= 15, "\n".join(one["sql"][:160] for one in seen)
