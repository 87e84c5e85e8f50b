"""Text messages: one small protocol, and back ends that need no network.

`settings.SMS_BACKEND` names the back end, "" means that no message can be sent and that no page
may offer it. The gateway of an operator is in `notices.gateway`. What is written, and to whom,
is decided by the apps above. Codes are sent by `send` at once and kept nowhere; messages of the
inbox come from their queue (`by_sms`).
"""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from notices.errors import SendError

CODE, NOTICE = "code", "notice"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """`text` is the whole message; `values` what an operator's template asks for instead. The
    `kind` chooses the template.
    """

    phone: str
    text: str
    values: dict[str, str] = field(default_factory=dict)
    kind: str = CODE


class SmsBackend(Protocol):
    # Whether sending takes no time, so that it need not happen beside the request.
    immediate: bool

    def send(self, message: Message) -> None:
        """Hand the message over or raise SendError, Refused or Unsure."""


class ConsoleSms:
    """The demo's: the message stands in the log of the server."""

    immediate = True

    def send(self, message: Message) -> None:
        logger.warning("SMS to %s: %s", message.phone, message.text)


class MemorySms:
    """The tests': messages since the last `outbox.clear()`."""

    immediate = True
    outbox: list[Message] = []

    def send(self, message: Message) -> None:
        self.outbox.append(message)


class FileSms:
    """One JSON line a message in `sms.jsonl` of the data folder, for tests in a browser."""

    immediate = True

    def send(self, message: Message) -> None:
        path = Path(settings.LECTERN_VAR) / "sms.jsonl"
        with path.open("a", encoding="utf-8") as target:
            target.write(json.dumps(asdict(message), ensure_ascii=False) + "\n")


_senders = ThreadPoolExecutor(max_workers=4, thread_name_prefix="sms")


def offered() -> bool:
    """Whether a message can be sent at all."""
    return bool(settings.SMS_BACKEND)


def backend() -> SmsBackend:
    made: SmsBackend = import_string(settings.SMS_BACKEND)()
    return made


def send(message: Message) -> None:
    """Send now or, through an operator, beside the request.

    A request that waited for the operator would tell by its length whether a number is known.
    What was lost is asked for again by its reader, so nothing is kept in a queue, least of all a
    code.
    """
    way = backend()
    if way.immediate:
        _deliver(way, message)
    else:
        _senders.submit(_deliver, way, message)


def _deliver(way: SmsBackend, message: Message) -> None:
    try:
        way.send(message)
    except SendError as problem:
        logger.error("A text message was not sent: %s", problem)
