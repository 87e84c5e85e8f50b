"""The demo's lists, decisions, menus, programme and activities: complete, marked, made once."""

import pytest

from cms.curated import Audience, LectureCollection, Speaker, Topic
from cms.models import LecturePage
from cms.programme.models import LectureActivity, Menu, Programme
from cms.programme.offers import menu_for
from cms.standing import Standing
from lms.demo.curation import ABOUT, AUDIENCES, TOPICS, curation_seed
from lms.demo.lectures import LECTURES
from lms.demo.people import people_seed
from organizations.models import Organization, User
from tests.factories import LecturePageFactory, VideoAssetFactory

pytestmark = pytest.mark.django_db
ROWS = (Topic, Audience, Speaker, LectureCollection, Menu, Programme, LectureActivity, Standing)


@pytest.fixture
def lectures() -> list[LecturePage]:
    people_seed()
    asset = VideoAssetFactory(ready=True)
    return [
        LecturePageFactory(
            title=one.title,
            speaker=one.speaker,
            asset=asset,
            organization=Organization.objects.get(code=one.organization_code),
        )
        for one in LECTURES
    ]


def test_a_few_of_each_are_made_once_and_marked(lectures: list[LecturePage]) -> None:
    curation_seed(lectures)
    first = [model.objects.count() for model in ROWS]
    assert min(first) > 0
    curation_seed(list(LecturePage.objects.live()))
    assert [model.objects.count() for model in ROWS] == first
    for model in (LectureCollection, Menu, Programme, LectureActivity):
        assert all("演示" in one.title for one in model.objects.all())
    assert Programme.objects.get().items.exists()


def test_every_demo_lecture_has_a_topic_and_an_audience() -> None:
    for lecture in LECTURES:
        found = [about for start, about in ABOUT.items() if lecture.title.startswith(start)]
        assert len(found) == 1, lecture.title
        topic, audiences = found[0]
        assert topic in TOPICS
        assert set(audiences) <= set(AUDIENCES)


def test_the_member_is_offered_the_menu_of_an_audience(lectures: list[LecturePage]) -> None:
    curation_seed(lectures)
    offered = {name: menu_for(User.objects.get(username=name)) for name in ("member", "secretary")}
    assert {name: menu.audience.name for name, menu in offered.items() if menu} == {
        "member": "农村党员",
        "secretary": "党支部书记",
    }
