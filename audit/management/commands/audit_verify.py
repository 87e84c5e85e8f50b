"""Check the audit log; exit status 1 names the first entry in doubt."""

import dataclasses
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from audit.verification import log_verify


class Command(BaseCommand):
    help = "Walks the whole audit log: digests, gaps, its end, its anchor, its triggers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="machine-readable outcome")

    def handle(self, *args: Any, **options: Any) -> None:
        found = log_verify()
        if options["json"]:
            self.stdout.write(json.dumps({"ok": found.ok, **dataclasses.asdict(found)}))
            if not found.ok:
                sys.exit(1)
        elif not found.ok:
            raise CommandError(found.message)
        else:
            text = _("The audit log is whole: %(count)s entries.")
            self.stdout.write(text % {"count": found.entries})
