"""The library and its shelves as members see them."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms.finding.indexing import index_sweep
from cms.models import LecturePage, Subject
from cms.shelves import shelf_for
from tests.factories import (
    LecturePageFactory,
    OrganizationFactory,
    UserFactory,
    VideoAssetFactory,
    many_lectures,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(client: Client, units: SimpleNamespace) -> Client:
    client.force_login(UserFactory(home=units.branch))
    return client


def titles(response) -> list[str]:
    shown = response.context["lectures"].object_list
    return [getattr(one, "card", one).title for one in shown]


def test_strangers_are_sent_to_sign_in(client: Client, units: SimpleNamespace) -> None:
    lecture = LecturePageFactory(organization=units.township)
    for address in ("/library/", shelf_for(units.township).get_url(), lecture.get_url()):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"] == f"/accounts/login/?next={address}"


def test_the_library_shows_published_lectures_newest_first(
    member: Client, units: SimpleNamespace
) -> None:
    LecturePageFactory(title="第一", organization=units.township)
    LecturePageFactory(title="第二", organization=units.line)
    LecturePageFactory(title="草稿", organization=units.township, draft=True)
    response = member.get("/library/")
    assert titles(response) == ["第二", "第一"]
    assert response.context["lecture_count"] == 2


def test_a_shelf_shows_itself_and_what_is_below(member: Client, units: SimpleNamespace) -> None:
    LecturePageFactory(title="镇", organization=units.branch)
    LecturePageFactory(title="县", organization=units.county)
    LecturePageFactory(title="别的县", organization=units.foreign)
    response = member.get(shelf_for(units.county).get_url())
    assert set(titles(response)) == {"镇", "县"}
    assert [shelf["title"] for shelf in response.context["shelves"]] == [units.township.name]
    assert [crumb["url"] for crumb in response.context["breadcrumbs"]] == ["/library/"]


def test_shelves_are_counted_and_empty_ones_left_out(
    member: Client, units: SimpleNamespace
) -> None:
    LecturePageFactory(organization=units.branch)
    LecturePageFactory(organization=units.county)
    LecturePageFactory(organization=units.line)
    shelf_for(units.foreign)
    shelves = member.get("/library/").context["shelves"]
    assert [(shelf["url"], shelf["count"]) for shelf in shelves] == [
        (shelf_for(units.city).get_url(), 1),
        (shelf_for(units.county).get_url(), 2),
    ]


def test_subjects_filter_and_are_counted(member: Client, units: SimpleNamespace) -> None:
    LecturePageFactory(title="理论", subject=Subject.THEORY, organization=units.county)
    LecturePageFactory(title="技能", subject=Subject.SKILLS, organization=units.county)
    response = member.get("/library/?subject=theory")
    assert titles(response) == ["理论"]
    subjects = {item["key"]: item for item in response.context["subjects"]}
    assert set(subjects) == {"", "theory", "skills"}
    assert (subjects[""]["count"], subjects["theory"]["count"]) == (2, 1)
    assert subjects["theory"]["active"]
    assert response.context["query_prefix"] == "subject=theory&"
    assert response.context["shelves"][0]["url"].endswith("?subject=theory")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("新媒体", ["学生干部新媒体拍摄基础"]),
        ("媒体", ["学生干部新媒体拍摄基础"]),
        ("课", ["微课堂"]),
        ("微课 王芳", ["微课堂"]),
        ("摄影", []),
        ("100%", []),
    ],
)
def test_words_are_found_inside_chinese_text(
    member: Client, units: SimpleNamespace, words: str, found: list[str]
) -> None:
    LecturePageFactory(
        title="学生干部新媒体拍摄基础", summary="", speaker="李四", organization=units.county
    )
    LecturePageFactory(title="微课堂", summary="", speaker="王芳", organization=units.county)
    assert titles(member.get("/library/", {"q": words})) == found


@pytest.mark.parametrize("asked", ["?p=99", "?p=x", "?subject=nonsense", "?q=%20", "?p=-1"])
def test_odd_questions_are_answered(member: Client, units: SimpleNamespace, asked: str) -> None:
    LecturePageFactory(title="唯一", organization=units.county)
    assert titles(member.get(f"/library/{asked}")) == ["唯一"]


def test_lists_have_pages_of_24(member: Client, units: SimpleNamespace) -> None:
    asset = VideoAssetFactory(ready=True)
    many_lectures(30, organization=units.township, asset=asset)
    first, second = member.get("/library/"), member.get("/library/?p=2")
    assert (len(titles(first)), len(titles(second))) == (24, 6)
    assert not set(titles(first)) & set(titles(second))


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_number_of_queries_does_not_grow(member: Client, units: SimpleNamespace) -> None:
    lecture = LecturePageFactory(organization=units.township)
    addresses = ["/library/", shelf_for(units.county).get_url(), lecture.get_url()]
    addresses += ["/library/?subject=skills&q=微党课&p=2"]
    queries(member, addresses[0])  # the first page of a session fills its caches
    before = [queries(member, address) for address in addresses]
    for number in range(12):
        town = OrganizationFactory(township=True, parent=units.county, name=f"乡{number}")
        many_lectures(20, organization=town, asset=lecture.asset)
    index_sweep(most=60)
    after = [queries(member, address) for address in addresses]
    assert max(after) <= 15
    # A lecture with enough others of its subject asks for no further ones.
    assert all(a <= b for a, b in zip(after, before, strict=True)), (before, after)


def test_an_address_from_before_a_move_leads_to_the_lecture(
    member: Client, units: SimpleNamespace
) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    before = lecture.get_url()
    lecture.move(shelf_for(units.foreign), pos="last-child")
    now = LecturePage.objects.get(pk=lecture.pk).get_url()
    assert now != before
    response = member.get(before)
    assert (response.status_code, response["Location"]) == (302, now)
    assert member.get(now).status_code == 200


def test_drafts_and_unknown_addresses_are_not_found(member: Client, units: SimpleNamespace) -> None:
    draft = LecturePageFactory(organization=units.township, draft=True)
    assert member.get(draft.get_url()).status_code == 404
    assert member.get("/library/no-such-page/").status_code == 404


def test_pages_are_not_kept_by_caches_and_tell_nobody_where_one_was(
    member: Client, units: SimpleNamespace
) -> None:
    response = member.get(LecturePageFactory(organization=units.township).get_url())
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"
