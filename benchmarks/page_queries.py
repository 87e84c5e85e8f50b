"""Queries, time and weight of the library's pages, with 10,000 lectures and 5,000 branches.

On PostgreSQL and on SQLite, through the whole stack (middleware, templates) for a signed-in member:
queries are at most 15 and the same at both sizes; the median server time of the pages that everyone
comes to is held to, that of the others is printed; and what a first visit to them transfers,
without media and without what the page loads later (the player's own library).
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.databases import on_both, settle, tell
from benchmarks.figures import Figure

if TYPE_CHECKING:
    from cms.models import LecturePage

LECTURES, BRANCHES = 10_000, 5_000
QUERIES, MILLISECONDS, KILOBYTES = 15, 60, 200
# What every member comes to.
EVERYBODYS = (
    "home page",
    "lecture page",
    "library",
    "library, one place",
    "library, one topic",
    "library, one audience",
    "library, every filter",
    "library, premium",
)
VISITS = 15


def measure() -> list[Figure]:
    return on_both("benchmarks.page_queries")


def figures() -> list[Figure]:
    """In the empty database that the environment names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from benchmarks.crowd import crowd_fill, crowd_start

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    member, lecture = crowd_start()
    client = Client()
    client.force_login(member)
    pages = pages_of(lecture)
    small = {name: count(client, url)[0] for name, url in pages.items()}
    crowd_fill(lecture, lectures=LECTURES, branches=BRANCHES)
    settle()
    found = []
    for name, url in pages.items():
        large, milliseconds = count(client, url)
        print(f"  {name}: median {milliseconds:.0f} ms", file=sys.stderr, flush=True)
        found += [
            Figure(f"{name}: queries", large, QUERIES),
            Figure(f"{name}: more queries than when empty", large - small[name], 0),
        ]
        if name in EVERYBODYS:
            found += [
                Figure(f"{name}: median", milliseconds, MILLISECONDS, "ms"),
                Figure(f"{name}: first visit", first_visit(client, url), KILOBYTES, "KB"),
            ]
    return found


class _Loaded(HTMLParser):
    """Addresses of the style sheets and scripts that a page asks for at once."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "link" and said.get("rel") in {"stylesheet", "modulepreload"}:
            self.found.add(said.get("href") or "")
        if tag == "script" and said.get("src"):
            self.found.add(said["src"] or "")


def first_visit(client: Any, url: str) -> float:
    """Kilobytes of HTML as it is sent, and of CSS and JavaScript as nginx sends them (the files
    that `collectstatic` compressed), with what they import.
    """
    from django.conf import settings

    html = client.get(url).content
    prefix, root = settings.STATIC_URL, Path(settings.STATIC_ROOT)
    waiting = {root / one.removeprefix(prefix) for one in _Loaded(html.decode()).found}
    sizes: dict[Path, int] = {}
    while waiting:
        path = waiting.pop().resolve()
        if path in sizes:
            continue
        packed = path.with_name(f"{path.name}.gz")
        sizes[path] = (packed if packed.exists() else path).stat().st_size
        imported = re.findall(
            r"""(?:\bfrom|^import|@import(?: url\()?)\s*["']([^"']+)["']""",
            path.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
        for one in imported:
            within = one.removeprefix(prefix) if one.startswith(prefix) else None
            waiting.add(root / within if within is not None else path.parent / one)
    return (len(html) + sum(sizes.values())) / 1024


def pages_of(lecture: LecturePage) -> dict[str, str]:
    """What is shown of a library, by name."""
    from cms.curated import Audience, LectureCollection, Speaker, Topic
    from cms.programme.models import Menu, Programme

    topic, audience = Topic.objects.get().pk, Audience.objects.earliest("pk").pk
    every = f"subject=skills&topic={topic}&audience={audience}&length=5&year=2026&state=premium"
    return {
        "home page": "/",
        "lecture page": lecture.get_url(),
        "library": "/library/",
        "library, one place": lecture.get_parent().get_url(),
        "library, one topic": f"/library/?topic={topic}",
        "library, one audience": f"/library/?audience={audience}",
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


if __name__ == "__main__":
    tell(figures())
