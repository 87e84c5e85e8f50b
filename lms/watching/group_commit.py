"""Beats of many people in one transaction of PostgreSQL: one trip locks and reads, one writes.

Beats are most of what an installation is asked in the evening, and a transaction costs more than
what a beat writes in it. So while one batch is on its way, the next beats of the process gather;
whoever came first takes all of them along. Nobody is acknowledged before the commit, and nobody
waits for a batch to fill.

Nobody waits long for others: a person whose clock somebody else holds (another process, a voided
viewing) is left out of a batch, as is whoever has no clock yet and the beat that completes a
lecture; and a batch gives up where a row without a clock is held. Their own requests take them in
by the ORM, as all of a batch that failed.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.functional import cached_property

from lms.watching.deciding import Beat, Heard, Outcome, Row, decided
from lms.watching.errors import SessionGone
from lms.watching.evidence import Clock

logger = logging.getLogger(__name__)

MOST = 64  # beats of a batch
PATIENCE = "500ms"  # for a row that somebody holds without the clock

LOCK = (
    "SELECT user_id, budget, settled_at, open_until FROM watching_personclock"
    " WHERE user_id = ANY(%(users)s) FOR UPDATE SKIP LOCKED"
)
READ = (
    "SELECT s.user_id, s.id, s.seen, s.last_seq, s.position, s.cut, s.last_beat_at, s.beats,"
    " s.gap_least, s.gap_most, c.completed_at"
    " FROM unnest(%(users)s::bigint[], %(assets)s::uuid[], %(lectures)s::bigint[])"
    " AS beat (user_id, asset_id, lecture_id)"
    " JOIN watching_playsession s USING (user_id, asset_id)"
    " LEFT JOIN watching_completion c ON c.user_id = s.user_id AND c.asset_id = s.asset_id"
    " AND c.lecture_id = beat.lecture_id"
    " WHERE s.voided_at IS NULL"
)
# The columns of `Outcome.changes` and their types.
SESSION = {
    "seen": "bytea",
    "accepted": "integer",
    "cut": "integer",
    "last_beat_at": "timestamptz",
    "last_seq": "integer",
    "position": "float8",
    "beats": "integer",
    "gap_least": "float8",
    "gap_most": "float8",
}
CLOCK = {"budget": "float8", "settled_at": "timestamptz", "open_until": "timestamptz"}


def _update(table: str, key: str, kind: str, columns: dict[str, str]) -> str:
    """One UPDATE of many rows from an array per column."""
    arrays = ", ".join(f"%({name})s::{kind}[]" for name, kind in {key: kind, **columns}.items())
    names = ", ".join(f'"{name}"' for name in (key, *columns))
    news = ", ".join(f'"{name}" = news."{name}"' for name in columns)
    rows = f"unnest({arrays}) AS news ({names})"
    return f"UPDATE {table} SET {news} FROM {rows} WHERE {table}.{key} = news.{key}"  # noqa: S608


WRITE = ";".join(
    (
        _update("watching_playsession", "id", "uuid", SESSION),
        _update("watching_personclock", "user_id", "bigint", CLOCK),
    )
)


class Waiting:
    """A beat and the request that waits for it."""

    __slots__ = ("beat", "called", "heard", "problem", "taken")

    def __init__(self, beat: Beat) -> None:
        self.beat = beat
        self.heard: Heard | None = None
        self.problem: SessionGone | None = None
        self.taken = False  # by a batch, which has ended when the request is called
        self.called = threading.Lock()
        self.called.acquire()


class Group:
    """The beats of this process: at most one batch is on its way, over a connection that all
    threads share, so that many may wait and few connections are open.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: list[Waiting] = []
        self.busy = False

    @cached_property
    def connection(self) -> BaseDatabaseWrapper:
        """Used by whoever is busy."""
        own = connections.create_connection(DEFAULT_DB_ALIAS)
        own.inc_thread_sharing()
        return own

    def heard(self, beat: Beat) -> Heard | None:
        """What came of the beat, or None when nothing was written: it is to be taken in alone.
        Raises SessionGone for a voided session.
        """
        own = Waiting(beat)
        if connection.in_atomic_block:
            record_together([own], connection)
        else:
            self._with_others(own)
        if own.problem is not None:
            raise own.problem
        return own.heard

    def _with_others(self, own: Waiting) -> None:
        with self.lock:
            self.waiting.append(own)
            first, self.busy = not self.busy, True
        if not first:
            own.called.acquire()
        if own.taken:
            return
        with self.lock:
            batch = self._next_batch()
        try:
            record_together(batch, self.connection)
        finally:
            with self.lock:
                following = self.waiting[0] if self.waiting else None
                self.busy = following is not None
            for one in (following, *batch):
                if one is not None and one is not own:
                    one.called.release()

    def _next_batch(self) -> list[Waiting]:
        """The oldest, one of each person."""
        people: dict[int, Waiting] = {}
        for one in self.waiting:
            if len(people) < MOST:
                people.setdefault(one.beat.claims.user_id, one)
        batch = list(people.values())
        for one in batch:
            one.taken = True
        self.waiting = [one for one in self.waiting if not one.taken]
        return batch


