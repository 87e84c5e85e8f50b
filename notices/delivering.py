"""The queue of what leaves the house: claim, hand over, end; each one conditional update.

A claim raises the fence and takes a lease. Right before the far end is called the row notes it
(`handed_at`): a worker killed before that instant has sent nothing, and the sweep gives the row
back; killed after it, nobody knows. Then the same key is sent again only where the far end drops
repetitions (`Channel.repeats_within`); elsewhere the delivery ends as "perhaps sent", and the
message still stands in the inbox. So nothing is lost, and nothing is sent twice by us.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone, translation
from django.utils.formats import date_format

from notices import channels
from notices.errors import Refused, SendError, Unsure
from notices.models import ChannelChoice, Delivery, Message
from notices.pace import next_allowed, wait_after

State = Delivery.State
# Longer than any call to a far end may take.
LEASE = dt.timedelta(minutes=2)
# Deliveries of one wake-up.
SHARE = 50
# What could not leave for so long is read in the inbox by now.
KEPT_WAITING = dt.timedelta(days=3)
# So many failures in a row that are not the recipient's, and the channel rests.
TROUBLES = 3
REST = dt.timedelta(minutes=5)

logger = logging.getLogger(__name__)


def deliveries_work(*, now: dt.datetime | None = None) -> bool:
    """Send a share of what is due; whether more is due."""
    for _ in range(SHARE):
        moment = now or timezone.now()
        delivery = _claim(moment)
        if delivery is None:
            return False
        _work(delivery, moment)
    return deliveries_due(now=now)


def deliveries_due(*, now: dt.datetime | None = None) -> bool:
    return _due(now or timezone.now()).exists()


def deliveries_sweep(*, now: dt.datetime | None = None) -> int:
    """Settle what dead workers held; how many. Twice is harmless."""
    now = now or timezone.now()
    settled = 0
    late = Delivery.objects.filter(state=State.WAITING, message__told_at__lt=now - KEPT_WAITING)
    late.update(state=State.CANCELLED, ended_at=now, reason="too_late")
    for one in Delivery.objects.filter(state=State.SENDING, lease_until__lt=now).order_by("pk"):
        if one.handed_at is None or _may_repeat(one, now):
            settled += _end(one, state=State.WAITING, lease_until=None, due_at=now)
        else:
            settled += _end(one, state=State.UNSURE, ended_at=now, reason="worker_lost")
    return settled


def _due(now: dt.datetime) -> Any:
    return Delivery.objects.filter(
        state=State.WAITING, due_at__lte=now, channel__in=channels.offered()
    )


def _claim(now: dt.datetime) -> Delivery | None:
    for one in _due(now).order_by("due_at", "pk")[:SHARE]:
        rows = Delivery.objects.filter(pk=one.pk, fence=one.fence, state=State.WAITING)
        if rows.update(
            state=State.SENDING,
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,
            lease_until=now + LEASE,
        ):
            claimed: Delivery = Delivery.objects.select_related("message__recipient").get(pk=one.pk)
            return claimed if claimed.fence == one.fence + 1 else None
    return None


def _work(delivery: Delivery, now: dt.datetime) -> None:
    person = delivery.message.recipient
    address = channels.address_of(delivery.channel, person) if person.is_active else ""
    if not address:
        _end(delivery, state=State.CANCELLED, ended_at=now, reason="no_address")
        return
    local = timezone.localtime(now)
    later = next_allowed(local, settings.NOTICES_QUIET)
    if later > local:
        _end(
            delivery, state=State.WAITING, lease_until=None, due_at=later,
            attempts=delivery.attempts - 1,
        )  # fmt: skip
        return
    if _is_forgotten(delivery, now):
        _end(delivery, state=State.UNSURE, ended_at=now, reason=delivery.reason)
        return
    if not _handed(delivery, now):
        _end(delivery, state=State.CANCELLED, ended_at=now, reason="no_longer_needed")
        return
    _send(delivery, address, now)


def _handed(delivery: Delivery, now: dt.datetime) -> bool:
    """Note that the far end is called from now on; False when nobody needs the message any more:
    taken back, over, told anew, read, or the channel is no longer wanted.
    """
    needed = Message.objects.standing(now=now).filter(
        pk=OuterRef("message"), edition=OuterRef("edition"), read_at=None
    )
    wanted = ChannelChoice.objects.filter(
        person=delivery.message.recipient_id, channel=delivery.channel
    )
    held = Delivery.objects.filter(
        Exists(needed), Exists(wanted), pk=delivery.pk, fence=delivery.fence, state=State.SENDING
    )
    return bool(held.update(handed_at=delivery.handed_at or now))


def _send(delivery: Delivery, address: str, now: dt.datetime) -> None:
    before = delivery.handed_at
    delivery.handed_at = before or now
    with translation.override(settings.LANGUAGE_CODE):
        letter = channels.Letter(
            key=str(delivery.key),
            to=address,
            text=delivery.message.words,
            url=f"{settings.WAGTAILADMIN_BASE_URL.rstrip('/')}{delivery.message.path}",
            told=date_format(timezone.localtime(delivery.message.told_at), "n月j日 H:i"),
        )
    try:
        channels.channel_of(delivery.channel).send(letter)
    except Refused as problem:
        _end(delivery, state=State.FAILED, ended_at=now, reason=_said(problem))
    except Unsure as problem:
        _trouble(delivery.channel, now, problem)
        if _may_repeat(delivery, now):
            _again(delivery, now, problem)
        else:
            _end(delivery, state=State.UNSURE, ended_at=now, reason=_said(problem))
    except SendError as problem:
        # This time nothing left the house.
        _trouble(delivery.channel, now, problem)
        _again(delivery, now, problem, handed_at=before)
    except Exception as problem:
        logger.exception("Delivery %d", delivery.pk)
        _end(delivery, state=State.UNSURE, ended_at=now, reason=type(problem).__name__)
    else:
        cache.delete(_troubles(delivery.channel))
        _end(delivery, state=State.SENT, ended_at=now, reason="")


def _trouble(channel: str, now: dt.datetime, problem: SendError) -> None:
    """A far end that is away is not asked for everybody in turn: nobody's attempts are used up, and
    other channels go on.
    """
    key = _troubles(channel)
    cache.add(key, 0, REST.total_seconds())
    try:
        if cache.incr(key) < TROUBLES:
            return
    except ValueError:  # it ran out at this instant
        return
    cache.delete(key)
    resting = Delivery.objects.filter(state=State.WAITING, channel=channel, due_at__lt=now + REST)
    resting.update(due_at=now + REST)
    logger.error("Channel %s rests for %s: %s", channel, REST, problem)


def _troubles(channel: str) -> str:
    return f"notices:troubles:{channel}"


def _again(delivery: Delivery, now: dt.datetime, problem: SendError, **changes: Any) -> None:
    wait = wait_after(delivery.attempts)
    if wait is None:
        _end(delivery, state=State.FAILED, ended_at=now, reason=_said(problem))
        return
    _end(
        delivery, state=State.WAITING, lease_until=None, due_at=now + wait,
        reason=_said(problem), **changes,
    )  # fmt: skip


def _is_forgotten(delivery: Delivery, now: dt.datetime) -> bool:
    """An attempt ended nobody knows how, and the far end would take this one for another."""
    if delivery.handed_at is None:
        return False
    return now >= delivery.handed_at + channels.channel_of(delivery.channel).repeats_within


def _may_repeat(delivery: Delivery, now: dt.datetime) -> bool:
    """Whether the far end still remembers the first attempt, when this one would be made."""
    if delivery.handed_at is None or delivery.channel not in channels.offered():
        return False
    wait = wait_after(delivery.attempts)
    if wait is None:
        return False
    window = channels.channel_of(delivery.channel).repeats_within
    return now + wait < delivery.handed_at + window


def _said(problem: SendError) -> str:
    return str(problem)[:120]


@transaction.atomic
def _end(delivery: Delivery, **changes: Any) -> bool:
    """Write, if the claim still holds."""
    mine = Delivery.objects.filter(pk=delivery.pk, fence=delivery.fence, state=State.SENDING)
    return bool(mine.update(**changes))
