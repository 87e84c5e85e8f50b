"""A lecture's page and the addresses that its player asks for."""

import re
from types import SimpleNamespace

import pytest
from django.test import Client

from cms.models import Subject
from tests.factories import LecturePageFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(client: Client, units: SimpleNamespace) -> Client:
    client.force_login(UserFactory(home=units.branch))
    return client


def playback_url(lecture) -> str:
    return f"/library-api/lectures/{lecture.pk}/playback/"


def test_the_page_has_what_the_player_needs(member: Client, units: SimpleNamespace) -> None:
    lecture = LecturePageFactory(organization=units.township)
    context = member.get(lecture.get_url()).context
    assert context["lecture"]["is_ready"]
    assert context["playback"].master.endswith(f"/{lecture.asset.package_id}/master.m3u8")
    assert context["playback_url"] == playback_url(lecture)
    assert context["breadcrumbs"][-1]["title"] == units.township.name


def test_more_lectures_are_of_the_same_subject_first_and_never_the_same(
    member: Client, units: SimpleNamespace
) -> None:
    lecture = LecturePageFactory(organization=units.township, subject=Subject.RULES)
    near = [LecturePageFactory(organization=units.foreign, subject=Subject.RULES) for _ in range(7)]
    LecturePageFactory(organization=units.township, subject=Subject.THEORY)
    LecturePageFactory(organization=units.township, subject=Subject.RULES, draft=True)
    more = member.get(lecture.get_url()).context["more_lectures"]
    assert [card.id for card in more] == [page.pk for page in reversed(near)][:6]


def test_where_a_subject_has_few_lectures_the_newest_of_others_follow(
    member: Client, units: SimpleNamespace
) -> None:
    lecture = LecturePageFactory(organization=units.township, subject=Subject.RULES)
    near = LecturePageFactory(organization=units.foreign, subject=Subject.RULES)
    far = [LecturePageFactory(organization=units.foreign, subject=Subject.THEORY) for _ in range(6)]
    more = member.get(lecture.get_url()).context["more_lectures"]
    assert [card.id for card in more] == [near.pk, *(page.pk for page in reversed(far[1:]))]


def test_the_uploader_is_not_named_to_members(member: Client, units: SimpleNamespace) -> None:
    uploader = UserFactory(name="某某上传人")
    lecture = LecturePageFactory(organization=units.township, submitted_by=uploader)
    assert "某某上传人" not in member.get(lecture.get_url()).content.decode()


def test_playback_gives_fresh_addresses(member: Client, units: SimpleNamespace) -> None:
    lecture = LecturePageFactory(organization=units.township)
    response = member.get(playback_url(lecture))
    assert response.status_code == 200
    assert response.json()["master"].startswith("/v/")
    assert "no-store" in response["Cache-Control"]


def test_playback_is_refused_to_strangers_with_a_sentence(
    client: Client, units: SimpleNamespace
) -> None:
    lecture = LecturePageFactory(organization=units.township)
    response = client.get(playback_url(lecture))
    assert response.status_code == 403
    assert response.json()["message"]


def test_playback_of_a_draft_is_for_those_who_may_publish_it(
    client: Client, units: SimpleNamespace
) -> None:
    draft = LecturePageFactory(organization=units.branch, draft=True)
    statuses = {}
    people = {
        "member": UserFactory(home=units.branch),
        "secretary": UserFactory(secretary=True, unit=units.branch),
        "reviewer": UserFactory(reviewer=True, unit=units.township),
        "foreign reviewer": UserFactory(reviewer=True, unit=units.foreign),
        "curator": UserFactory(curator=True, unit=units.city),
    }
    for name, user in people.items():
        client.force_login(user)
        statuses[name] = client.get(playback_url(draft)).status_code
    assert statuses == {
        "member": 403,
        "secretary": 403,
        "reviewer": 200,
        "foreign reviewer": 403,
        "curator": 200,
    }


def test_playback_of_what_is_not_there_or_not_ready_is_not_found(
    client: Client, units: SimpleNamespace
) -> None:
    client.force_login(UserFactory(curator=True, unit=units.city))
    unprepared = LecturePageFactory(organization=units.township, unprepared=True)
    assert client.get(playback_url(unprepared)).status_code == 404
    assert client.get("/library-api/lectures/999999/playback/").status_code == 404


def light(lecture) -> None:
    lecture.asset.package.light = True
    lecture.asset.package.save()


def test_the_page_plays_the_light_film_by_its_markup(
    member: Client, units: SimpleNamespace
) -> None:
    lecture = LecturePageFactory(organization=units.township)
    light(lecture)
    page = member.get(lecture.get_url()).content.decode()
    video = page[page.index("<video") : page.index("</video>")]
    assert 'preload="auto"' in video
    assert video.index("/low.mp4") < video.index("/progressive.mp4")


def test_one_small_script_and_two_style_sheets_are_all_that_the_film_waits_for(
    member: Client, units: SimpleNamespace
) -> None:
    """What else the page has is named for that script, which lets it follow."""
    lecture = LecturePageFactory(organization=units.township)
    light(lecture)
    page = member.get(lecture.get_url()).content.decode()
    assert re.findall(r'<script[^>]* src="([^"]*)"', page) == ["/static/js/player/start.js"]
    assert re.findall(r'<link rel="stylesheet" href="([^"]*)"', page) == [
        "/static/css/site.css",
        "/static/css/player.css",
    ]
    assert 'data-later-src="/static/js/base.js /static/js/strips.js"' in page
    shown = re.sub("<noscript>.*?</noscript>", "", page, flags=re.DOTALL)
    assert not re.findall(r' (?:poster|src)="[^"]*\.jpg"', shown)


def test_nothing_is_loaded_before_the_tap_of_somebody_who_saves_data(
    member: Client, units: SimpleNamespace
) -> None:
    lecture = LecturePageFactory(organization=units.township)
    light(lecture)
    answer = member.get(lecture.get_url(), headers={"Save-Data": "on"})
    assert 'preload="none"' in answer.content.decode()


def test_a_package_of_an_earlier_version_plays_as_it_did(
    member: Client, units: SimpleNamespace
) -> None:
    lecture = LecturePageFactory(organization=units.township)
    assert member.get(lecture.get_url()).context["playback"].low == ""


def test_the_page_comes_compressed(member: Client, units: SimpleNamespace) -> None:
    lecture = LecturePageFactory(organization=units.township)
    plain = member.get(lecture.get_url())
    packed = member.get(lecture.get_url(), headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content) / 3
