"""A question to the speaker: who reads it when, who answers, what becomes of it."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEntry
from cms.enquiries.answering import enquiry_answer, enquiry_close, enquiry_propose
from cms.enquiries.models import Enquiry
from cms.enquiries.sending import MOST_A_DAY, MOST_OPEN, enquiry_send
from cms.enquiries.wording import EnquiryError
from tests.factories import EnquiryFactory, UserFactory

pytestmark = pytest.mark.django_db

QUESTION, ANSWER = "什么时候春耕最好？", "土壤解冻以后。"
State, Kind = Enquiry.State, Enquiry.Kind


def seen(client: Client, user: Any, address: str) -> str:
    client.force_login(user)
    return str(client.get(address).content.decode())


def ask(client: Client, lecture: Any, text: str = QUESTION) -> Any:
    return client.post(reverse("enquiries:questions", args=[lecture.pk]), {"text": text})


def act(client: Client, enquiry: Enquiry, act: str, text: str = ANSWER) -> Any:
    address = reverse("enquiries:enquiry", args=[enquiry.pk])
    return client.post(address, {"act": act, "text": text})


def acts() -> list[str]:
    found = AuditEntry.objects.filter(action__startswith="enquiry.").order_by("position")
    return list(found.values_list("action", flat=True))


def test_a_question_is_read_by_its_asker_and_those_responsible_until_it_is_published(
    client: Client, people: Any, lecture: Any
) -> None:
    page = reverse("enquiries:questions", args=[lecture.pk])
    client.force_login(people.asker)
    assert ask(client, lecture).status_code == 302
    enquiry = Enquiry.objects.get()
    desk = reverse("enquiries:desk")
    assert QUESTION in seen(client, people.asker, page)
    assert QUESTION in seen(client, people.reviewer, desk)
    assert QUESTION in seen(client, people.uploader, desk)
    for address in (page, lecture.get_url()):
        assert QUESTION not in seen(client, people.other, address)
    assert QUESTION not in seen(client, people.foreign, desk)
    assert client.get(reverse("enquiries:enquiry", args=[enquiry.pk])).status_code == 404

    client.force_login(people.reviewer)
    assert act(client, enquiry, "answer").status_code == 302
    for address in (page, lecture.get_url()):
        found = seen(client, people.other, address)
        assert QUESTION in found
        assert ANSWER in found
        assert "欧阳" not in found
    assert acts() == ["enquiry.send", "enquiry.answer"]


def test_the_uploader_proposes_and_those_responsible_publish(
    client: Client, people: Any, lecture: Any
) -> None:
    enquiry = EnquiryFactory(lecture=lecture, sender=people.asker)
    client.force_login(people.uploader)
    assert act(client, enquiry, "answer").status_code == 403
    assert act(client, enquiry, "propose").status_code == 302
    page = seen(client, people.uploader, reverse("enquiries:enquiry", args=[enquiry.pk]))
    assert "欧阳" not in page
    assert "欧*" not in page
    page = seen(client, people.reviewer, reverse("enquiries:enquiry", args=[enquiry.pk]))
    assert f"{ANSWER}</textarea>" in page
    assert "欧阳" not in page
    assert "欧**问" in page
    act(client, enquiry, "answer")
    enquiry.refresh_from_db()
    assert (enquiry.state, enquiry.answer) == (State.ANSWERED, ANSWER)
    assert acts() == ["enquiry.propose", "enquiry.answer"]


def test_a_refused_question_tells_its_asker_why_and_nobody_else(
    client: Client, people: Any, lecture: Any
) -> None:
    enquiry = EnquiryFactory(lecture=lecture, sender=people.asker, text=QUESTION)
    client.force_login(people.reviewer)
    act(client, enquiry, "close", "已在课中讲到。")
    assert "已在课中讲到。" in seen(client, people.asker, reverse("enquiries:mine"))
    page = reverse("enquiries:questions", args=[lecture.pk])
    assert "已在课中讲到。" in seen(client, people.asker, page)
    assert QUESTION not in seen(client, people.other, page)


def test_what_is_published_can_be_taken_back(client: Client, people: Any, lecture: Any) -> None:
    enquiry = EnquiryFactory(lecture=lecture, published=True, answered_by=people.reviewer)
    client.force_login(people.reviewer)
    assert act(client, enquiry, "close", "内容已过时。").status_code == 302
    assert not Enquiry.objects.published().exists()


def test_the_second_of_two_who_answer_is_told(people: Any, lecture: Any) -> None:
    enquiry = EnquiryFactory(lecture=lecture)
    stale = Enquiry.objects.get(pk=enquiry.pk)
    enquiry_answer(actor=people.reviewer, enquiry=enquiry, text=ANSWER)
    for late in (enquiry_answer, enquiry_propose):
        actor = people.uploader if late is enquiry_propose else people.reviewer
        with pytest.raises(EnquiryError):
            late(actor=actor, enquiry=stale, text="别的")
    assert Enquiry.objects.get().answer == ANSWER


@pytest.mark.parametrize("verb", [enquiry_answer, enquiry_close])
def test_nobody_answers_an_own_question_or_one_from_elsewhere(
    people: Any, lecture: Any, verb: Any
) -> None:
    own = EnquiryFactory(lecture=lecture, sender=people.reviewer)
    other = EnquiryFactory(lecture=lecture)
    for actor, enquiry in ((people.reviewer, own), (people.foreign, other), (people.other, other)):
        with pytest.raises(PermissionDenied):
            verb(actor=actor, enquiry=enquiry, text=ANSWER)
    assert Enquiry.objects.filter(state=State.OPEN).count() == 2


def test_the_same_words_twice_are_one_and_too_many_are_refused(people: Any, lecture: Any) -> None:
    def send(text: str) -> Enquiry:
        return enquiry_send(sender=people.asker, kind=Kind.QUESTION, lecture=lecture, text=text)

    assert send(QUESTION) == send(f" {QUESTION}\u200b")
    for number in range(MOST_OPEN - 1):
        send(f"第{number}问")
    with pytest.raises(EnquiryError, match=str(MOST_OPEN)):
        send("再问一句")
    Enquiry.objects.all().delete()
    EnquiryFactory.create_batch(
        MOST_A_DAY, lecture=lecture, sender=people.asker, published=True, answered_by=people.other
    )
    with pytest.raises(EnquiryError, match=str(MOST_A_DAY)):
        send("再问一句")


@pytest.mark.parametrize("text", ["", " \u200b ", "问" * 301, "我的身份证211302199001011234对吗"])
def test_what_cannot_be_taken_is_answered_and_leaves_nothing(
    client: Client, people: Any, lecture: Any, text: str
) -> None:
    client.force_login(people.asker)
    answer = ask(client, lecture, text)
    assert answer.status_code == 422
    assert answer.context["form"].errors["text"]
    assert not Enquiry.objects.exists()


def test_markup_in_a_question_is_text(client: Client, people: Any, lecture: Any) -> None:
    EnquiryFactory(lecture=lecture, published=True, text="<script>alert(1)</script>")
    page = seen(client, people.other, lecture.get_url())
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_a_draft_takes_no_questions(client: Client, people: Any, lecture: Any) -> None:
    lecture.unpublish()
    client.force_login(people.asker)
    assert ask(client, lecture).status_code == 404


def test_the_list_of_those_responsible_costs_the_same_however_long_it_is(
    client: Client, people: Any, lecture: Any, units: SimpleNamespace
) -> None:
    client.force_login(people.reviewer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("enquiries:desk"))
        return len(captured)

    EnquiryFactory(lecture=lecture)
    queries()
    few = queries()
    senders = [UserFactory(home=units.branch) for _ in range(3)]
    for number in range(40):
        EnquiryFactory(lecture=lecture, sender=senders[number % 3])
    assert queries() == few
    assert client.get(reverse("enquiries:desk")).context["page_obj"].paginator.num_pages == 2
