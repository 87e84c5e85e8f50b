"""Queries of the library's pages, small and with 10,000 lectures and 5,000 branches.

Counted through the whole stack (middleware, templates) for a signed-in member, in a database of
its own; the count must be at most 15 and the same at both sizes. The median server time of the
large size is printed beside it, as a size, not as a promise.
"""

import os
import statistics
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from benchmarks.figures import Figure

if TYPE_CHECKING:
    from cms.models import LecturePage

LECTURES, BRANCHES = 10_000, 5_000
LIMIT = 15
VISITS = 15


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="lectern-bench-") as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        os.environ.update({"LECTERN_VAR": folder, "LECTERN_MODE": "test"})
        import django

        django.setup()
        return queries()


def queries() -> list[Figure]:
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import setup_test_environment

    from benchmarks.crowd import crowd_fill, crowd_start

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    setup_test_environment()
    member, lecture = crowd_start()
    client = Client()
    client.force_login(member)
    pages = pages_of(lecture)
    small = {name: count(client, url)[0] for name, url in pages.items()}
    crowd_fill(lecture, lectures=LECTURES, branches=BRANCHES)
    figures = []
    for name, url in pages.items():
        large, milliseconds = count(client, url)
        print(f"  {name}: median {milliseconds:.0f} ms at full size", file=sys.stderr)
        figures += [
            Figure(f"{name}: queries", large, LIMIT),
            Figure(f"{name}: more queries than when empty", large - small[name], 0),
        ]
    return figures


def pages_of(lecture: "LecturePage") -> dict[str, str]:
    """What is shown of a library, by name."""
    from cms.curated import Audience, LectureCollection, Speaker, Topic
    from cms.programme.models import Menu, Programme

    topic, audience = Topic.objects.get().pk, Audience.objects.earliest("pk").pk
    every = f"subject=skills&topic={topic}&audience={audience}&length=5&year=2026&state=premium"
    return {
        "home page": "/",
        "lecture page": lecture.get_url(),
        "library": "/library/",
        "library, every filter": f"/library/?{every}",
        "library, premium": "/library/?state=premium",
        "collections": "/collections/",
        "collection": f"/collections/{LectureCollection.objects.get().pk}/",
        "speakers": "/speakers/",
        "speaker": f"/speakers/{Speaker.objects.get().pk}/",
        "figures of the library": "/figures/library/",
        "menus": "/menus/",
        "menu": f"/menus/{Menu.objects.get().pk}/",
        "programme": f"/programmes/{Programme.objects.get().pk}/",
        "playing a programme": f"/programmes/{Programme.objects.get().pk}/play/",
        "lecture activities": "/activities/",
        "figures of activities": "/activities/figures/",
    }


def count(client: object, url: str) -> tuple[int, float]:
    """Queries of one visit and the median time of several, after a first one that fills caches."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    assert isinstance(client, Client)
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get(url)
    # Now: the next visit empties the list of queries.
    queries = len(captured)
    times = []
    for _ in range(VISITS):
        started = time.perf_counter()
        client.get(url)
        times.append(1000 * (time.perf_counter() - started))
    return queries, statistics.median(times)
