"""Whatever comes, goes and changes, in whatever order: the books can be derived again, no second
of a day counts twice, and what stands is what a source says.
"""

import dataclasses
import datetime as dt
import random

import pytest

from lms.ledger import sources
from lms.ledger.crediting import Fact
from lms.ledger.entries import person_settle
from lms.ledger.models import CreditEntry
from lms.ledger.occupancy import length, merged
from lms.ledger.rederiving import ledger_doubts
from lms.ledger.rules import SHANGHAI, Kind

pytestmark = pytest.mark.django_db
DAY = int(dt.datetime(2026, 5, 20, 8, 0, tzinfo=SHANGHAI).timestamp())


class Room:
    """A source whose facts a test puts there and takes away."""

    code = "room"
    label = "示例"

    def __init__(self):
        self.held = {}

    def facts(self, user_ids, *, keys=None):
        return [
            fact
            for key, fact in self.held.items()
            if fact.user_id in user_ids and (keys is None or key in keys)
        ]

    def waiting(self):
        return {fact.user_id for fact in self.held.values()}

    def titles(self, subjects):
        return {}

    def reasons(self, user_id, subjects):
        return {}


@pytest.fixture
def room(monkeypatch):
    made = Room()
    monkeypatch.setitem(sources._sources, made.code, made)
    return made


def fact(draw, key, user) -> Fact:
    start = DAY + draw.randrange(40) * 900
    end = start + draw.randrange(1, 12) * 900
    is_session = draw.random() < 0.5
    return Fact(
        source="room",
        key=key,
        user_id=user.pk,
        kind=Kind.COLLECTIVE if is_session else Kind.SELF_STUDY,
        at=dt.datetime.fromtimestamp(end, dt.UTC),
        subject=key,
        windows=((start, end),),
        needed=draw.randrange(1, end - start),
        seconds=None if is_session else draw.randrange(60, 5000),
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_books_follow_from_the_facts(room, member, seed):
    draw = random.Random(seed)
    for _ in range(14):
        key = draw.randrange(6)
        if key in room.held and draw.random() < 0.4:
            del room.held[key]
        elif key in room.held and room.held[key].seconds is None and draw.random() < 0.5:
            ((start, end),) = room.held[key].windows
            room.held[key] = dataclasses.replace(room.held[key], windows=((start, end + 900),))
        else:
            room.held[key] = fact(draw, key, member)
        person_settle(user_id=member.pk, source="room", keys=[key])
        assert [doubt.text() for doubt in ledger_doubts()] == []
        standing = list(CreditEntry.objects.standing())
        assert {entry.source_key for entry in standing} == set(room.held)
        spans = [tuple(span) for entry in standing for span in entry.spans]
        assert length(merged(spans)) == length(spans)
