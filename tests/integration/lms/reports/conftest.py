"""A source of the ledger whose facts a test puts there and takes away."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from lms.ledger import sources
from lms.ledger.crediting import Fact
from lms.ledger.entries import person_settle
from lms.ledger.rules import SHANGHAI, Kind
from lms.reports.counting import marks_count
from lms.reports.looking import look
from tests.factories import TagFactory, UserFactory

NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=SHANGHAI)


class Room:
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
        return []

    def titles(self, subjects):
        return {}

    def reasons(self, user_id, subjects):
        return {}

    def put(self, user, *, at=NOW, minutes=45, kind=Kind.COLLECTIVE, key=None, now=NOW):
        """Somebody attended so many minutes that ended at this instant."""
        key = key or len(self.held) + 1
        end = int(at.timestamp())
        self.held[key] = Fact(
            source=self.code,
            key=key,
            user_id=user.pk,
            kind=kind,
            at=at,
            subject=key,
            windows=((end - minutes * 60, end),),
        )
        person_settle(user_id=user.pk, source=self.code, keys=[key], now=now)
        return key

    def take(self, key, *, now=NOW):
        """It no longer counts."""
        fact = self.held.pop(key)
        person_settle(user_id=fact.user_id, source=self.code, keys=[key], now=now)


def room_made(patch: pytest.MonkeyPatch) -> Room:
    made = Room()
    patch.setitem(sources._sources, made.code, made)
    return made


@pytest.fixture
def room(monkeypatch):
    return room_made(monkeypatch)


def count(now=NOW):
    """What the scheduler does within five minutes."""
    look(now=now)
    return marks_count(now=now)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def people(units):
    """Two members in one branch, one in another of the county, one who is exempt."""
    members = [
        UserFactory(home=units.branch, name="王学", phone="13800000001"),
        UserFactory(home=units.branch, name="赵未学", phone="13800000002"),
        UserFactory(home=units.other_branch, name="陈学", phone="13800000003"),
        UserFactory(home=units.other_branch, name="李免学"),
    ]
    TagFactory(user=members[3], value="exempt")
    return members


@pytest.fixture
def officer(units, client):
    officer = UserFactory(officer=True, unit=units.county)
    client.force_login(officer)
    return officer
