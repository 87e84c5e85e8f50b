"""Strips show exactly the evidence, for many people and lectures in a fixed number of queries."""

import datetime as dt

import pytest
from django.template import Context, Template

from lms.watching.evidence import Bitmap
from lms.watching.strips import Strip, lecture_strips, people_strips, watch_strips
from tests.factories import (
    CompletionFactory,
    LecturePageFactory,
    PlaySessionFactory,
    UserFactory,
    VideoAssetFactory,
)
from tests.integration.lms.watching.conftest import unprepared

pytestmark = pytest.mark.django_db


def watched(user, lecture, seen):
    return PlaySessionFactory(user=user, lecture=lecture, seen=seen.to_bytes(), accepted=len(seen))


def test_a_strip_is_the_union_of_the_counted_sessions(member, lecture):
    watched(member, lecture, Bitmap.span(0, 30))
    watched(member, lecture, Bitmap.span(60, 90))
    voided = watched(member, lecture, Bitmap.span(90, 120))
    voided.voided_at = dt.datetime.now(dt.UTC)
    voided.save()
    watched(UserFactory(), lecture, Bitmap.span(30, 60))

    strip = watch_strips(user=member, assets=[lecture.asset])[lecture.asset_id]

    assert strip.segments() == [(0.0, 0.25), (0.5, 0.25)]
    assert strip.missing() == [(30, 60), (90, 120)]
    assert (strip.percent, strip.state) == (52, "part")


def test_the_strips_by_lecture_and_by_recording_agree(member, lecture):
    watched(member, lecture, Bitmap.span(0, 30))

    by_lecture = lecture_strips(user=member, lectures=[lecture])
    assert (
        by_lecture[lecture.pk]
        == watch_strips(user=member, assets=[lecture.asset])[lecture.asset_id]
    )


def test_nothing_watched_is_an_empty_strip(member, lecture):
    strip = lecture_strips(user=member, lectures=[lecture])[lecture.pk]

    assert (strip.segments(), strip.percent, strip.state) == ([], 0, "none")


def test_a_recording_without_length_has_no_strip(member, lecture):
    lecture = unprepared(lecture)

    assert lecture_strips(user=member, lectures=[lecture]) == {}
    assert watch_strips(user=member, assets=[lecture.asset]) == {}


def test_a_completed_lecture_misses_nothing(member, lecture):
    watched(member, lecture, Bitmap.span(0, 110))
    CompletionFactory(user=member, lecture=lecture)

    strip = lecture_strips(user=member, lectures=[lecture])[lecture.pk]
    assert (strip.completed, strip.missing(), strip.state) == (True, [], "done")


def test_a_completion_counts_after_the_recording_was_replaced(member, lecture):
    CompletionFactory(user=member, lecture=lecture)
    lecture.asset = VideoAssetFactory(ready=True)
    lecture.save()

    strip = lecture_strips(user=member, lectures=[lecture])[lecture.pk]
    assert strip.completed
    assert strip.segments() == []


def test_a_thousand_fragments_are_drawn_with_few_marks():
    strip = Strip(seconds=14_400, seen=Bitmap.of(range(0, 14_400, 2)).to_bytes())

    assert len(strip.segments()) == 1


@pytest.mark.parametrize("people", [1, 6])
def test_many_people_take_two_queries(lecture, people, django_assert_num_queries):
    users = UserFactory.create_batch(people)
    for user in users:
        watched(user, lecture, Bitmap.span(0, 30))
    with django_assert_num_queries(2):
        strips = people_strips(user_ids=[user.pk for user in users], lectures=[lecture])

    assert len(strips) == people


def test_the_tag_draws_the_strip():
    strip = Strip(seconds=100, seen=Bitmap.span(0, 50).to_bytes())
    html = Template("{% load watching_tags %}{% watch_strip strip %}").render(
        Context({"strip": strip})
    )

    assert 'width="0.50000"' in html
    assert "52" in html


def test_the_tag_draws_an_empty_strip_for_nothing():
    html = Template("{% load watching_tags %}{% watch_strip None %}").render(Context())

    assert "<svg" in html


def test_lengths_and_missing_parts_are_put_into_words():
    words = Template("{% load watching_tags %}{{ 750|duration }}|{{ span|missing }}").render(
        Context({"span": (10, 90)})
    )

    assert "12" in words
    assert "20" in words.split("|")[1]


# -- over HTTP


def test_the_page_asks_for_the_strips_of_its_cards(client, member, lecture):
    watched(member, lecture, Bitmap.span(0, 60))
    hidden = LecturePageFactory(draft=True)
    client.force_login(member)

    answer = client.get(f"/watch/strips/?lectures={lecture.pk},{hidden.pk},999999").json()

    assert list(answer["strips"]) == [str(lecture.pk)]
    strip = answer["strips"][str(lecture.pk)]
    drawing = strip.pop("svg")
    assert strip == {
        "seconds": 120,
        "percent": 52,
        "completed": False,
        "segments": [[0.0, 0.5]],
    }
    assert drawing.startswith("<svg")
    assert 'x="0.00000" width="0.50000"' in drawing


@pytest.mark.parametrize("asked", ["x", "1,-2", "1;drop", ",".join(["1"] * 61), "9" * 30])
def test_unreadable_and_endless_lists_are_refused(client, member, asked):
    client.force_login(member)

    assert client.get("/watch/strips/", {"lectures": asked}).status_code == 400


def test_strips_are_for_people_who_are_signed_in(client):
    assert client.get("/watch/strips/?lectures=1").status_code == 401
