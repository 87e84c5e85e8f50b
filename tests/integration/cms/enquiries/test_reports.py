"""Problems with a lecture and suggestions: to whom they go, and their answers."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.enquiries.models import Enquiry
from cms.enquiries.personal_data import old_enquiries
from organizations.privacy import holdings
from organizations.privacy.erasing import person_erase
from tests.factories import EnquiryFactory, UserFactory

pytestmark = pytest.mark.django_db


def report(client: Client, lecture: Any, **data: str) -> Any:
    return client.post(reverse("enquiries:problem", args=[lecture.pk]), data)


def test_a_problem_goes_to_those_who_keep_the_lecture_and_its_answer_to_the_sender(
    client: Client, people: Any, lecture: Any
) -> None:
    client.force_login(people.asker)
    assert report(client, lecture, about="sound", text="三分钟后没有声音").status_code == 302
    enquiry = Enquiry.objects.get()
    address = reverse("enquiries:enquiry", args=[enquiry.pk])
    for user, status in ((people.uploader, 404), (people.foreign, 404), (people.other, 403)):
        client.force_login(user)
        assert client.get(address).status_code == status
    client.force_login(people.reviewer)
    client.post(address, {"act": "answer", "text": "已换上修好的录像。"})
    client.force_login(people.asker)
    assert "已换上修好的录像。" in client.get(reverse("enquiries:mine")).content.decode()
    client.force_login(people.other)
    for page in (lecture.get_url(), reverse("enquiries:questions", args=[lecture.pk])):
        assert "已换上修好的录像。" not in client.get(page).content.decode()


def test_a_problem_says_what_it_is(client: Client, people: Any, lecture: Any) -> None:
    client.force_login(people.asker)
    assert report(client, lecture, text="不行").status_code == 422
    assert report(client, lecture, about="ghost", text="不行").status_code == 422
    assert not Enquiry.objects.exists()


@pytest.mark.parametrize("home", ["branch", "line_branch"])
def test_a_suggestion_goes_to_the_unit_of_whoever_writes_it(
    client: Client, units: SimpleNamespace, home: str
) -> None:
    client.force_login(UserFactory(home=getattr(units, home)))
    client.post(reverse("enquiries:suggestion"), {"text": "多上一些果树管理的课"})
    assert Enquiry.objects.get().organization == getattr(units, home)


def test_a_suggestion_of_somebody_without_a_branch_goes_to_their_unit_or_the_prefecture(
    client: Client, units: SimpleNamespace
) -> None:
    for user in (UserFactory(curator=True, unit=units.county), UserFactory()):
        client.force_login(user)
        client.post(reverse("enquiries:suggestion"), {"text": "希望界面更大"})
    found = [one.organization for one in Enquiry.objects.order_by("pk")]
    assert found == [units.county, units.city]


def test_the_foot_of_every_page_leads_there(client: Client, people: Any) -> None:
    client.force_login(people.other)
    assert reverse("enquiries:suggestion") in client.get("/privacy/").content.decode()


def test_what_a_person_wrote_is_among_their_data_and_goes_with_them(people: Any) -> None:
    EnquiryFactory(suggestion=True, sender=people.asker, text="欧阳的建议")
    EnquiryFactory(sender=people.asker, published=True, answered_by=people.reviewer)
    answered = EnquiryFactory(published=True, answered_by=people.asker, proposed_by=people.asker)
    found = holdings.section("enquiries", person=people.asker)
    assert found is not None
    assert {row["text"] for row in found.rows} >= {"欧阳的建议"}
    person_erase(actor=people.asker, person=people.asker, reason="")
    left = Enquiry.objects.get()
    assert (left.pk, left.answered_by, left.proposed_by) == (answered.pk, people.asker, None)


def test_what_was_answered_goes_in_time_but_not_what_is_published() -> None:
    then = timezone.now() - dt.timedelta(days=400)
    old = {"published": True, "answered_at": then}
    closed = EnquiryFactory(**old)
    Enquiry.objects.filter(pk=closed.pk).update(state="closed")
    answered = EnquiryFactory(suggestion=True, **old)
    EnquiryFactory(**old)
    EnquiryFactory(published=True)
    EnquiryFactory()
    assert set(old_enquiries(timezone.now() - dt.timedelta(days=365))) == {closed, answered}
