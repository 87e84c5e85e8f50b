"""What leaves the house: once, later, or not at all; whoever dies in between."""

from __future__ import annotations

import datetime as dt

import pytest

from notices.delivering import (
    KEPT_WAITING,
    LEASE,
    REST,
    TROUBLES,
    _claim,
    _handed,
    deliveries_due,
    deliveries_sweep,
    deliveries_work,
)
from notices.errors import Refused, SendError, Unsure
from notices.inbox import messages_seen, unread_count
from notices.models import ChannelChoice, Delivery, Message
from notices.pace import WAITS
from notices.telling import untell
from tests.factories import UserFactory
from tests.integration.notices.conftest import NOON

pytestmark = pytest.mark.django_db
State = Delivery.State
HOUR = dt.timedelta(hours=1)
AFTER = NOON + LEASE + dt.timedelta(seconds=1)


def state() -> str:
    return Delivery.objects.get().state


def test_it_goes_out_in_words_with_the_address_of_its_page(told, far, reader, settings):
    settings.WAGTAILADMIN_BASE_URL = "https://example.test"
    told(reader)
    assert not deliveries_work(now=NOON)
    [letter] = far.got
    assert (letter.to, letter.text) == ("13800138000", "One 1")
    assert letter.url == "https://example.test/me/"
    assert state() == State.SENT


def test_it_is_not_sent_twice(told, far, reader):
    told(reader)
    deliveries_work(now=NOON)
    deliveries_work(now=NOON + HOUR)
    assert len(far.got) == 1


def test_at_night_it_waits_for_the_morning(told, far, reader, settings):
    settings.NOTICES_QUIET = (dt.time(11), dt.time(13))
    told(reader)
    deliveries_work(now=NOON)
    one = Delivery.objects.get()
    assert (one.state, one.attempts, far.got) == (State.WAITING, 0, [])
    assert one.due_at == NOON + HOUR
    deliveries_work(now=NOON + HOUR)
    assert state() == State.SENT


def test_a_failure_is_tried_again_later_and_later_and_then_given_up(told, far, reader):
    far.ends = [SendError("busy")] * (len(WAITS) + 1)
    told(reader)
    now = NOON
    for minutes in WAITS:
        deliveries_work(now=now)
        one = Delivery.objects.get()
        assert (one.state, one.reason) == (State.WAITING, "busy")
        assert one.due_at == now + dt.timedelta(minutes=minutes)
        now = one.due_at
    deliveries_work(now=now)
    assert state() == State.FAILED
    assert len({letter.key for letter in far.got}) == 1
    assert unread_count(reader) == 1


def test_a_number_that_is_refused_is_not_tried_again(told, far, reader):
    far.ends = [Refused("no such number")]
    told(reader)
    deliveries_work(now=NOON)
    assert state() == State.FAILED
    assert not deliveries_due(now=NOON + 24 * HOUR)


def test_what_may_have_arrived_is_not_sent_twice(told, far, reader):
    far.ends = [Unsure("ReadTimeout")]
    told(reader)
    deliveries_work(now=NOON)
    assert state() == State.UNSURE
    assert not deliveries_due(now=NOON + 24 * HOUR)


def test_where_repetitions_are_dropped_it_is_sent_again_with_the_same_key(told, far, reader):
    far.repeats_within, far.ends = HOUR, [Unsure("ReadTimeout")]
    told(reader)
    deliveries_work(now=NOON)
    assert state() == State.WAITING
    deliveries_work(now=NOON + dt.timedelta(minutes=2))
    assert state() == State.SENT
    assert len(far.got) == 2
    assert far.got[0].key == far.got[1].key


def test_a_worker_killed_before_the_call_sent_nothing(told, far, reader):
    told(reader)
    assert _claim(NOON) is not None
    assert deliveries_sweep(now=NOON) == 0
    assert deliveries_sweep(now=AFTER) == 1
    deliveries_work(now=AFTER)
    assert (state(), len(far.got)) == (State.SENT, 1)


@pytest.mark.parametrize(("window", "end"), [(dt.timedelta(0), State.UNSURE), (HOUR, State.SENT)])
def test_a_worker_killed_in_the_call(told, far, reader, window, end):
    far.repeats_within = window
    told(reader)
    claimed = _claim(NOON)
    assert _handed(claimed, NOON)
    assert deliveries_sweep(now=AFTER) == 1
    deliveries_work(now=AFTER)
    assert state() == end


