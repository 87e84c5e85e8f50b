"""A lecture as text: transcript, chapters and handout; what of it the lecture's page holds."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from media_pipeline.captions.models import CaptionTrack
from media_pipeline.captions.tracks import captions_put
from media_pipeline.chapters.marks import chapters_put
from tests.factories import LecturePageFactory, UserFactory

pytestmark = pytest.mark.django_db

SRT = """1
00:00:01,000 --> 00:00:03,500
同志们<b>好</b> & 再见

2
00:00:04,000 --> 00:00:06,000
&lt;script&gt;alert(1)&lt;/script&gt;。

3
00:00:20,500 --> 00:00:24,000
乡村
振兴
"""


@pytest.fixture
def member(client: Client, units: SimpleNamespace) -> Client:
    client.force_login(UserFactory(home=units.branch))
    return client


@pytest.fixture
def lecture(units: SimpleNamespace) -> Any:
    found = LecturePageFactory(organization=units.township, title="春耕一课")
    captions_put(asset=found.asset, data=SRT.encode(), actor=None, now=timezone.now())
    chapters_put(asset=found.asset, text="0:00 开场\n0:20 乡村<振兴>", actor=None)
    return found


def text_of(client: Client, lecture: Any) -> Any:
    return client.get(reverse("cms:text", args=[lecture.pk]))


def test_what_is_said_stands_there_with_times_that_lead_into_the_film(
    member: Client, lecture: Any
) -> None:
    page = text_of(member, lecture).content.decode()
    said = page[page.index("data-said") : page.index("handout-foot")]
    assert re.findall(r'href="([^"]*)" data-from="([\d.]*)"', said) == [
        (f"{lecture.get_url()}?t=1", "1.000"),
        (f"{lecture.get_url()}?t=20", "20.500"),
    ]
    assert re.findall(r'<span data-from="[\d.]*">([^<]*)</span>', said) == [
        "同志们好 &amp; 再见 ",
        "&lt;script&gt;alert(1)&lt;/script&gt;。",
        "乡村振兴 ",
    ]


def test_a_chapter_stands_before_the_words_that_begin_in_it(member: Client, lecture: Any) -> None:
    said = text_of(member, lecture).context["said"]
    assert [one.chapters for one in said] == [["开场"], ["乡村<振兴>"]]


def test_the_handout_says_what_and_whose_it_is_and_where_it_is_found(
    member: Client, lecture: Any, units: SimpleNamespace
) -> None:
    page = text_of(member, lecture).content.decode()
    address = f"http://testserver{lecture.get_url()}"
    for words in ("春耕一课", "李四", units.township.name, "示例课程简介。", address, "handout-qr"):
        assert words in page


def test_a_lecture_without_captions_has_a_handout_as_well(
    member: Client, units: SimpleNamespace
) -> None:
    answer = text_of(member, LecturePageFactory(organization=units.township))
    assert answer.status_code == 200
    assert b"data-said" not in answer.content


def test_captions_without_words_are_no_text(member: Client, lecture: Any) -> None:
    CaptionTrack.objects.update(text="WEBVTT\n", cues=0)
    answer = text_of(member, lecture)
    assert (answer.status_code, answer.context["said"]) == (200, [])


def test_the_text_of_a_draft_is_for_those_who_may_publish_it(
    client: Client, units: SimpleNamespace
) -> None:
    draft = LecturePageFactory(organization=units.township, draft=True)
    statuses = []
    for user in (UserFactory(home=units.branch), UserFactory(reviewer=True, unit=units.township)):
        client.force_login(user)
        statuses.append(text_of(client, draft).status_code)
    assert statuses == [404, 200]


def test_the_page_of_the_lecture_holds_chapters_and_only_the_way_to_what_is_said(
    member: Client, lecture: Any
) -> None:
    page = member.get(lecture.get_url()).content.decode()
    assert f'data-src="{reverse("cms:text", args=[lecture.pk])}"' in page
    assert 'href="?t=20" data-from="20"' in page
    assert "乡村&lt;振兴&gt;" in page
    assert "同志们" not in page


def test_captions_however_long_are_not_read_for_the_page_of_the_lecture(
    member: Client, lecture: Any
) -> None:
    member.get(lecture.get_url())
    with CaptureQueriesContext(connection) as seen:
        member.get(lecture.get_url())
    assert len(seen) <= 15
    assert not [one for one in seen if '"media_pipeline_captiontrack"."text"' in one["sql"]]
