"""Derive every credit again from its source; exit status 1 names what is not right."""

import dataclasses
import json
import sys
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from lms.ledger.rederiving import Doubt, guards_mend, ledger_doubts, person_mend


class Command(BaseCommand):
    help = (
        "Derives every entry of the ledger again from its source. Without --check, reverses what "
        "is altered or unfounded and books what is missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, exit 1 on doubts")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        found = self._walk(as_json=options["json"], mend=not options["check"])
        left = found if options["check"] else sum(1 for _doubt in ledger_doubts()) if found else 0
        if options["json"]:
            done = {"ok": not left, "doubts": found, "left": left}
            self.stdout.write(json.dumps(done))
        elif found:
            text = _("%(found)s rows of the ledger were in doubt, %(left)s are left.")
            self.stdout.write(text % {"found": found, "left": left})
        else:
            self.stdout.write(_("Every entry of the ledger follows from its source."))
        if left:
            sys.exit(1)

    def _walk(self, *, as_json: bool, mend: bool) -> int:
        count = 0
        for user, group in groupby(ledger_doubts(), key=lambda doubt: doubt.user):
            doubts: list[Doubt] = list(group)
            count += len(doubts)
            for one in doubts:
                line = json.dumps(dataclasses.asdict(one)) if as_json else one.text()
                self.stdout.write(line)
            if mend and user is None:
                guards_mend()
            elif mend and user is not None:
                person_mend(user, doubts)
        return count
