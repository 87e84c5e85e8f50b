"""`manage.py media_ingest FILE… [--json] [--wait | --inline] [--owner NAME]`"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from media_pipeline.checks import sandbox_refusal
from media_pipeline.ingest import Ingest, ingest_finish, ingest_owner, ingest_report, ingest_start
from media_pipeline.models import VideoAsset


class Command(BaseCommand):
    help = (
        "Run files of this host through the same pipeline as an upload and say what became of "
        "each. The files are copied, never changed. The exit status is 0 only if all are ready."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--wait", action="store_true", help="wait for a running worker")
        how.add_argument(
            "--inline", action="store_true", help="do the work here, no worker needed (default)"
        )
        parser.add_argument("--owner", default="", help="account name of the owner")
        parser.add_argument(
            "--patience",
            type=float,
            default=90.0,
            help="seconds without any active worker after which waiting ends (default 90)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            owner = ingest_owner(options["owner"])
        except get_user_model().DoesNotExist as problem:
            raise CommandError(f"No account is named {options['owner']}.") from problem
        inline = not options["wait"]
        if inline and (refusal := sandbox_refusal()):
            raise CommandError(refusal)
        # One after the other when worked here; all at once when workers share them.
        begun: Iterable[Ingest] = (
            ingest_start(path=path, owner=owner, now=timezone.now(), wake=not inline)
            for path in options["files"]
        )
        all_ready = True
        for ingest in begun if inline else list(begun):
            asset = ingest_finish(ingest, inline=inline, patience=options["patience"])
            report = ingest_report(ingest, asset)
            self.stdout.write(
                json.dumps(report, ensure_ascii=False) if options["json"] else _line(report)
            )
            self.stdout.flush()
            all_ready &= report["state"] == VideoAsset.State.READY
        if not all_ready:
            sys.exit(1)


def _line(report: dict[str, Any]) -> str:
    if report["reason"]:
        return f"{report['file']}: {report['state']}: {report['reason']}"
    names = ", ".join(rendition["name"] for rendition in report["renditions"])
    return f"{report['file']}: {report['state']}, {report['seconds_to_ready']} s, {names}"
