"""Pages of results, suggestions, keepers' lists and the command, as they answer."""

import json
from collections.abc import Callable
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.finding.indexing import differences
from cms.models import LecturePage, Subject
from cms.shelves import shelf_for
from tests.factories import (
    AudienceFactory,
    BaseFactory,
    ProductionFactory,
    SpeakerFactory,
    TopicFactory,
    UserFactory,
    VideoAssetFactory,
)

pytestmark = pytest.mark.django_db

LectureOf = Callable[..., LecturePage]


def page(client: Client, query: str, **asked: str) -> Any:
    return client.get("/library/", {"q": query, **asked})


def linked(lecture: LecturePage, **lists: Any) -> None:
    for name, rows in lists.items():
        getattr(lecture, name).set(rows)
    lecture.save()


def titles(response: Any) -> list[str]:
    return [getattr(one, "card", one).title for one in response.context["lectures"].object_list]


def shown(response: Any) -> list[str]:
    return [result.card.title for result in response.context["lectures"].object_list]


def test_what_was_found_is_marked_and_what_was_typed_is_text(
    member: Client, lecture_of: LectureOf
) -> None:
    lecture_of(
        "<b>乡村</b>振兴", speaker="乡村\u202e<i>", summary='"乡村" & <script>alert(1)</script>'
    )
    text = page(member, "乡村").content.decode()
    assert "&lt;b&gt;<mark>乡村</mark>&lt;/b&gt;振兴" in text
    assert "&quot;<mark>乡村</mark>&quot; &amp; &lt;script&gt;" in text
    assert "<script>alert" not in text
    text = page(member, "<script>alert(1)</script>").content.decode()
    assert "<mark>&lt;script&gt;alert(1)&lt;/script&gt;</mark>" in text
    assert "<script>alert" not in text


def test_captions_lead_to_the_moments_in_the_film(member: Client, lecture_of: LectureOf) -> None:
    said = ("同志们好", "讲乡村", "别的", "说乡村", "又乡村", "还乡村")
    lecture = lecture_of("题", said=said)
    result = page(member, "乡村").context["lectures"].object_list[0]
    assert [(one.second, one.time_text) for one in result.moments] == [
        (3, "0:03"),
        (9, "0:09"),
        (12, "0:12"),
    ]
    assert result.more_moments == 1
    assert result.moments[0].url == f"{lecture.get_url()}?t=3"
    there = member.get(result.moments[0].url)
    assert there.context["start_at"] == 3
    assert b"#t=3" in there.content


@pytest.mark.parametrize("asked", ["-1", "x", "１", "1e5", "99999999", ""])
def test_an_odd_moment_is_the_beginning(member: Client, lecture_of: LectureOf, asked: str) -> None:
    lecture = lecture_of("题")
    assert member.get(lecture.get_url(), {"t": asked}).context["start_at"] == 0


def test_filters_narrow_and_count_what_they_would_show(
    member: Client, lecture_of: LectureOf, units: SimpleNamespace
) -> None:
    lecture_of("乡村一", subject=Subject.THEORY, organization=units.county)
    lecture_of("乡村二", asset=VideoAssetFactory(ready=True, duration=700.0))
    lecture_of("乡村三", recorded_on=None, organization=units.foreign)
    lecture_of("别的", subject=Subject.THEORY)
    response = page(member, "乡村", subject="theory")
    assert shown(response) == ["乡村一"]
    counts = {one["key"]: one["count"] for one in response.context["subjects"]}
    assert counts == {"": 3, "theory": 1, "skills": 2}
    assert shown(page(member, "乡村", length="20")) == ["乡村二"]
    assert shown(page(member, "乡村", year="2026")) == ["乡村二", "乡村一"]
    assert shown(page(member, "乡村", year="2026", length="5")) == ["乡村一"]
    below = member.get(shelf_for(units.county).get_url(), {"q": "乡村"})
    assert shown(below) == ["乡村二", "乡村一"]
    places = [(one["title"], one["count"]) for one in below.context["shelves"]]
    assert places == [(units.township.name, 1)]


def test_filters_hold_without_words_too(member: Client, lecture_of: LectureOf) -> None:
    lecture_of("短")
    lecture_of("长", asset=VideoAssetFactory(ready=True, duration=3000.0), recorded_on=None)
    listed = member.get("/library/", {"length": "more"}).context["lectures"].object_list
    assert [card.title for card in listed] == ["长"]
    picked = member.get("/library/?year=2026&subject=x").context["picked"]
    assert [one["name"] for one in picked] == ["year"]


