"""A lecture that was taken out of the library gives nobody an address of its package."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from cms.lecture_chooser import lecture_chooser
from lms.classes.models import ClassItem
from tests.factories import ClassItemFactory, EnrolmentFactory, LecturePageFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_its_poster_is_gone_from_the_class_and_from_my_learning(client: Client) -> None:
    member = UserFactory(home=True)
    enrolment = EnrolmentFactory(user=member)
    lecture = ClassItemFactory(training_class=enrolment.training_class).lecture
    client.force_login(member)
    page = f"/classes/{enrolment.training_class_id}/"
    assert "/v/" in client.get(page).content.decode()
    lecture.unpublish()
    for address in (page, "/learning/", "/"):
        assert "/v/" not in client.get(address).content.decode()


def test_an_item_cannot_be_turned_to_a_draft_but_keeps_a_withdrawn_lecture() -> None:
    item = ClassItemFactory()
    item.lecture = LecturePageFactory(draft=True)
    with pytest.raises(ValidationError):
        item.clean()
    item = ClassItem.objects.get(pk=item.pk)
    item.lecture.unpublish()
    item = ClassItem.objects.get(pk=item.pk)
    item.clean()


def test_the_chooser_names_no_draft_that_somebody_posts() -> None:
    widget = lecture_chooser.widget_class()
    live, draft = LecturePageFactory(), LecturePageFactory(draft=True)
    kept = ClassItemFactory().lecture
    kept.unpublish()
    assert widget.get_instance(live.pk) == live
    assert widget.get_instance(kept.pk) == kept
    assert widget.get_instance(draft.pk) is None
