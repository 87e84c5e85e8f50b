"""One message a person and matter: what is said again is dropped, replaced, or taken back."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from notices.inbox import messages_seen, unread_count
from notices.models import ChannelChoice, Delivery, Message
from notices.telling import untell
from tests.factories import UserFactory
from tests.integration.notices.conftest import NOON

pytestmark = pytest.mark.django_db
LATER = NOON + dt.timedelta(hours=1)
State = Delivery.State


def test_a_person_is_told_once_of_the_same(told):
    person = UserFactory()
    assert told(person) == 1
    assert told(person) == 0
    assert unread_count(person) == 1


def test_other_words_replace_the_first_and_are_unread_again(told):
    person = UserFactory()
    told(person)
    messages_seen(user=person, messages=Message.objects.all())
    assert told(person, text="two", now=LATER) == 1
    message = Message.objects.get()
    assert (message.text, message.edition, message.read_at) == ("two", 2, None)
    assert message.told_at == LATER


def test_two_matters_are_two_messages(told):
    person = UserFactory()
    told(person)
    told(person, subject="b")
    assert unread_count(person) == 2


def test_what_is_read_and_said_again_stays_read(told):
    person = UserFactory()
    told(person)
    messages_seen(user=person, messages=Message.objects.all())
    assert told(person) == 0
    assert unread_count(person) == 0


def test_what_was_replaced_while_a_page_was_open_is_not_read(told):
    person = UserFactory()
    told(person)
    shown = list(Message.objects.all())
    told(person, text="two")
    messages_seen(user=person, messages=shown)
    assert unread_count(person) == 1


def test_a_matter_that_is_done_is_taken_back_and_can_come_again(told):
    person, other = UserFactory(), UserFactory()
    told(person, other)
    assert untell(cause="trial", subject="a", to=[person.pk]) == 1
    assert untell(cause="trial", subject="a", to=[person.pk]) == 0
    assert (unread_count(person), unread_count(other)) == (0, 1)
    assert told(person) == 1
    assert unread_count(person) == 1


def test_a_matter_that_is_over_is_gone(told):
    person = UserFactory()
    told(person, expires_at=NOON)
    assert unread_count(person) == 0
    assert not Message.objects.visible_to(person).exists()


def test_who_wants_no_channel_gets_no_delivery(told, far):
    told(UserFactory(phone="13800138001"))
    assert not Delivery.objects.exists()


def test_a_wish_queues_a_delivery_and_taking_back_ends_it(told, far, reader):
    told(reader)
    assert Delivery.objects.get().state == State.WAITING
    untell(cause="trial")
    assert Delivery.objects.get().state == State.CANCELLED


def test_replacing_ends_the_delivery_of_the_first_words(told, far, reader):
    told(reader)
    told(reader, text="two")
    assert list(Delivery.objects.order_by("edition").values_list("edition", "state")) == [
        (1, State.CANCELLED),
        (2, State.WAITING),
    ]


def test_an_account_that_is_closed_is_left_out(told):
    assert told(UserFactory(is_active=False)) == 0


def test_nothing_is_told_when_the_act_is_undone(told):
    person = UserFactory()
    with transaction.atomic():
        told(person)
        transaction.set_rollback(True)
    assert unread_count(person) == 0


def test_what_was_not_declared_cannot_be_told(told):
    with pytest.raises(KeyError):
        told(UserFactory(), text="three")


@pytest.mark.parametrize("path", ["https://elsewhere.test/", "//elsewhere.test/", ""])
def test_a_message_leads_nowhere_else(told, path):
    with pytest.raises(ValueError):
        told(UserFactory(), path=path)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(recipient=UserFactory(), cause="trial", subject="x", path=path)


def test_many_are_told_in_few_queries(told, far, django_assert_max_num_queries):
    people = UserFactory.create_batch(30)
    ChannelChoice.objects.create(person=people[0], channel="sms")
    with django_assert_max_num_queries(12):
        assert told(*people) == 30
    assert Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_tell_once(told):
    person, barrier = UserFactory(), threading.Barrier(2)

    def say():
        try:
            barrier.wait(10)
            told(person)
        finally:
            connection.close()

    threads = [threading.Thread(target=say) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert Message.objects.count() == 1


def test_the_header_asks_one_query(told, django_assert_num_queries):
    person = UserFactory()
    told(person)
    with django_assert_num_queries(1):
        assert unread_count(person) == 1