@pytest.mark.parametrize("query", ["", "乡村"])
def test_under_a_filter_a_lecture_may_be_several_things(
    member: Client, lecture_of: LectureOf, query: str
) -> None:
    party, village, unused = TopicFactory(), TopicFactory(), TopicFactory()
    linked(lecture_of("乡村一"), topics=[party, village])
    linked(lecture_of("乡村二"), topics=[village])
    lecture_of("乡村三")
    response = page(member, query, topic=str(party.pk))
    assert titles(response) == ["乡村一"]
    topics = next(one for one in response.context["filters"] if one["name"] == "topic")
    offered = {one["key"]: (one["label"], one["count"]) for one in topics["choices"]}
    assert offered.pop("")[1] == 3
    assert offered == {str(party.pk): (party.name, 1), str(village.pk): (village.name, 2)}
    nobody = page(member, query, topic=str(unused.pk))
    assert titles(nobody) == []
    assert unused.name in nobody.content.decode()
    assert titles(page(member, query, topic="999999")) == []


@pytest.mark.parametrize("number", ["0", "-1", "x", "3", "9" * 30, "9" * 5000])
def test_an_odd_page_of_results_is_one_of_those_there_are(
    member: Client, lecture_of: LectureOf, number: str
) -> None:
    for at in range(13):
        lecture_of(f"乡村{at}")
    assert shown(page(member, "乡村", p=number)) in (
        shown(page(member, "乡村")),
        shown(page(member, "乡村", p="2")),
    )


def test_what_a_lecture_is_called_by_in_lists_is_found_and_shown(
    member: Client, lecture_of: LectureOf, units: SimpleNamespace
) -> None:
    lecture = lecture_of("题", speaker="本村支书")
    lecture.base = BaseFactory(organization=units.county, name="化石谷基地")
    lecture.production = ProductionFactory(organization=units.county, title="大凌河边")
    lecture.save()
    speaker = SpeakerFactory(organization=units.county, name="王芳")
    topic, audience = TopicFactory(name="春耕"), AudienceFactory(name="种粮大户")
    linked(lecture, speakers=[speaker], topics=[topic], audiences=[audience])
    for query in ("化石", "大凌河", "春耕", "种粮", "wf"):
        assert shown(page(member, query)) == ["题"], query
    assert "本村支书、<mark>王芳</mark>" in page(member, "王芳").content.decode()
    response = page(member, "春耕")
    assert response.context["lectures"].object_list[0].found_in.name == "topic"
    assert "<mark>春耕</mark>" in response.content.decode()
    assert suggested(member, "春") == [("topic", "春耕")]


def test_a_name_that_is_changed_or_deleted_is_found_as_it_is_now(
    member: Client, lecture_of: LectureOf, units: SimpleNamespace
) -> None:
    lecture = lecture_of("题")
    lecture.base = BaseFactory(organization=units.county, name="旧基地")
    lecture.save()
    speaker, topic = SpeakerFactory(organization=units.county), TopicFactory(name="旧标签")
    linked(lecture, speakers=[speaker], topics=[topic])
    for one, name in ((speaker, "新人"), (topic, "新标签"), (lecture.base, "新基地")):
        one.name = name
        one.save()
        assert shown(page(member, name)) == ["题"]
    assert shown(page(member, "旧")) == []
    speaker.delete()
    topic.delete()
    assert shown(page(member, "新人")) == shown(page(member, "新标签")) == []
    assert list(differences()) == []


def test_a_link_that_is_published_is_found_at_once(
    member: Client, lecture_of: LectureOf, units: SimpleNamespace
) -> None:
    lecture = lecture_of("题")
    lecture.speakers = [SpeakerFactory(organization=units.county, name="王芳")]
    revision = lecture.save_revision()
    assert shown(page(member, "王芳")) == []
    revision.publish()
    assert shown(page(member, "王芳")) == ["题"]


@pytest.mark.parametrize("odd", ["length=1", "year=99999", "year=２０２６", "subject=<b>", "p=x"])
def test_odd_filters_are_no_filters(member: Client, lecture_of: LectureOf, odd: str) -> None:
    lecture_of("乡村")
    assert shown(member.get(f"/library/?q=乡村&{odd}")) == ["乡村"]


