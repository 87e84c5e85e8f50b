"""A member of a branch, and watching that takes time by a clock that a test moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection

from cms.models import LecturePage
from lms.ledger.guards import install_sql, remove_sql
from lms.watching.beats import beat_record
from lms.watching.evidence import Bitmap
from lms.watching.models import PlaySession
from lms.watching.play import play_session_open
from lms.watching.tokens import play_claims
from organizations.models import User
from tests.factories import LecturePageFactory, UserFactory

BEGIN = dt.datetime(2026, 5, 20, 1, 0, tzinfo=dt.UTC)  # 09:00 in Shanghai


@pytest.fixture
def member(units) -> User:
    return UserFactory(home=units.branch)


@pytest.fixture
def lecture(db: None) -> LecturePage:
    return LecturePageFactory(asset__duration=1200.0)


@pytest.fixture
def tamper(db: None) -> Callable[[str], None]:
    """Run a statement as whoever owns the tables could: without the triggers."""

    def run(statement: str) -> None:
        connection.check_constraints()
        with connection.cursor() as cursor:
            for line in (*remove_sql(connection.vendor), statement):
                cursor.execute(line)
            connection.check_constraints()
            for line in install_sql(connection.vendor):
                cursor.execute(line)

    return run


def watch(
    user: User, lecture: LecturePage, *, at: dt.datetime = BEGIN, start: int = 0, end: int = 0
) -> PlaySession:
    """Watch these seconds of a lecture, all of it by default, at its own speed."""
    end = end or int(lecture.asset.duration)
    opened = play_session_open(user=user, lecture=lecture, now=at)
    now = at
    for second in range(start, end, 600):
        until = min(second + 600, end)
        now += dt.timedelta(seconds=until - second)
        beat_record(
            claims=play_claims(opened.token, now=at),
            seq=until,
            position=float(until),
            seen=Bitmap.span(start, until).to_bytes(),
            now=now,
        )
    return PlaySession.objects.get(pk=opened.session.pk)
