"""A person's own messages: how many are unread, which there are, that they were seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from notices.models import Message

# More are shown as "99+".
COUNTED = 100


def unread_count(user: Any) -> int:
    """One short question to an index; at most `COUNTED`."""
    return Message.objects.visible_to(user).filter(read_at=None).order_by()[:COUNTED].count()


def messages_of(user: Any) -> QuerySet[Message]:
    """The latest first."""
    return Message.objects.visible_to(user)


def messages_seen(
    *, user: Any, messages: Iterable[Message], now: dt.datetime | None = None
) -> None:
    """They stood on the person's screen, as these editions."""
    unread = [one for one in messages if one.read_at is None]
    for edition in {one.edition for one in unread}:
        Message.objects.filter(
            recipient=user.pk,
            read_at=None,
            edition=edition,
            pk__in=[one.pk for one in unread if one.edition == edition],
        ).update(read_at=now or timezone.now())
