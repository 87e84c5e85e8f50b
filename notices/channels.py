"""The ways out of the house behind one interface, and where each of them reaches a person.

`settings.NOTICE_CHANNELS` names the back ends by channel, in the order in which people see them; in
the demo text messages and letters stand in the log. Where somebody is reached (a phone number, a
name in WeCom) is known above: `reached_by` registers who answers that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

SMS, WECOM, EMAIL = "sms", "wecom", "email"
LABELS: dict[str, Any] = {SMS: _("Text message"), WECOM: _("WeCom"), EMAIL: _("E-mail")}


@dataclass(frozen=True)
class Letter:
    """`key` is the same at each attempt; `to` what the channel knows the person by; `told` when
    the person was told, in words.
    """

    key: str
    to: str
    text: str
    url: str
    told: str = ""


class Channel(Protocol):
    # For how long after its first attempt the far end drops a repetition with the same key or
    # words, so that trying again is safe when nobody knows how an attempt ended.
    repeats_within: dt.timedelta

    def send(self, letter: Letter) -> None:
        """Hand over, or raise SendError, Refused or Unsure."""


Address = Callable[[Any], str]
_addresses: dict[str, Address] = {}


def reached_by(channel: str, address: Address) -> None:
    """Register who tells where a channel reaches a person; "" when it does not."""
    _addresses[channel] = address


def offered() -> list[str]:
    """The channels that this installation has."""
    return [channel for channel, path in settings.NOTICE_CHANNELS.items() if path]


def label_of(channel: str) -> str:
    return str(LABELS[channel])


def address_of(channel: str, person: Any) -> str:
    find = _addresses.get(channel)
    return find(person) if find else ""


def channel_of(name: str) -> Channel:
    made: Channel = import_string(settings.NOTICE_CHANNELS[name])()
    return made
