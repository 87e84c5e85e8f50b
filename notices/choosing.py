"""Which ways out of the house a person wants; none to begin with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from notices import channels
from notices.models import ChannelChoice, Delivery


@dataclass(frozen=True)
class Way:
    """`reaches` tells whether the account has a number, name or address for it."""

    channel: str
    label: str
    reaches: bool
    chosen: bool


def ways_of(person: Any) -> list[Way]:
    chosen = set(ChannelChoice.objects.filter(person=person).values_list("channel", flat=True))
    return [
        Way(
            channel,
            channels.label_of(channel),
            bool(channels.address_of(channel, person)),
            channel in chosen,
        )
        for channel in channels.offered()
    ]


@transaction.atomic
def ways_end(*, people: Collection[int], channel: str | None = None) -> None:
    """Choices that no longer mean what they meant: a number was changed by others, somebody left.
    Without `channel`: all of them.
    """
    chosen = ChannelChoice.objects.filter(person__in=people)
    waiting = Delivery.objects.filter(message__recipient__in=people, state=Delivery.State.WAITING)
    if channel is not None:
        chosen, waiting = chosen.filter(channel=channel), waiting.filter(channel=channel)
    chosen.delete()
    waiting.update(state=Delivery.State.CANCELLED, ended_at=timezone.now(), reason="not_wanted")


@transaction.atomic
def ways_choose(*, person: Any, wanted: Collection[str]) -> None:
    """Exactly these from now on, of those that reach the person; the others stop at once."""
    wanted = {way.channel for way in ways_of(person) if way.reaches and way.channel in wanted}
    ended = ChannelChoice.objects.filter(person=person).exclude(channel__in=wanted)
    gone = list(ended.values_list("channel", flat=True))
    ended.delete()
    ChannelChoice.objects.bulk_create(
        [ChannelChoice(person=person, channel=one) for one in sorted(wanted)],
        ignore_conflicts=True,
    )
    Delivery.objects.filter(
        message__recipient=person.pk, channel__in=gone, state=Delivery.State.WAITING
    ).update(state=Delivery.State.CANCELLED, ended_at=timezone.now(), reason="not_wanted")
