"""A branch on an evening: its secretary, the township's officer, members, a lecture of 20 minutes,
and a room whose clock a test moves.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from cms.models import LecturePage
from lms.gatherings.deciding import gathering_approve, roll_seal
from lms.gatherings.models import Gathering
from lms.gatherings.opening import gathering_hand_in, gathering_plan, gathering_start
from lms.gatherings.rolls import Mark, roll_mark
from lms.gatherings.room import Heard, Playing, room_beat, room_open
from lms.gatherings.shares import shares_work
from lms.watching.evidence import Bitmap
from organizations.models import Membership, User
from tests.factories import LecturePageFactory, MembershipFactory, UserFactory

EVENING = dt.datetime(2026, 5, 20, 11, 30, tzinfo=dt.UTC)  # 19:30 in Shanghai
PLACE = "示例村党员活动室"
LENGTH = 1200
JSON = "application/json"


@pytest.fixture
def secretary(units) -> User:
    return UserFactory(secretary=True, unit=units.branch, home=units.branch)


@pytest.fixture
def officer(units) -> User:
    return UserFactory(officer=True, unit=units.township)


@pytest.fixture
def members(units) -> list[User]:
    return [UserFactory(home=units.branch) for _ in range(3)]


@pytest.fixture
def floating(units) -> User:
    person = UserFactory(home=units.foreign_branch)
    MembershipFactory(user=person, organization=units.branch, kind=Membership.Kind.HOST)
    return person


@pytest.fixture
def lecture(db: None) -> LecturePage:
    return LecturePageFactory(asset__duration=float(LENGTH))


@dataclass
class Room:
    """One gathering as its screen and its keeper see it. `passes` moves the clock."""

    gathering: Gathering
    keeper: User
    now: dt.datetime
    playing: Playing | None = None
    seen: Bitmap = field(default_factory=Bitmap)

    def passes(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)

    def opens(self, lecture: LecturePage) -> Playing:
        self.playing = room_open(gathering=self.gathering, lecture_id=lecture.pk, now=self.now)
        self.seen = Bitmap()
        return self.playing

    def beats(self) -> Heard:
        assert self.playing is not None
        return room_beat(
            play_id=self.playing.play.pk,
            position=float(self.seen.bits.bit_length()),
            seen=self.seen.to_bytes(),
            now=self.now,
        )

    def plays(self, start: int, end: int, *, every: int = 300) -> None:
        """These seconds at their own speed, told as they go."""
        for second in range(start, end, every):
            until = min(second + every, end)
            self.passes(until - second)
            self.seen |= Bitmap.span(second, until)
            self.beats()

    def ticks(self, *people: User, present: bool = True, **more: Any) -> None:
        marks = [Mark(person.pk, present, **more) for person in people]
        roll_mark(gathering=self.gathering, user=self.keeper, marks=marks, now=self.now)

    def hands_in(self) -> None:
        gathering_hand_in(gathering=self.gathering, user=self.keeper, now=self.now)

    def is_approved_by(self, actor: User, *, and_worked: bool = True) -> None:
        """`and_worked`: the worker has been through it."""
        self.passes(3600)
        self.gathering.refresh_from_db()
        seen = roll_seal(self.gathering)
        gathering_approve(gathering=self.gathering, actor=actor, seen=seen, now=self.now)
        if and_worked:
            shares_work(now=self.now)
        self.gathering.refresh_from_db()


def room_for(units: Any, keeper: User, lecture: LecturePage, now: dt.datetime = EVENING) -> Room:
    made = gathering_plan(
        organization=units.branch, on=now.date(), place=PLACE, user=keeper, now=now, lecture=lecture
    )
    gathering_start(gathering=made, user=keeper, now=now)
    made.refresh_from_db()
    return Room(made, keeper, now)


@pytest.fixture
def room(units, secretary: User, lecture: LecturePage) -> Room:
    return room_for(units, secretary, lecture)


class WallClock:
    def __init__(self) -> None:
        self.now = EVENING

    def passes(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


@pytest.fixture
def wall(monkeypatch) -> WallClock:
    clock = WallClock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    return clock


def browser(user=None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


@pytest.fixture
def evening(units, secretary, lecture, wall):
    return room_for(units, secretary, lecture, wall.now).gathering


def connected(evening, keeper) -> Client:
    """A screen that has the session."""
    screen = Client()
    code = screen.post("/tv/code/").json()["code"]
    browser(keeper).post(f"/gatherings/{evening.pk}/", {"act": "pair", "code": code})
    assert screen.get("/tv/paired/").json() == {"paired": True, "gone": False}
    return screen


def opens(screen: Client, lecture, *, status: int = 200):
    answer = screen.post("/tv/open/", json.dumps({"lecture": lecture.pk}), content_type=JSON)
    assert answer.status_code == status, answer.content
    return answer.json()


def beat(opened, seen: Bitmap, seq: int = 1):
    body = {
        "token": opened["token"],
        "seq": seq,
        "position": float(seen.bits.bit_length()),
        "seen": base64.b64encode(seen.to_bytes()).decode(),
    }
    return Client(enforce_csrf_checks=True).post(
        opened["beat_url"], json.dumps(body), content_type="text/plain;charset=UTF-8"
    )
