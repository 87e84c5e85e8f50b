"""What demo lectures say can be read, found and jumped to; questions on them stand below."""

import itertools

import pytest

from cms.enquiries.models import Enquiry
from cms.finding.fields import CAPTION
from cms.finding.searching import search
from cms.models import LecturePage
from lms.demo.lectures import LECTURES
from lms.demo.people import people_seed
from lms.demo.questions import ASKED, questions_seed
from lms.demo.reviews import review_walk
from lms.demo.seed import hand_in
from lms.demo.words import chapter_lines, film_cues, words_put, written
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.chapters.marks import chapters_of
from organizations.models import Organization, User
from tests.factories import LecturePageFactory, VideoAssetFactory

pytestmark = pytest.mark.django_db
SHORT = LECTURES[0]


def test_every_page_is_a_chapter_and_every_sentence_a_line_in_its_time() -> None:
    cues = film_cues(SHORT)
    spoken = [text for one in SHORT.slides for text in one.spoken]
    assert [cue.text for cue in cues] == [written(text) for text in spoken]
    assert "96110" in "".join(cue.text for cue in cues)
    assert all(cue.start < cue.end for cue in cues)
    assert all(a.end <= b.start for a, b in itertools.pairwise(cues))
    chapters = list(chapter_lines(SHORT, cues))
    assert [one.title for one in chapters][1:] == [slide.heading for slide in SHORT.slides[1:]]
    assert chapters[0].second == 0
    assert "|" not in chapters[0].title


def test_a_sentence_is_found_at_its_moment_and_what_is_there_is_left_alone() -> None:
    people_seed()
    asset = VideoAssetFactory(owner=User.objects.get(username="secretary"), ready=True)
    words_put(SHORT, asset)
    page = hand_in(SHORT, asset)
    review_walk(page)
    hit = search(LecturePage.objects.live(), SHORT.slides[1].spoken[1].strip("。")).hits[0]
    assert (hit.lecture_id, hit.rank) == (page.pk, CAPTION.number)
    assert len(chapters_of(asset)) == len(SHORT.slides)
    CaptionTrack.objects.update(text="WEBVTT\n")
    words_put(SHORT, asset)
    assert CaptionTrack.objects.get().text == "WEBVTT\n"


def test_questions_are_asked_and_answered_once_and_marked() -> None:
    people_seed()
    township = Organization.objects.get(code=SHORT.organization_code)
    lectures = [LecturePageFactory(title=one.title, organization=township) for one in LECTURES]
    for _twice in range(2):
        questions_seed(lectures)
        assert Enquiry.objects.count() == len(ASKED)
        assert Enquiry.objects.published().count() == sum(bool(answer) for *_, answer in ASKED)
    assert all("演示" in one.text for one in Enquiry.objects.all())
