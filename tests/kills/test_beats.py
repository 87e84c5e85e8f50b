"""kill -9 of the server of beats, web, worker, Redis and PostgreSQL in turn while people watch.

What was acknowledged is never lost, what was not played is never there: at the end the database
holds, second by second, what the players played. A failure prints the seed and what happened.
"""

import json
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.front import nginx
from tests.kills.site import PARTS as SITE
from tests.kills.site import Site, site
from tests.kills.watchers import Watcher
from tests.services import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
PARTS = ("beats", "web", "postgres", "redis", "worker")
PEOPLE, SECONDS = 8, 400


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Site]:
    chosen = connection.settings_dict
    if connection.vendor != "postgresql":
        pytest.fail("The kills need DATABASE_URL of a PostgreSQL; see tests/run.py.")
    where = f"{chosen['USER']}@{chosen['HOST']}:{chosen['PORT']}/{chosen['NAME']}"
    with (
        site(tmp_path, f"postgres://{where}", parts=(*SITE, "beats")) as made,
        nginx(
            tmp_path / "nginx", upstream=made.http, beats=made.beats, keys={}, packages=tmp_path
        ) as front,
    ):
        made.url = f"http://127.0.0.1:{front.port}"
        yield made


def bitmap(text: str) -> int:
    return int.from_bytes(bytes.fromhex(text), "little")


def heard_again(running: Site, watchers: list[Watcher], *, before: str) -> None:
    """Until a beat of each has been acknowledged once more, the site started as often as needed."""
    heard = [one.beats for one in watchers]

    def all_were() -> bool:
        running.revive()
        return all(one.beats > n for one, n in zip(watchers, heard, strict=True))

    wait_for(all_were, seconds=90, what=f"A beat of everybody before {before}")


def survive(running: Site, kills: list[str], *, seed: int) -> None:
    chance, history = random.Random(seed), []
    tokens = json.loads(running.inside("watch", str(PEOPLE), str(SECONDS)))
    running.revive()
    wait_for(running.is_up, seconds=90, what="The start of the site")
    watchers = [
        Watcher(running.url, token, SECONDS, random.Random(seed + n))
        for n, token in enumerate(tokens)
    ]
    try:
        for one in watchers:
            one.start()
        for part in kills:
            heard_again(running, watchers, before=part)
            time.sleep(chance.uniform(0.0, 0.5))
            running.kill(part)
            history.append(part)
            time.sleep(chance.uniform(0.0, 0.5))
            running.revive()
        heard_again(running, watchers, before="the end")
        for one in watchers:
            one.over.set()
        for one in watchers:
            one.join(60)
        found = json.loads(running.inside("watched"))
        assert [one.refused for one in watchers] == [[]] * PEOPLE
        assert all(one.taken_back == 0 for one in watchers)
        assert all(one.acknowledged == one.played for one in watchers), "not all was taken in"
        assert sorted(bitmap(row["seen"]) for row in found["sessions"].values()) == sorted(
            one.played for one in watchers
        )
        for row in found["sessions"].values():
            assert row["accepted"] == bitmap(row["seen"]).bit_count()
        assert len(found["completed"]) == len(set(found["completed"]))
        assert found["doubts"] == []
        failed = sum(one.tries - one.beats for one in watchers)
        assert failed > 0, "Nobody noticed a kill."
        beats = sum(one.beats for one in watchers)
        print(f"seed {seed}: {len(kills)} kills, {beats} acknowledged, {failed} sent in vain")
    except BaseException:
        print(running.said())
        print(f"seed {seed}: {history}")
        raise
    finally:
        for one in watchers:
            one.over.set()


def test_a_sample_of_kills_loses_and_invents_no_second(running: Site) -> None:
    survive(running, list(PARTS), seed=int(os.environ.get("KILLS_SEED", "20261126")))


@pytest.mark.long
def test_a_hundred_kills_lose_and_invent_no_second(running: Site) -> None:
    count = int(os.environ.get("KILLS", "100"))
    kills = [PARTS[n % len(PARTS)] for n in range(count)]
    survive(running, kills, seed=int(os.environ.get("KILLS_SEED", "100")))
