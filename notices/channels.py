"""The ways out of the house behind one interface, and where each of them reaches a person.

`settings.NOTICE_CHANNELS` names the back ends by channel, in the order in which people see them.
Where somebody is reached (a phone number, a name in WeCom) is known above: `reached_by` registers
who answers that.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

SMS, WECOM, EMAIL = "sms", "wecom", "email"
LABELS: dict[str, Any] = {SMS: _("Text message"), WECOM: _("WeCom"), EMAIL: _("E-mail")}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Letter:
    """`key` is the same at each attempt; `to` what the channel knows the person by."""

    key: str
    to: str
    text: str
    url: str


class Channel(Protocol):
    # For how long after its first attempt the far end drops a repetition with the same key or
    # words, so that trying again is safe when nobody knows how an attempt ended.
    repeats_within: dt.timedelta

    def send(self, letter: Letter) -> None:
        """Hand over, or raise SendError, Refused or Unsure."""


class ConsoleChannel:
    """The demo's: what would be sent stands in the log of the worker."""

    repeats_within = dt.timedelta(0)

    def send(self, letter: Letter) -> None:
        logger.warning("Message to %s: %s %s", letter.to, letter.text, letter.url)


class FileChannel:
    """One JSON line a message in `notices.jsonl` of the data folder, for tests."""

    repeats_within = dt.timedelta(0)

    def send(self, letter: Letter) -> None:
        path = Path(settings.LECTERN_VAR) / "notices.jsonl"
        with path.open("a", encoding="utf-8") as target:
            target.write(json.dumps(asdict(letter), ensure_ascii=False) + "\n")


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
