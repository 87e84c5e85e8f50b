"""Cleans away what is kept no longer; the scheduler runs the same every night."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from organizations.privacy.retention import retention_clean


class Command(BaseCommand):
    help = "Removes what is older than the settings RETENTION_… say."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, remove nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        outcome = retention_clean(dry_run=options["dry_run"])
        if options["json"]:
            about = {"dry_run": options["dry_run"], "counts": outcome.counts}
            self.stdout.write(json.dumps(about | {"failed": outcome.failed}))
        else:
            for kind, count in outcome.counts.items():
                self.stdout.write(f"{kind}: {count}")
        if outcome.failed:
            raise CommandError("Not cleaned: " + ", ".join(outcome.failed))
