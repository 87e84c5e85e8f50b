"""`manage.py media_metrics`"""

from typing import Any

from django.core.management.base import BaseCommand
from prometheus_client import generate_latest

from media_pipeline.metrics import INSTALLATION


class Command(BaseCommand):
    help = (
        "Print the figures of the installation once, as Prometheus reads them (for a look, or for "
        "a textfile collector). What single workers counted is on their own ports."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(generate_latest(INSTALLATION).decode(), ending="")