group = Group()


def record_together(batch: Sequence[Waiting], connection: BaseDatabaseWrapper) -> None:
    """Take in beats of different people; what cannot be taken in stays without an answer. All of
    a transaction, or a part of one that has begun.
    """
    whole = not connection.in_atomic_block
    begin = ("BEGIN", f"SET LOCAL lock_timeout = '{PATIENCE}'") if whole else ()
    try:
        outcomes = _read(batch, connection, begin)
        _write(outcomes, connection, ";COMMIT" if whole else "")
    except Exception:
        if not whole:
            raise
        # Each request tries again by itself, and says what is wrong with its own.
        logger.warning("A batch of %d beats failed", len(batch), exc_info=True)
        connection.close()
        return
    for one, outcome in outcomes:
        one.heard = outcome.heard


def _read(
    batch: Sequence[Waiting], connection: BaseDatabaseWrapper, begin: tuple[str, ...]
) -> list[tuple[Waiting, Outcome]]:
    claims = [one.beat.claims for one in batch]
    keys = {
        "users": [one.user_id for one in claims],
        "assets": [one.asset_id for one in claims],
        "lectures": [one.lecture_id for one in claims],
    }
    with _asked(connection, ";".join((*begin, LOCK, READ)), keys) as cursor:
        for _ in begin:
            cursor.nextset()
        clocks = {user: Clock(*clock) for user, *clock in cursor.fetchall()}
        cursor.nextset()
        rows: dict[int, list[Row]] = defaultdict(list)
        for user, *row in cursor.fetchall():
            rows[user].append(Row(*row))
    outcomes = []
    for one in batch:
        user = one.beat.claims.user_id
        if user not in clocks:
            continue
        try:
            outcome = decided(one.beat, clocks[user], rows[user])
        except SessionGone as problem:
            one.problem = problem
            continue
        if not outcome.completes:
            outcomes.append((one, outcome))
    return outcomes


def _asked(connection: BaseDatabaseWrapper, sql: str, values: dict[str, Any]) -> Any:
    """A cursor that has asked. A connection that broke since the last batch is made anew, once,
    instead of asking before each batch whether it still stands.
    """
    fresh = connection.connection is None
    cursor = connection.cursor()
    try:
        cursor.execute(sql, values)
    except OperationalError:
        if fresh or connection.in_atomic_block:
            raise
        connection.close()
        cursor = connection.cursor()
        cursor.execute(sql, values)
    return cursor


def _write(
    outcomes: Sequence[tuple[Waiting, Outcome]], connection: BaseDatabaseWrapper, commit: str
) -> None:
    news: dict[str, list[Any]] = {
        "id": [one.beat.claims.session_id for one, _ in outcomes],
        "user_id": [one.beat.claims.user_id for one, _ in outcomes],
    }
    for name in SESSION:
        news[name] = [outcome.changes[name] for _, outcome in outcomes]
    for name in CLOCK:
        news[name] = [getattr(outcome.clock, name) for _, outcome in outcomes]
    with connection.cursor() as cursor:
        if outcomes:
            cursor.execute(f"{WRITE}{commit}", news)
        elif commit:
            cursor.execute("ROLLBACK")
