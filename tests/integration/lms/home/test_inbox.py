"""One's own messages and nobody else's; the ways by which they come as well."""

import base64
import re

import pytest
from django.core import mail
from django.test import RequestFactory
from django.urls import reverse

from lms.home.mail_address import FROM_A_NETWORK, confirmation_send
from notices.inbox import unread_count
from notices.models import ChannelChoice, Delivery, Message
from notices.telling import tell
from organizations.privacy.erasing import person_erase
from organizations.privacy.retention import retention_clean
from organizations.signin.closing import accounts_put_to_sleep
from tests.factories import UserFactory
from tests.integration.lms.home.conftest import signed_in

pytestmark = pytest.mark.django_db
WAYS = reverse("inbox:ways")


def told(person, subject="enquiry:1"):
    tell(
        to=[person.pk],
        cause="enquiry",
        text="question_answered",
        subject=subject,
        path="/enquiries/",
        values={"title": "春耕<b>"},
    )


@pytest.fixture
def reader(client):
    person = UserFactory(phone="13800138000")
    signed_in(client, person)
    return person


def test_what_is_shown_counts_as_read_and_is_marked_new_once(client, reader):
    told(reader)
    first = client.get("/inbox/").content.decode()
    assert "is-new" in first
    assert "春耕&lt;b&gt;" in first
    assert unread_count(reader) == 0
    again = client.get("/inbox/").content.decode()
    assert "春耕" in again
    assert "is-new" not in again


def test_looking_whether_it_is_there_reads_nothing(client, reader):
    told(reader)
    client.head("/inbox/")
    assert unread_count(reader) == 1


def test_only_the_page_that_was_shown_counts_as_read(client, reader):
    for number in range(25):
        told(reader, f"enquiry:{number}")
    client.get("/inbox/")
    assert unread_count(reader) == 5


def test_the_bell_says_how_many_are_unread_for_one_query(
    client, reader, django_assert_max_num_queries
):
    told(reader)
    with django_assert_max_num_queries(15):
        page = client.get("/").content.decode()
    assert re.search(r'tool-bell-count" aria-hidden="true">1<', page)


def test_nobody_elses_messages_are_shown(client, reader):
    other = UserFactory()
    told(other)
    assert "春耕" not in client.get("/inbox/").content.decode()
    assert unread_count(other) == 1


def test_an_empty_inbox_says_what_will_stand_there(client, reader):
    assert "没有消息" in client.get("/inbox/").content.decode()


def test_a_channel_is_chosen_and_given_up_with_what_waits_for_it(client, reader):
    client.post(WAYS, {"act": "choose", "ways": ["sms", "email", "pigeon"]})
    assert list(ChannelChoice.objects.values_list("channel", flat=True)) == ["sms"]
    told(reader)
    client.post(WAYS, {"act": "choose"})
    assert not ChannelChoice.objects.exists()
    assert Delivery.objects.get().state == Delivery.State.CANCELLED


def test_an_address_is_used_once_its_owner_has_confirmed_it(client, reader):
    client.post(WAYS, {"act": "address", "address": "reader@example.test"})
    reader.refresh_from_db()
    assert reader.email == ""
    [letter] = mail.outbox
    assert letter.to == ["reader@example.test"]
    path = re.search(r"/inbox/ways/mail/\S+", letter.body)[0]
    assert "reader@example.test" in client.get(path).content.decode()
    client.post(path)
    reader.refresh_from_db()
    assert reader.email == "reader@example.test"
    assert ChannelChoice.objects.get().channel == "email"
    client.post(WAYS, {"act": "no_address"})
    reader.refresh_from_db()
    assert (reader.email, ChannelChoice.objects.count()) == ("", 0)


def test_a_letter_is_of_no_use_to_another_account(client, reader):
    client.post(WAYS, {"act": "address", "address": "reader@example.test"})
    path = re.search(r"/inbox/ways/mail/\S+", mail.outbox[0].body)[0]
    other = UserFactory()
    signed_in(client, other)
    assert client.post(path).status_code == 404
    other.refresh_from_db()
    assert other.email == ""


def test_a_letter_is_answered_once_and_names_nobody(client, reader):
    client.post(WAYS, {"act": "address", "address": "reader@example.test"})
    path = re.search(r"/inbox/ways/mail/\S+", mail.outbox[0].body)[0]
    token = path.rstrip("/").rsplit("/", 1)[1]
    assert b"reader" not in base64.urlsafe_b64decode(token + "==")
    client.post(path)
    client.post(WAYS, {"act": "no_address"})
    assert client.post(path).status_code == 404
    reader.refresh_from_db()
    assert reader.email == ""


def test_on_a_forgotten_screen_no_address_is_kept(client, reader):
    client.post(WAYS, {"act": "address", "address": "reader@example.test"})
    path = re.search(r"/inbox/ways/mail/\S+", mail.outbox[0].body)[0]
    signed_in(client, reader, ago=24 * 3600)
    assert client.post(path).status_code == 302
    reader.refresh_from_db()
    assert reader.email == ""


def test_one_network_does_not_count_for_another(client, settings):
    settings.PRODUCTION = True
    for number in range(FROM_A_NETWORK + 1):
        request = RequestFactory().post(WAYS, headers={"X-Real-IP": f"203.0.{number}.7"})
        address = f"b{number}@example.test"
        confirmation_send(person=UserFactory(), address=address, request=request)
    assert len(mail.outbox) == FROM_A_NETWORK + 1


@pytest.mark.parametrize("domain", ["例" * 62 + ".com", "\u00ad.cn", "א1.com"])
def test_an_address_that_no_mail_can_reach_is_said(client, reader, domain):
    answer = client.post(WAYS, {"act": "address", "address": f"a@{domain}"})
    assert answer.status_code == 422
    assert not mail.outbox


def test_who_leaves_takes_no_choice_along(client, reader):
    client.post(WAYS, {"act": "choose", "ways": ["sms"]})
    told(reader)
    accounts_put_to_sleep(people=[reader.pk])
    assert not ChannelChoice.objects.exists()
    assert Delivery.objects.get().state == Delivery.State.CANCELLED


def test_letters_to_addresses_are_few_a_day(client, reader):
    for number in range(7):
        client.post(WAYS, {"act": "address", "address": f"a{number}@example.test"})
    assert len(mail.outbox) == 5


def test_what_is_no_address_is_said_beside_the_field(client, reader):
    response = client.post(WAYS, {"act": "address", "address": "nobody"})
    assert response.status_code == 422
    assert mail.outbox == []


def test_erasing_a_person_takes_messages_deliveries_and_choices(reader):
    ChannelChoice.objects.create(person=reader, channel="sms")
    told(reader)
    person_erase(actor=reader, person=reader, reason="")
    assert not Message.objects.exists()
    assert not Delivery.objects.exists()
    assert not ChannelChoice.objects.exists()


def test_old_messages_are_cleaned_away_in_time(reader, settings):
    told(reader)
    settings.RETENTION = {"notices": 0}
    assert retention_clean(dry_run=True).counts == {"notices": 1}
    assert retention_clean().counts == {"notices": 1}
    assert not Message.objects.exists()


def test_my_data_names_them(client, reader):
    told(reader)
    page = client.get(reverse("my_data:section", args=["notices"])).content.decode()
    assert "春耕" in page