def test_whoever_finds_nothing_is_told_what_may_help(member: Client, lecture_of: LectureOf) -> None:
    lecture_of("乡村振兴")
    lecture_of("主题党日")
    nothing = page(member, "乡村 党日").context["nothing"]
    assert [(one["word"], one["count"]) for one in nothing["alone"]] == [("乡村", 1), ("党日", 1)]
    assert page(member, "乡村", year="1999").context["nothing"]["unfiltered"] == 1
    assert page(member, "没有").context["nothing"] == {"unfiltered": 0, "alone": []}


def test_results_cost_the_same_queries_however_many_there_are(
    member: Client, lecture_of: LectureOf
) -> None:
    def queries(query: str) -> int:
        page(member, query)
        with CaptureQueriesContext(connection) as captured:
            page(member, query)
        return len(captured)

    lecture_of("乡村", speaker="王芳", said=("乡村",))
    few = [queries("乡村"), queries("乡村 王芳"), queries("xc wf")]
    for number in range(6):
        lecture_of(f"乡村{number}", speaker="王芳", said=("乡村", "王芳"))
    many = [queries("乡村"), queries("乡村 王芳"), queries("xc wf")]
    assert few == many
    # To ask costs more than most answers: the limit is near what it takes.
    assert max(many) <= 10
    assert queries("这 里 没 有 的") <= 15


def suggested(client: Client, typed: str) -> list[tuple[str, str]]:
    answer = client.get(reverse("cms:suggest"), {"q": typed})
    return [(one["kind"], one["text"]) for one in answer.json()["suggestions"]]


def test_suggestions_are_titles_speakers_subjects_and_units(
    member: Client, lecture_of: LectureOf, units: SimpleNamespace
) -> None:
    lecture_of("示例一", speaker="示例人", summary="示例", said=("示例",))
    lecture_of("示例二", speaker="示例人")
    lecture_of("示例稿", draft=True)
    shelf_for(units.foreign)  # empty
    assert suggested(member, "示例") == [
        ("title", "示例二"),
        ("title", "示例一"),
        ("speaker", "示例人"),
        ("place", units.county.name),
        ("place", units.township.name),
    ]


def test_suggestions_know_initials_and_mark_them(member: Client, lecture_of: LectureOf) -> None:
    lecture = lecture_of("推进乡村振兴", speaker="王芳")
    found = member.get(reverse("cms:suggest"), {"q": "XCZX"}).json()["suggestions"]
    assert found == [
        {
            "kind": "title",
            "text": "推进乡村振兴",
            "parts": [["推进", False], ["乡村振兴", True]],
            "url": lecture.get_url(),
        }
    ]
    assert suggested(member, "wf") == [("speaker", "王芳")]
    assert suggested(member, "") == suggested(member, "\u200b") == []


def test_strangers_get_no_suggestions(client: Client, lecture_of: LectureOf) -> None:
    lecture_of("乡村")
    answer = client.get(reverse("cms:suggest"), {"q": "乡村"})
    assert (answer.status_code, answer.json()) == (403, {"suggestions": []})


def test_keepers_find_their_lectures_by_captions_and_drafts_by_their_new_title(
    client: Client, lecture_of: LectureOf, units: SimpleNamespace
) -> None:
    curator = UserFactory(curator=True, unit=units.county)
    client.force_login(curator)
    lecture_of("讲", summary="春耕")
    lecture_of("课", said=("说春耕",))
    draft = lecture_of("春耕稿", draft=True)
    lecture_of("别县春耕", organization=units.foreign)
    changed = lecture_of("旧")
    changed.title = "新春耕"
    changed.save_revision(user=curator)

    def listed(url: str, query: str) -> list[str]:
        answer = client.get(url, {"q": query})
        return [one.draft_title for one in answer.context["object_list"]]

    lectures = reverse("lectures:index")
    assert listed(lectures, "春耕") == ["春耕稿", "讲", "课", "新春耕"]
    assert listed(lectures, "cg") == ["春耕稿"]
    explorer = reverse("wagtailadmin_explore", args=[shelf_for(units.county).pk])
    assert set(listed(explorer, "春耕")) >= {"春耕稿", "讲", "课", "新春耕"}
    assert draft.pk not in LecturePage.objects.live().mentioning("春耕").values_list(
        "pk", flat=True
    )


