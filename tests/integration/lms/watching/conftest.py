"""A member, a lecture of two minutes, and a player that speaks to the server as a browser does."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client
from django.utils import timezone

from cms.models import LecturePage
from lms.watching.evidence import Bitmap
from lms.watching.models import PlaySession
from organizations.models import User
from organizations.signin.devices import SALT
from tests.factories import LecturePageFactory, UserFactory, VideoAssetFactory

LENGTH = 120


@pytest.fixture
def member(db: None) -> User:
    return UserFactory()


@pytest.fixture
def lecture(db: None) -> LecturePage:
    return LecturePageFactory(asset__duration=float(LENGTH))


class WallClock:
    """The server's clock, standing still until a test lets time pass."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def passes(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


@pytest.fixture(autouse=True)
def wall(monkeypatch: pytest.MonkeyPatch) -> WallClock:
    clock = WallClock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    return clock


@dataclass
class Player:
    """One page with a player, signed in as somebody."""

    client: Client
    opened: dict[str, Any]
    seq: int = 0

    def send(self, watched: Bitmap, *, status: int = 200, **changes: Any) -> dict[str, Any]:
        self.seq += 1
        body = {
            "token": self.opened["token"],
            "seq": self.seq,
            "position": float(watched.bits.bit_length()),
            "seen": base64.b64encode(watched.to_bytes()).decode(),
            **changes,
        }
        # As sendBeacon does: plain text, without cookies or CSRF token.
        response = Client(enforce_csrf_checks=True).post(
            self.opened["beat_url"], json.dumps(body), content_type="text/plain;charset=UTF-8"
        )
        assert response.status_code == status, response.content
        return response.json()


def open_player(user: User, lecture: LecturePage, *, status: int = 200, device: str = "") -> Player:
    """`device` is the random name of a browser in which somebody signed in before."""
    client = Client()
    client.force_login(user)
    if device:
        client.cookies[settings.DEVICE_COOKIE_NAME] = signing.dumps(
            (device, [user.pk]), salt=SALT, compress=True
        )
    response = client.post(
        "/watch/open/", json.dumps({"lecture": lecture.pk}), content_type="application/json"
    )
    assert response.status_code == status, response.content
    return Player(client, response.json())


def bitmap_of(text: str) -> Bitmap:
    return Bitmap.from_bytes(base64.b64decode(text))


def unprepared(lecture: LecturePage) -> LecturePage:
    """The lecture, its recording back in preparation."""
    LecturePage.objects.filter(pk=lecture.pk).update(asset=VideoAssetFactory())
    lecture.refresh_from_db()
    return lecture


def accepted_by(user):
    return sum(PlaySession.objects.filter(user=user).values_list("accepted", flat=True))
