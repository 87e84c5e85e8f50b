"""Telling people of a matter, and taking it back when it is done, withdrawn or over.

Both belong into the transaction of the act that they tell of, so nothing is told that did not
happen and nothing that happened is forgotten; what leaves the house waits for its commit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from notices import channels
from notices.causes import cause_of, stored
from notices.commits import after_commit
from notices.models import ChannelChoice, Delivery, Message
from notices.wakeups import deliveries_wake

# Rows of one statement.
BATCH = 500


@transaction.atomic
def tell(
    *,
    to: Iterable[int],
    cause: str,
    text: str,
    subject: str,
    path: str,
    values: Mapping[str, Any] | None = None,
    expires_at: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> int:
    """Tell people, given by id, of one matter; how many are told something new.

    Whoever was told the same already, and it still stands, is not told again. Other words about
    the same matter replace the earlier ones and are unread again. Accounts that are closed are
    left out. Raises KeyError for a cause or text that was not declared.
    """
    cause_of(cause).texts[text]
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError("A message leads to a page of this site.")
    now = now or timezone.now()
    facts = {"text": text, "values": stored(values or {}), "path": path, "expires_at": expires_at}
    people = get_user_model()._default_manager.filter(pk__in=set(to), is_active=True)
    wanted = sorted(people.values_list("pk", flat=True))
    told = 0
    for start in range(0, len(wanted), BATCH):
        told += _tell_some(wanted[start : start + BATCH], cause, subject, facts, now)
    return told


def _tell_some(
    people: list[int], cause: str, subject: str, facts: dict[str, Any], now: dt.datetime
) -> int:
    matter = Message.objects.filter(cause=cause, subject=subject)
    earlier = matter.filter(recipient__in=people).select_for_update().order_by("pk")
    known = {one.recipient_id: one for one in earlier}
    new = [pk for pk in people if pk not in known]
    # Somebody told in this very moment by another process is told once, by the constraint.
    Message.objects.bulk_create(
        [
            Message(recipient_id=pk, cause=cause, subject=subject, told_at=now, **facts)
            for pk in new
        ],
        ignore_conflicts=True,
    )
    changed = [pk for pk, one in known.items() if not _says(one, facts, now)]
    again = Message.objects.filter(pk__in=[known[pk].pk for pk in changed])
    Delivery.objects.filter(message__in=again, state=Delivery.State.WAITING).update(
        state=Delivery.State.CANCELLED, ended_at=now, reason="replaced"
    )
    again.update(edition=F("edition") + 1, told_at=now, read_at=None, withdrawn_at=None, **facts)
    _queue(matter.filter(recipient__in=[*new, *changed]), now)
    return len(new) + len(changed)


def _says(message: Message, facts: dict[str, Any], now: dt.datetime) -> bool:
    over = message.expires_at is not None and message.expires_at <= now
    same = all(getattr(message, name) == value for name, value in facts.items())
    return same and message.withdrawn_at is None and not over


def _queue(messages: Any, now: dt.datetime) -> None:
    offered = channels.offered()
    if not offered:
        return
    choices: dict[int, list[str]] = {}
    chosen = ChannelChoice.objects.filter(
        person__in=messages.values("recipient"), channel__in=offered
    )
    for person, channel in chosen.values_list("person", "channel"):
        choices.setdefault(person, []).append(channel)
    if not choices:
        return
    rows = [
        Delivery(message=one, edition=one.edition, channel=channel, due_at=now)
        for one in messages.filter(recipient__in=choices)
        for channel in choices[one.recipient_id]
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    after_commit(deliveries_wake)


@transaction.atomic
def untell(
    *,
    cause: str,
    subject: str | None = None,
    to: Iterable[int] | None = None,
    text: str | None = None,
    now: dt.datetime | None = None,
) -> int:
    """Take a matter back, also from what waits to leave; how many messages. Twice is once.

    Without `subject`, `to` or `text`: any of them.
    """
    now = now or timezone.now()
    standing = Message.objects.filter(cause=cause, withdrawn_at=None)
    if subject is not None:
        standing = standing.filter(subject=subject)
    if to is not None:
        standing = standing.filter(recipient__in=list(to))
    if text is not None:
        standing = standing.filter(text=text)
    keys = list(standing.values_list("pk", flat=True))
    if not keys:
        return 0
    # Messages first, as `tell` does: two at once wait for each other in one order.
    taken = Message.objects.filter(pk__in=keys, withdrawn_at=None).update(withdrawn_at=now)
    Delivery.objects.filter(message__in=keys, state=Delivery.State.WAITING).update(
        state=Delivery.State.CANCELLED, ended_at=now, reason="withdrawn"
    )
    return taken
