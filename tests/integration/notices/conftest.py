"""One cause to tell of, and a channel that does what the test says."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest

from notices import causes, channels
from notices.causes import Cause, declare
from notices.models import ChannelChoice
from notices.telling import tell
from tests.factories import UserFactory

NOON = dt.datetime(2026, 11, 26, 4, 0, tzinfo=dt.UTC)  # 12:00 in Shanghai


class Far:
    """What the far end got, and what it does with the next ones: an exception to raise, or None."""

    repeats_within = dt.timedelta(0)
    got: list = []
    ends: list = []

    def send(self, letter):
        end = self.ends.pop(0) if self.ends else None
        self.got.append(letter)
        if isinstance(end, BaseException):
            raise end
        if callable(end):
            end()


@pytest.fixture
def far(monkeypatch, settings):
    settings.NOTICE_CHANNELS = {"sms": f"{__name__}.Far"}
    monkeypatch.setattr(channels, "channel_of", lambda name: Far())
    Far.repeats_within, Far.got, Far.ends = dt.timedelta(0), [], []
    return Far


@pytest.fixture
def told(monkeypatch):
    """`told(person)` tells of one matter; keywords change it."""
    monkeypatch.setattr(causes, "_causes", {})
    declare(Cause(code="trial", label="Trial", texts={"one": "One %(n)s", "two": "Two %(n)s"}))

    def say(*people, **changes):
        facts = {"text": "one", "subject": "a", "path": "/me/", "values": {"n": 1}, "now": NOON}
        return partial(tell, to=[one.pk for one in people], cause="trial")(**(facts | changes))

    return say


@pytest.fixture
def reader(db):
    """Somebody who wants text messages."""
    person = UserFactory(phone="13800138000")
    ChannelChoice.objects.create(person=person, channel="sms")
    return person
