"""Collections, speakers and the filters, as members see them."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms.decisions import lecture_decide
from cms.standing import Standing
from tests.factories import (
    AudienceFactory,
    CollectionFactory,
    LecturePageFactory,
    OrganizationFactory,
    ProductionFactory,
    SpeakerFactory,
    TopicFactory,
    UserFactory,
    VideoAssetFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(client: Client, units):
    user = UserFactory(home=units.branch)
    client.force_login(user)
    return user


def titles(response) -> list[str]:
    return [card.title for card in response.context["lectures"].object_list]


def linked(lecture, **lists) -> None:
    for name, rows in lists.items():
        getattr(lecture, name).set(rows)
    lecture.save()


def test_a_collection_shows_its_lectures_in_its_order(client, units, member) -> None:
    collection = CollectionFactory(organization=units.county, titles=["丙", "甲", "乙"])
    page = client.get(f"/collections/{collection.pk}/")
    assert titles(page) == ["丙", "甲", "乙"]
    collection.items.get(lecture__title="甲").lecture.unpublish()
    assert titles(client.get(f"/collections/{collection.pk}/")) == ["丙", "乙"]


def test_collections_are_found_from_the_library_unless_put_away(client, units, member) -> None:
    shown = CollectionFactory(organization=units.county, titles=["甲"], introduction="<b>粗</b>")
    hidden = CollectionFactory(organization=units.county, titles=["乙"], is_shown=False)
    empty = CollectionFactory(organization=units.county)
    for page in ("/library/", "/collections/"):
        text = client.get(page).content.decode()
        assert shown.title in text
        assert "<b>粗" not in text
        assert hidden.title not in text
        assert empty.title not in text
    assert client.get(f"/collections/{hidden.pk}/").status_code == 404


def test_a_speaker_has_a_page_with_the_own_lectures(client, units, member) -> None:
    speaker = SpeakerFactory(organization=units.county, name="王芳", office="党校讲师")
    silent = SpeakerFactory(organization=units.county, name="李静")
    lecture = LecturePageFactory(organization=units.branch, title="土豆栽培")
    linked(lecture, speakers=[speaker])
    LecturePageFactory(organization=units.branch, title="别人的课")
    assert titles(client.get(f"/speakers/{speaker.pk}/")) == ["土豆栽培"]
    listed = client.get("/speakers/", {"q": "王"}).content.decode()
    assert "党校讲师" in listed
    assert silent.name not in client.get("/speakers/").content.decode()
    assert f"/speakers/{speaker.pk}/" in client.get(lecture.get_url()).content.decode()


def test_a_lecture_names_the_parts_of_its_production(client, units, member) -> None:
    production = ProductionFactory(organization=units.county, title="党章系列")
    second = LecturePageFactory(
        organization=units.branch, title="下集", production=production, part=2
    )
    first = LecturePageFactory(
        organization=units.branch, title="上集", production=production, part=1
    )
    page = client.get(second.get_url())
    assert [one["title"] for one in page.context["lecture"]["parts"]] == ["上集", "下集"]
    assert first.get_url() in page.content.decode()


def test_each_filter_narrows_the_list(client, units, member) -> None:
    topic, audience = TopicFactory(), AudienceFactory()
    short = VideoAssetFactory(ready=True, duration=200)
    one = LecturePageFactory(
        organization=units.branch, title="甲", asset=short, recorded_on=dt.date(2026, 3, 1)
    )
    linked(one, topics=[topic], audiences=[audience])
    long = VideoAssetFactory(ready=True, duration=2000)
    LecturePageFactory(
        organization=units.branch, title="乙", asset=long, recorded_on=dt.date(2025, 3, 1)
    )
    lecture_decide(
        lecture=one, kind=Standing.Kind.PREMIUM, user=UserFactory(curator=True, unit=units.city)
    )
    for asked in (
        {"topic": topic.pk},
        {"audience": audience.pk},
        {"length": "5"},
        {"year": "2026"},
        {"state": "premium"},
    ):
        page = client.get("/library/", asked)
        assert titles(page) == ["甲"], asked
        assert page.context["picked"]
    assert titles(client.get("/library/", {"length": "more"})) == ["乙"]
    assert titles(client.get("/library/", {"topic": topic.pk, "year": "2025"})) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"topic": "99999999999999999999"},
        {"topic": "1'; DROP TABLE"},
        {"length": "x"},
        {"year": "1"},
        {"state": "published"},
        {"audience": "²"},
    ],
)
def test_filters_that_are_none_do_no_harm(client, member, asked) -> None:
    assert client.get("/library/", asked).status_code == 200


def test_a_premium_lecture_carries_its_mark(client, units, member) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    LecturePageFactory(organization=units.branch)
    lecture_decide(
        lecture=lecture, kind=Standing.Kind.PREMIUM, user=UserFactory(curator=True, unit=units.city)
    )
    cards = client.get("/library/").context["lectures"].object_list
    assert [card.id for card in cards if card.is_premium] == [lecture.pk]
    assert client.get(lecture.get_url()).context["lecture"]["is_premium"]


def test_pages_cost_the_same_however_much_there_is(client, units, member) -> None:
    speaker = SpeakerFactory(organization=units.county)
    collection = CollectionFactory(organization=units.county, titles=["甲"])
    production = ProductionFactory(organization=units.county)
    lecture = LecturePageFactory(organization=units.branch, production=production)
    linked(lecture, speakers=[speaker], topics=[TopicFactory()])
    pages = (
        "/library/",
        f"/library/?topic={lecture.topics.first().pk}&length=5&year=2026&state=premium",
        "/collections/",
        f"/collections/{collection.pk}/",
        "/speakers/",
        f"/speakers/{speaker.pk}/",
        lecture.get_url(),
    )

    def queries() -> list[int]:
        found = []
        for page in pages:
            with CaptureQueriesContext(connection) as captured:
                client.get(page)
            found.append(len(captured))
        return found

    queries()
    few = queries()
    assert max(few) <= 15, few
    for number in range(4):
        unit = OrganizationFactory(parent=units.township)
        other = LecturePageFactory(organization=unit, production=production, part=number)
        linked(other, speakers=[speaker, SpeakerFactory(organization=units.county)])
        collection.items.create(lecture=other, position=number + 1)
        CollectionFactory(organization=units.county, lectures=[lecture, other])
        TopicFactory()
    many = queries()
    assert all(after <= before + 1 for before, after in zip(few, many, strict=True)), (few, many)
