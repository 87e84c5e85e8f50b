"""Who asked hears that there is an answer."""

import pytest

from cms.enquiries.answering import enquiry_answer, enquiry_close
from notices.models import Message
from tests.factories import LecturePageFactory, UserFactory
from tests.factories.enquiries import EnquiryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(units):
    return UserFactory(curator=True, unit=units.county)


def test_an_answer_is_told_and_taking_it_back_replaces_it(units, keeper):
    lecture = LecturePageFactory(organization=units.county)
    enquiry = EnquiryFactory(lecture=lecture)
    enquiry_answer(actor=keeper, enquiry=enquiry, text="土壤解冻以后。")
    message = Message.objects.visible_to(enquiry.sender).get()
    assert message.text == "question_answered"
    assert message.values == {"title": lecture.title}
    enquiry_close(actor=keeper, enquiry=enquiry, text="答错了。")
    message = Message.objects.visible_to(enquiry.sender).get()
    assert (message.text, message.edition) == ("question_closed", 2)


def test_a_suggestion_needs_no_lecture(units, keeper):
    enquiry = EnquiryFactory(suggestion=True, organization=units.county)
    enquiry_answer(actor=keeper, enquiry=enquiry, text="已经改好。")
    message = Message.objects.visible_to(enquiry.sender).get()
    assert message.words
    assert not Message.objects.visible_to(keeper).exists()