def test_keepers_lists_say_where_the_words_stand(
    client: Client, lecture_of: LectureOf, units: SimpleNamespace
) -> None:
    client.force_login(UserFactory(curator=True, unit=units.county))
    said = lecture_of("<b>课</b>", summary="讲<i>春耕</i>", said=("开场", "说春耕", *("春耕",) * 4))
    lecture_of("稿子", draft=True, said=("春耕",))
    explorer = reverse("wagtailadmin_explore", args=[shelf_for(units.county).pk])
    for url in (reverse("lectures:index"), explorer):
        rows = client.get(url, {"q": "春耕"}).content.decode().split("data-listing-page-title")
        ours, other = (next(row for row in rows if text in row) for text in ("&lt;b&gt;", "稿子"))
        assert "简介</span> 讲&lt;i&gt;<mark>春耕</mark>&lt;/i&gt;" in ours
        assert f'{said.get_url()}?t=3">' in ours
        assert "说<mark>春耕</mark>" in ours
        assert "还有 2 处讲到" in ours
        # A draft has no page to go to.
        assert "<mark>春耕</mark>" in other
        assert "?t=" not in other
        plain = client.get(url).content.decode()
        assert "found-places" not in plain
    by_letters = client.get(reverse("lectures:index"), {"q": "gz"}).content.decode()
    assert "标题</span> <mark>稿子</mark>" in by_letters


def test_keepers_are_told_when_nothing_has_the_words(
    client: Client, lecture_of: LectureOf, units: SimpleNamespace
) -> None:
    client.force_login(UserFactory(curator=True, unit=units.county))
    assert "这里还没有党课" in client.get(reverse("lectures:index")).content.decode()
    lecture_of("春耕")
    answer = client.get(reverse("lectures:index"), {"q": "没<有"}).content.decode()
    assert "没有“没&lt;有”" in answer
    assert "没有“" not in client.get(reverse("lectures:index"), {"q": "春耕"}).content.decode()


def test_saying_where_the_words_stand_asks_no_more_for_more_rows(
    client: Client, lecture_of: LectureOf, units: SimpleNamespace
) -> None:
    client.force_login(UserFactory(curator=True, unit=units.county))

    def asked(**words: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("lectures:index"), words)
        return len(queries)

    more = []
    for _ in range(2):
        for _ in range(4):
            lecture_of("春耕", said=("春耕",))
        asked()  # what is kept from one visit to the next
        more.append(asked(q="春耕") - asked())
    assert more[0] == more[1]


def command(*words: str) -> dict[str, Any]:
    answer = StringIO()
    call_command("library_search", *words, "--json", stdout=answer)
    return json.loads(answer.getvalue())


def test_the_command_prints_what_the_page_shows(
    member: Client, lecture_of: LectureOf, units: SimpleNamespace
) -> None:
    for number in range(14):
        lecture_of(f"乡村{number}", said=("别的", "讲乡村"))
    lecture_of("乡村草稿", draft=True)
    answer = command("乡村")
    assert [one["title"] for one in answer["results"]] == shown(page(member, "乡村"))
    assert (answer["count"], answer["page"], answer["pages"]) == (14, 1, 2)
    assert answer["results"][0]["marked"]["title"] == "[乡村]13"
    assert answer["results"][0]["found_in"] == "title"
    assert answer["results"][0]["moments"][0]["second"] == 3
    assert answer["choices"]["subject"] == {"skills": 14}
    second = [one["title"] for one in command("乡村", "--page", "2")["results"]]
    assert second == shown(page(member, "乡村", p="2"))
    assert len(command("乡村", "--all")["results"]) == 14
    assert command("乡村", "--year", "1999")["count"] == 0
    assert command("乡村", "--place", units.county.code)["count"] == 14
    assert command("xiangcun")["count"] == 0
    assert command("xc")["by_initials"]


@pytest.mark.parametrize(
    "words", [(" ",), ("党", "--year", "x"), ("党", "--user", "nobody"), ("党", "--place", "x")]
)
def test_the_command_says_what_it_cannot_take(db: None, words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        command(*words)


def test_the_command_sees_what_the_account_sees(lecture_of: LectureOf) -> None:
    lecture_of("乡村")
    UserFactory(username="left", is_active=False)
    UserFactory(username="here")
    assert command("乡村", "--user", "here")["count"] == 1
    assert command("乡村", "--user", "left")["count"] == 0
