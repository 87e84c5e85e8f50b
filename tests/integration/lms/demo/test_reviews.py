"""The demo's submissions stand at every place of the way, by its own people's acts."""

import pytest

from cms.models import LecturePage
from cms.review.models import Review
from lms.demo.lectures import LECTURES
from lms.demo.people import people_seed
from lms.demo.reviews import PENDING, pending_place, review_walk
from lms.demo.seed import hand_in
from organizations.models import User
from tests.factories import VideoAssetFactory

pytestmark = pytest.mark.django_db


def submitted(lecture):
    author = User.objects.get(username="secretary")
    return hand_in(lecture, VideoAssetFactory(owner=author, ready=True))


def test_every_place_of_the_way_is_shown_and_what_is_published_passed_it(settings, tmp_path):
    settings.LECTERN_VAR = tmp_path
    people_seed()
    for _twice in range(2):
        places = []
        for pending in PENDING:
            page = LecturePage.objects.filter(title=pending.lecture.title).first()
            page = page or submitted(pending.lecture)
            pending_place(page, pending)
            review = Review.objects.get(lecture=page)
            step = review.steps.filter(state="open").first()
            places.append((review.state, step.kind if step else "", review.comments.count()))
        assert places == [
            ("reviewing", "self", 0),
            ("reviewing", "first", 1),
            ("reviewing", "final", 0),
            ("sent_back", "", 2),
            ("refused", "", 0),
        ]
    for lecture in (LECTURES[0], LECTURES[-1]):
        page = submitted(lecture)
        review_walk(page)
        page.refresh_from_db()
        assert page.live
    assert all("演示" in pending.lecture.title for pending in PENDING)
