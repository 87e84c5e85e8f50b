"""`manage.py media_audit [--hashes] [--repair [--again]] [--json]`"""

import json
import sys
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from media_pipeline.storage_audit import Finding, storage_audit


class Command(BaseCommand):
    help = (
        "Compare the storage with the rows: missing and damaged files, orphans. The exit status "
        "is 0 only if nothing is left that was not repaired."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--hashes", action="store_true", help="read every file and check its SHA-256"
        )
        parser.add_argument(
            "--repair",
            action="store_true",
            help="queue damaged packages again, delete orphans older than six hours",
        )
        parser.add_argument(
            "--again", action="store_true", help="try again what was refused when it was repaired"
        )
        parser.add_argument(
            "--json", action="store_true", help="one JSON object a finding, then one in all"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        counts: Counter[str] = Counter()
        left = 0
        for finding in storage_audit(
            now=timezone.now(),
            hashes=options["hashes"],
            repair=options["repair"],
            again=options["again"],
        ):
            counts[finding.kind] += 1
            left += not finding.repair
            self.stdout.write(
                json.dumps(finding.as_json(), ensure_ascii=False)
                if options["json"]
                else _line(finding)
            )
        total = sum(counts.values())
        if options["json"]:
            self.stdout.write(json.dumps({"found": dict(counts), "total": total, "left": left}))
        else:
            self.stdout.write(f"{total} found, {left} left")
        if left:
            sys.exit(1)


def _line(finding: Finding) -> str:
    words = [f"{finding.kind}: {finding.name}"]
    words += [finding.detail] if finding.detail else []
    words += [f"-> {finding.repair}"] if finding.repair else []
    return " ".join(words)
