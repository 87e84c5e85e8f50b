"""Authors hear how their lecture fares; reviewers get one digest a day."""

import datetime as dt

import pytest
from django.utils import timezone, translation

from cms.models import LecturePage
from cms.review.models import Review
from cms.review.rounds import review_resubmit
from cms.review.take_downs import take_down, take_down_lift
from cms.review.telling import reviewers_sweep, reviewers_tell
from notices.models import Message
from tests.factories import UserFactory
from tests.factories.reviews import open_step, pass_all, pass_step
from tests.integration.cms.review.test_acts import decide

pytestmark = pytest.mark.django_db


def texts(person) -> list[str]:
    return list(Message.objects.visible_to(person).values_list("text", flat=True))


def test_what_is_sent_back_is_told_until_it_is_handed_in_again(review, author, staff):
    decide(review, staff.clerk, "send_back", note="请补字幕")
    [message] = Message.objects.visible_to(author)
    with translation.override("zh-hans"):
        assert message.words.startswith(f"《{review.lecture.title}》已退回")
    assert message.path == "/upload/"
    lecture = review.lecture
    fields = {
        name: getattr(lecture, name)
        for name in ("title", "speaker", "subject", "summary", "recorded_on")
    }
    review_resubmit(
        review_id=review.pk,
        user=author,
        fields=fields | {"audiences": [], "script": ""},
        asset=None,
        now=timezone.now(),
    )
    assert texts(author) == []


def test_a_refusal_is_told(review, author, staff):
    decide(review, staff.clerk, "refuse", note="不宜公开")
    assert texts(author) == ["refused"]


def test_publication_replaces_it_and_a_take_down_replaces_that(review, author, staff, units):
    pass_all(review, staff)
    assert texts(author) == ["published"]
    lecture = LecturePage.objects.get(pk=review.lecture_id)
    assert Message.objects.get(recipient=author).path == lecture.url
    keeper = UserFactory(curator=True, unit=units.county)
    take_down(lecture=lecture, user=keeper, reason="有误", now=timezone.now())
    assert texts(author) == ["taken_down"]
    take_down_lift(lecture=lecture, user=keeper, now=timezone.now())
    assert texts(author) == ["published"]


def test_nobody_is_told_of_their_own_act(review, author, staff):
    pass_all(review, staff)
    lecture = LecturePage.objects.get(pk=review.lecture_id)
    Review.objects.filter(pk=review.pk).update(uploader=staff.leader)
    Message.objects.all().delete()
    take_down(lecture=lecture, user=staff.leader, reason="有误", now=timezone.now())
    assert not Message.objects.exists()


def test_reviewers_get_one_digest_a_day_which_goes_when_nothing_waits(review, staff):
    now = timezone.now()
    assert reviewers_tell(now=now) > 0
    assert reviewers_tell(now=now) == 0
    assert texts(staff.reader) == ["waiting_one"]
    assert reviewers_tell(now=now + dt.timedelta(days=1)) > 0
    assert Message.objects.visible_to(staff.reader).get().edition == 2
    pass_step(review, reader=staff.reader, decider=staff.clerk)
    pass_step(review, reader=staff.reader, decider=staff.section)
    pass_step(review, reader=staff.reader, decider=staff.leader)
    assert reviewers_sweep() > 0
    assert texts(staff.reader) == []


def test_an_author_gets_no_digest_of_the_own_lecture(review, author):
    reviewers_tell()
    assert open_step(review) is not None
    assert texts(author) == []
