"""Make every figure anew; with --check exit status 1 names what is not right."""

import dataclasses
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from lms.reports.rebuilding import figures_doubts, figures_rebuild


class Command(BaseCommand):
    help = (
        "Derives every figure of the reports again from the ledger, the roster and the tree. "
        "Without --check, puts right what differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, exit 1 on doubts")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        found = figures_doubts() if options["check"] else figures_rebuild()
        for one in found:
            text = json.dumps(dataclasses.asdict(one)) if options["json"] else one.text()
            self.stdout.write(text)
        left = len(found) if options["check"] else len(figures_doubts()) if found else 0
        if options["json"]:
            self.stdout.write(json.dumps({"ok": not left, "doubts": len(found), "left": left}))
        elif found:
            text = _("%(found)s rows of the figures were in doubt, %(left)s are left.")
            self.stdout.write(text % {"found": len(found), "left": left})
        else:
            self.stdout.write(_("Every figure follows from the ledger."))
        if left:
            sys.exit(1)
