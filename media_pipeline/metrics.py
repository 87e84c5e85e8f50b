"""Figures for operators, in the words of Prometheus.

Two kinds. What is true of the whole installation (queue, recordings, transfers, room on the disk,
messages that leave the house) is read from the database when somebody asks, so it is right however
many processes serve the site. What happens in passing (steps, ended attempts) is counted in the
process that works the jobs: one process with threads. The processes of the site count nothing. Who
serves the figures is in `metrics_server`; delivered bytes, which no Python sees, in `delivered`.
"""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min, Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from media_pipeline import store
from media_pipeline.models import Package, TranscodeJob, Upload, VideoAsset
from notices.metrics import delivery_figures

# What this process did.
WORK = CollectorRegistry()
STEP_SECONDS = Histogram(
    "lectern_job_step_seconds",
    "How long jobs stay in a step.",
    ["step"],
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 3600, 7200),
    registry=WORK,
)
ATTEMPTS_ENDED = Counter(
    "lectern_job_attempts",
    "Attempts that ended, by outcome (done, refused, queued again, quarantined) and reason.",
    ["outcome", "reason"],
    registry=WORK,
)


def attempt_ended(outcome: str, reason: str = "") -> None:
    ATTEMPTS_ENDED.labels(outcome, reason).inc()


class InstallationCollector(Collector):
    """Reads the rows when asked; a database that is away is a figure, too."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("lectern_database_up", "Whether the database answered.")
        try:
            found = list(_rows(timezone.now()))
        except DatabaseError:
            up.add_metric([], 0)
            found = []
        else:
            up.add_metric([], 1)
        yield up
        yield from found
        yield _room()


def _rows(now: dt.datetime) -> Iterator[Metric]:
    yield from _jobs(now)
    yield from _stored()
    yield from _uploads(now)
    yield from delivery_figures(now)


def _jobs(now: dt.datetime) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("lectern_jobs", "Jobs by state.", labels=["state"])
    counted = dict(
        TranscodeJob.objects.full().order_by().values_list("state").annotate(Count("pk"))
    )
    for state in TranscodeJob.State.values:
        jobs.add_metric([state], counted.get(state, 0))
    yield jobs

    waiting = TranscodeJob.objects.full().filter(
        state=TranscodeJob.State.QUEUED, available_at__lte=now
    )
    oldest = waiting.aggregate(oldest=Min("available_at"))["oldest"]
    yield GaugeMetricFamily(
        "lectern_queue_age_seconds",
        "How long the job that waits longest has waited.",
        value=(now - oldest).total_seconds() if oldest else 0,
    )

    given_up = GaugeMetricFamily(
        "lectern_jobs_given_up", "Jobs refused or given up, by reason.", labels=["state", "reason"]
    )
    over = (TranscodeJob.State.REFUSED, TranscodeJob.State.QUARANTINED)
    rows = (
        TranscodeJob.objects.full().filter(state__in=over).order_by().values_list("state", "reason")
    )
    for state, reason, count in rows.annotate(Count("pk")):
        given_up.add_metric([state, reason], count)
    yield given_up


def _stored() -> Iterator[Metric]:
    recordings = GaugeMetricFamily("lectern_recordings", "Recordings by state.", labels=["state"])
    counted = dict(VideoAsset.objects.order_by().values_list("state").annotate(Count("pk")))
    for state in VideoAsset.State.values:
        recordings.add_metric([state], counted.get(state, 0))
    yield recordings
    kept = VideoAsset.objects.exclude(original_key="").aggregate(bytes=Sum("size"))
    yield GaugeMetricFamily(
        "lectern_originals_bytes", "Bytes of originals kept.", value=kept["bytes"] or 0
    )
    published = Package.objects.exclude(published_asset=None)
    packages = published.aggregate(bytes=Sum("bytes"), count=Count("pk"))
    yield GaugeMetricFamily("lectern_packages", "Published packages.", value=packages["count"])
    yield GaugeMetricFamily(
        "lectern_packages_bytes", "Bytes of published packages.", value=packages["bytes"] or 0
    )


def _uploads(now: dt.datetime) -> Iterator[Metric]:
    receiving = Upload.objects.receiving(now)
    open_ones = receiving.aggregate(
        count=Count("pk"), received=Sum("offset"), announced=Sum("length")
    )
    yield GaugeMetricFamily("lectern_uploads_open", "Open transfers.", value=open_ones["count"])
    size = GaugeMetricFamily(
        "lectern_uploads_open_bytes", "Bytes of open transfers.", labels=["kind"]
    )
    size.add_metric(["received"], open_ones["received"] or 0)
    size.add_metric(["announced"], open_ones["announced"] or 0)
    yield size
    complete = Upload.objects.filter(state=Upload.State.COMPLETE)
    whole = complete.aggregate(count=Count("pk"), bytes=Sum("length"))
    yield CounterMetricFamily(
        "lectern_uploads_completed", "Transfers that became recordings.", value=whole["count"]
    )
    yield CounterMetricFamily(
        "lectern_received_bytes", "Bytes of those transfers.", value=whole["bytes"] or 0
    )


def _room() -> Metric:
    room = GaugeMetricFamily(
        "lectern_free_bytes", "Room on the disks of this host.", labels=["place"]
    )
    places: dict[str, str | Path] = {"incoming": settings.INCOMING_ROOT, "work": settings.WORK_ROOT}
    if (media := store.local_path("")) is not None:
        places["media"] = media
    for name, place in places.items():
        folder = Path(place)
        while not folder.exists():
            folder = folder.parent
        room.add_metric([name], shutil.disk_usage(folder).free)
    return room


INSTALLATION = CollectorRegistry()
INSTALLATION.register(InstallationCollector())
