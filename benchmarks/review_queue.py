"""The review queue with 5,000 open submissions: queries and the median of server time.

On PostgreSQL and on SQLite, through the whole stack, for a reviewer of the city to whom all of
them lie, with and without a filter, at the first and a far page; and one sheet of it.
"""

from __future__ import annotations

import os
import re
import statistics
import time
from typing import Any

from benchmarks.databases import on_both, settle, tell
from benchmarks.figures import Figure

OPEN, FEW = 5_000, 20
QUERIES, MILLISECONDS = 12, 100
VISITS = 15
PAGES = {
    "first page": "/review/",
    "far page": "/review/?p=150",
    "of a kind": "/review/?kind=proofread",
    "searched": "/review/?q=微党课4",
}


def measure() -> list[Figure]:
    return on_both("benchmarks.review_queue")


def figures() -> list[Figure]:
    """In the empty database that the environment names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    reviewer, fill = crowd()
    client = Client()
    client.force_login(reviewer)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "type": "webauthn", "at": time.time()}
    ]
    session["account_authentication_methods_user"] = str(reviewer.pk)
    session.save()
    fill(FEW)
    small = {name: queries(client, url) for name, url in PAGES.items()}
    fill(OPEN - FEW)
    settle()
    found = []
    for name, url in PAGES.items():
        large = queries(client, url)
        found += [
            Figure(f"{name}: queries", large, QUERIES),
            Figure(f"{name}: more queries than with {FEW}", large - small[name], 0),
            Figure(f"{name}: median", median(client, url), MILLISECONDS, "ms"),
        ]
    sheet = re.findall(r"/review/\d+/", client.get("/review/").content.decode())[0]
    found.append(Figure("a sheet: median", median(client, sheet), MILLISECONDS, "ms"))
    return found


def crowd() -> tuple[Any, Any]:
    """A reviewer of the city, and how to fill their queue."""
    from cms.models import LecturePage
    from cms.review.models import Review, ReviewStep, ReviewVersion
    from media_pipeline.models import Package, VideoAsset
    from tests.factories import LecturePageFactory, OrganizationFactory, UserFactory
    from tests.factories.lectures import many_lectures

    city = OrganizationFactory(city=True)
    township = OrganizationFactory(township=True, parent=city)
    reviewer = UserFactory(reviewer=True, unit=city)
    UserFactory(reviewer=True, unit=city)
    author = UserFactory(secretary=True, unit=township)
    first = LecturePageFactory(draft=True, organization=township, asset__owner=author)

    def fill(count: int) -> None:
        many_lectures(count, organization=township, asset=first.asset)
        fresh = LecturePage.objects.filter(review=None).exclude(pk=first.pk).order_by("pk")
        assets = VideoAsset.objects.bulk_create(
            VideoAsset(owner=author, state="ready", duration=600.0, width=1280, height=720)
            for _ in range(count)
        )
        packages = Package.objects.bulk_create(Package(asset=asset, bytes=1) for asset in assets)
        for asset, package in zip(assets, packages, strict=True):
            asset.package = package
        VideoAsset.objects.bulk_update(assets, ["package"], batch_size=500)
        reviews = Review.objects.bulk_create(
            Review(lecture=page, asset=asset, uploader=author, organization=township)
            for page, asset in zip(fresh, assets, strict=True)
        )
        ReviewVersion.objects.bulk_create(
            ReviewVersion(review=review, number=1, asset_id=review.asset_id) for review in reviews
        )
        ReviewStep.objects.bulk_create(
            ReviewStep(
                review=review,
                round=1,
                version=1,
                position=position,
                kind=kind,
                state="open" if position == 0 else "waiting",
                planned_unit=township,
                unit=city if position == 0 else None,
                opened_at=review.opened_at,
            )
            for review in reviews
            for position, kind in enumerate(("self", "first", "final"))
        )

    return reviewer, fill


def queries(client: Any, url: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)


def median(client: Any, url: str) -> float:
    times = []
    for _ in range(VISITS):
        started = time.perf_counter()
        assert client.get(url).status_code == 200
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


if __name__ == "__main__":
    tell(figures())
