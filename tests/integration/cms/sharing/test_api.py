"""The API: strangers see what was opened, members what the library shows them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms.decisions import lecture_decide
from cms.finding.indexing import lecture_index
from cms.models import LecturePage
from cms.publishing import lecture_unpublish
from cms.standing import Standing
from media_pipeline import store
from media_pipeline.captions.models import CaptionTrack
from tests.factories import (
    AudienceFactory,
    CollectionFactory,
    LecturePageFactory,
    TopicFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
LECTURES = "/api/v1/lectures/"


@pytest.fixture
def curator(units):
    return UserFactory(curator=True, unit=units.county)


@pytest.fixture
def opened(units, curator) -> LecturePage:
    lecture = LecturePageFactory(organization=units.branch, title="果树修剪")
    lecture_decide(lecture=lecture, kind=Standing.Kind.OPEN, user=curator)
    return LecturePage.objects.get(pk=lecture.pk)


@pytest.fixture
def inside(units) -> LecturePage:
    """Published, for members."""
    return LecturePageFactory(organization=units.township, title="组织生活会怎么开")


def asked(client: Client, address: str, status: int = 200, **headers: str) -> Any:
    response = client.get(address, headers=headers)
    assert response.status_code == status, response.content.decode()
    assert response["Content-Type"] == "application/json"
    return response.json()


def titles(said: dict[str, Any]) -> list[str]:
    return [one["title"] for one in said["lectures"]]


def test_strangers_see_what_was_opened_and_members_all_that_is_published(
    client: Client, opened, inside, units
) -> None:
    LecturePageFactory(organization=units.branch, draft=True)
    assert titles(asked(client, LECTURES)) == ["果树修剪"]
    client.force_login(UserFactory(home=units.branch))
    assert set(titles(asked(client, LECTURES))) == {"果树修剪", "组织生活会怎么开"}


def test_nothing_is_open_unless_a_curator_said_so(client: Client, inside) -> None:
    said = asked(client, LECTURES)
    assert (said["count"], said["lectures"], said["next"]) == (0, [], None)
    assert asked(client, "/api/v1/collections/") == {"collections": []}
    assert not any(asked(client, "/api/v1/taxonomy/").values())


def test_what_is_taken_down_is_gone_at_once_and_stays_shut_when_it_comes_back(
    client: Client, opened, curator
) -> None:
    down = lecture_unpublish(lecture=opened, user=curator)
    assert asked(client, f"{LECTURES}{opened.pk}/", 404)["message"]
    assert client.get(f"/embed/{opened.pk}/").status_code == 404
    LecturePage.objects.filter(pk=down.pk).update(live=True)
    assert asked(client, f"{LECTURES}{opened.pk}/", 404)


def test_a_lecture_is_described_with_stable_ids_iso_dates_and_seconds(
    client: Client, opened, units
) -> None:
    topic, audience = TopicFactory(), AudienceFactory()
    opened.topics.set([topic])
    opened.audiences.set([audience])
    opened.save()
    said = asked(client, f"{LECTURES}{opened.pk}/")
    assert said["id"] == opened.pk
    assert said["recorded_on"] == "2026-05-20"
    assert said["published_at"].endswith("+08:00")
    assert said["duration"] == opened.asset.duration
    assert said["subject"] == {"key": "skills", "name": "知识技能教育"}
    assert said["topics"] == [{"id": topic.pk, "name": topic.name}]
    assert said["audiences"] == [{"id": audience.pk, "name": audience.name}]
    assert said["unit"] == {"code": units.branch.code, "name": units.branch.name}
    assert said["embed_url"] == f"http://testserver/embed/{opened.pk}/"
    assert "/v/" not in json.dumps(said)  # nothing that is signed
    assert not {"submitted_by", "owner"} & said.keys()


def test_media_addresses_are_signed_and_say_when_they_end(client: Client, opened) -> None:
    response = client.get(f"{LECTURES}{opened.pk}/playback/")
    said = response.json()
    assert said["hls"].startswith("http://testserver/v/")
    assert 0 < said["expires_in"] <= 7200
    assert said["expires_at"].endswith("+08:00")
    assert response["Cache-Control"] == "no-store"


def test_lists_go_by_the_librarys_search_and_filters(client: Client, opened, inside, units) -> None:
    client.force_login(UserFactory(home=units.branch))
    CaptionTrack.objects.create(
        asset=inside.asset,
        text="WEBVTT\n\n00:00:12.000 --> 00:00:15.000\n先谈心再批评\n",
        cues=1,
        source=CaptionTrack.Source.UPLOADED,
    )
    lecture_index(inside.pk)
    found = asked(client, f"{LECTURES}?q=谈心")["lectures"]
    assert [(one["title"], one["found_in"]) for one in found] == [("组织生活会怎么开", "caption")]
    assert found[0]["moments"] == [{"second": 12, "text": "先谈心再批评"}]
    assert titles(asked(client, f"{LECTURES}?q=gsxj")) == ["果树修剪"]
    assert titles(asked(client, f"{LECTURES}?subject=theory")) == []
    assert len(titles(asked(client, f"{LECTURES}?subject=skills&year=2026"))) == 2
    assert titles(asked(client, f"{LECTURES}?unit={units.branch.code}")) == ["果树修剪"]
    assert len(titles(asked(client, f"{LECTURES}?unit={units.county.code}"))) == 2
    assert titles(asked(client, f"{LECTURES}?unit=none")) == []


def test_a_strangers_search_finds_only_what_is_open(client: Client, opened, inside) -> None:
    assert titles(asked(client, f"{LECTURES}?q=组织")) == []
    assert titles(asked(client, f"{LECTURES}?q=修剪")) == ["果树修剪"]


def test_pages_follow_each_other_to_the_end(client: Client, units) -> None:
    for _number in range(5):
        LecturePageFactory(organization=units.branch, is_open=True)
    seen, address, pages = [], f"{LECTURES}?per_page=2", 0
    while address:
        said = asked(client, address)
        seen += [one["id"] for one in said["lectures"]]
        address, pages = said["next"], pages + 1
    assert (pages, len(seen), len(set(seen)), said["count"]) == (3, 5, 5, 5)
    assert said["previous"].endswith("page=2")
    assert asked(client, f"{LECTURES}?page=99")["lectures"] == []


@pytest.mark.parametrize("query", ["", "?q=微党课"])
def test_the_number_of_queries_does_not_grow_with_lectures(client: Client, units, query) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            asked(client, LECTURES + query)
        return len(queries)

    for _number in range(2):
        LecturePageFactory(organization=units.branch, is_open=True)
    count()  # what a process keeps from its first request
    few = count()
    for _number in range(4):
        LecturePageFactory(organization=units.township, is_open=True)
    assert count() == few <= 15


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("?colour=red", "colour"),
        ("?subject=cooking", "cooking"),
        ("?page=0", "page"),
        ("?page=٣", "page"),
        ("?per_page=101", "100"),
        ("?topic=1;DROP", "topic"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_a_chinese_sentence(
    client: Client, db, query, word
) -> None:
    message = asked(client, LECTURES + query, 400)["message"]
    assert word in message
    assert message.endswith("。")


def test_script_in_a_question_comes_back_as_text_only(client: Client, db) -> None:
    response = client.get(f"{LECTURES}?<script>=1")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/json"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_it_only_reads(client: Client, opened) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(LECTURES, {"title": "新课"})
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert response.json()["message"]


def test_what_is_unchanged_is_not_sent_again(client: Client, opened) -> None:
    tag = client.get(LECTURES)["ETag"]
    assert client.get(LECTURES, headers={"If-None-Match": tag}).status_code == 304
    LecturePage.objects.filter(pk=opened.pk).update(title="新题目")
    assert client.get(LECTURES, headers={"If-None-Match": tag}).status_code == 200


def test_pages_of_other_sites_read_what_is_public_and_nothing_of_a_session(
    client: Client, opened, units
) -> None:
    assert client.get(LECTURES)["Access-Control-Allow-Origin"] == "*"
    assert client.get(f"{LECTURES}?x=1")["Access-Control-Allow-Origin"] == "*"
    client.force_login(UserFactory(home=units.branch))
    for address in (LECTURES, f"{LECTURES}?x=1", f"{LECTURES}{opened.pk}/poster/"):
        response = client.get(address)
        assert "Access-Control-Allow-Origin" not in response
        assert response["Cache-Control"].startswith("private")
        assert "Cookie" in response["Vary"]


def test_too_many_questions_are_put_off_by_a_sentence(client: Client, db, settings) -> None:
    settings.API_PER_MINUTE = 2
    for _number in range(2):
        asked(client, "/api/v1/")
    response = client.get("/api/v1/")
    # A minute may have ended in between: then it begins anew, once.
    if response.status_code == 200:
        asked(client, "/api/v1/")
        response = client.get("/api/v1/")
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert response["Retry-After"] in response.json()["message"]


def test_a_picture_can_stand_on_another_site(client: Client, opened, inside) -> None:
    name = f"{store.package_folder(opened.asset.package_id)}/poster.jpg"
    path = store.local_path(name)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xd8\xff picture")
    response = client.get(f"{LECTURES}{opened.pk}/poster/")
    assert (response.content, response["Content-Type"]) == (b"\xff\xd8\xff picture", "image/jpeg")
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert asked(client, f"{LECTURES}{inside.pk}/poster/", 404)


def test_a_collection_shows_strangers_its_open_lectures_in_order(
    client: Client, units, curator
) -> None:
    collection = CollectionFactory(organization=units.county, titles=["丙", "甲", "乙"])
    address = f"/api/v1/collections/{collection.pk}/"
    assert asked(client, address, 404)
    for item in collection.items.exclude(lecture__title="甲"):
        lecture_decide(lecture=item.lecture, kind=Standing.Kind.OPEN, user=curator)
    said = asked(client, address)
    assert (said["lecture_count"], titles(said)) == (2, ["丙", "乙"])
    assert asked(client, "/api/v1/collections/")["collections"][0]["lecture_count"] == 2
    client.force_login(UserFactory(home=units.branch))
    assert titles(asked(client, address)) == ["丙", "甲", "乙"]


def test_the_taxonomy_names_every_choice_with_its_lectures(client: Client, opened, units) -> None:
    topic = TopicFactory()
    opened.topics.set([topic])
    opened.save()
    said = asked(client, "/api/v1/taxonomy/")
    assert said["subject"] == [{"key": "skills", "name": "知识技能教育", "lecture_count": 1}]
    assert said["topic"] == [{"key": str(topic.pk), "name": topic.name, "lecture_count": 1}]
    assert said["unit"] == [
        {"code": units.branch.code, "name": units.branch.name, "lecture_count": 1}
    ]


def test_there_is_an_answer_at_every_address(client: Client, db) -> None:
    assert asked(client, "/api/v1/")["version"] == 1
    assert "/api/v1/" in asked(client, "/api/v1/nothing/here", 404)["message"]
