"""The Celery application: wake-ups for the job queue in the database, and periodic sweeps."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("lectern")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_like_the_site(loglevel: int | str | None = None, **_: Any) -> None:
    from django.conf import settings

    from config.logs import worker_logging

    worker_logging(settings.LOGGING, loglevel)


@worker_ready.connect
def serve_metrics(**_: Any) -> None:
    from django.conf import settings

    from media_pipeline.metrics_server import metrics_serve

    metrics_serve(settings.METRICS_ADDRESS)