def test_when_the_far_end_has_forgotten_nothing_is_repeated(told, far, reader):
    far.repeats_within = HOUR
    told(reader)
    _handed(_claim(NOON), NOON)
    deliveries_sweep(now=NOON + 2 * HOUR)
    assert state() == State.UNSURE


def test_a_late_worker_changes_nothing(told, far, reader):
    told(reader)
    claimed = _claim(NOON)
    deliveries_sweep(now=AFTER)
    assert not _handed(claimed, AFTER)
    deliveries_work(now=AFTER)
    assert (state(), len(far.got)) == (State.SENT, 1)


@pytest.mark.parametrize("what", ["read", "withdrawn", "over", "unwanted", "closed", "no number"])
def test_what_nobody_needs_any_more_is_not_sent(told, far, reader, what):
    told(reader, expires_at=NOON + HOUR)
    if what == "read":
        messages_seen(user=reader, messages=Message.objects.all())
    elif what == "withdrawn":
        untell(cause="trial")
    elif what == "unwanted":
        ChannelChoice.objects.all().delete()
    elif what == "closed":
        reader.is_active = False
        reader.save()
    elif what == "no number":
        reader.phone = None
        reader.save()
    deliveries_work(now=NOON + (2 * HOUR if what == "over" else dt.timedelta(0)))
    assert (state(), far.got) == (State.CANCELLED, [])


def test_taken_back_after_the_claim_it_is_not_sent(told, far, reader):
    told(reader)
    claimed = _claim(NOON)
    untell(cause="trial")
    assert not _handed(claimed, NOON)


def test_an_error_nobody_foresaw_ends_one_delivery_only(told, far, reader):
    far.ends = [RuntimeError("odd"), None]
    told(reader)
    told(reader, subject="b")
    deliveries_work(now=NOON)
    assert sorted(Delivery.objects.values_list("state", flat=True)) == [State.SENT, State.UNSURE]


def test_two_workers_claim_one_delivery_once(told, far, reader):
    told(reader)
    assert _claim(NOON) is not None
    assert _claim(NOON) is None


def test_what_the_far_end_has_forgotten_meanwhile_is_not_sent_again(told, far, reader, settings):
    far.repeats_within = 4 * HOUR
    far.ends = [Unsure("no answer")]
    told(reader)
    deliveries_work(now=NOON)
    assert state() == State.WAITING
    # Nobody worked for hours, or a night came between.
    deliveries_work(now=NOON + 5 * HOUR)
    assert (state(), len(far.got)) == (State.UNSURE, 1)


def test_an_unsure_attempt_is_remembered_through_later_failures(told, far, reader):
    far.repeats_within = HOUR
    far.ends = [Unsure("no answer"), SendError("busy"), SendError("busy"), SendError("busy")]
    told(reader)
    for number in range(5):  # at 0, 1, 6, 36 and 156 minutes
        deliveries_work(now=NOON + dt.timedelta(minutes=sum(WAITS[:number])))
    assert (state(), len(far.got)) == (State.UNSURE, 4)


def test_a_channel_that_is_away_rests_and_nobodys_attempts_are_used_up(told, far, db, caplog):
    people = UserFactory.create_batch(6)
    for number, one in enumerate(people):
        one.phone = f"1380013800{number}"
        one.save()
        ChannelChoice.objects.create(person=one, channel="sms")
    far.ends = [SendError("the gateway answered 401")] * 6
    told(*people)
    deliveries_work(now=NOON)
    assert len(far.got) == TROUBLES
    assert Delivery.objects.filter(attempts=0, due_at=NOON + REST).count() == 3
    assert "401" in caplog.text
    far.ends = []
    deliveries_work(now=NOON + REST)
    assert Delivery.objects.filter(state=State.SENT).count() == 6


def test_what_could_not_leave_for_days_is_left_to_the_inbox(told, far, reader):
    told(reader)
    deliveries_sweep(now=NOON + KEPT_WAITING + HOUR)
    assert state() == State.CANCELLED
    assert unread_count(reader) == 1
