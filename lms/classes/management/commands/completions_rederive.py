"""Derive every completion again, of lectures from the play sessions and of classes from what was
done; exit status 1 names what is not right.
"""

import dataclasses
import json
import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from lms.classes.rederiving import Doubt, class_doubt_mend, class_doubts
from lms.watching.rederiving import Doubt as LectureDoubt
from lms.watching.rederiving import completions_doubts, doubts_mend


class Command(BaseCommand):
    help = (
        "Derives every completion again from the evidence, of lectures first, then of classes. "
        "Without --check, takes back what is altered or unfounded and writes what is missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, exit 1 on doubts")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        found = mended = 0
        for doubt in _doubts():
            found += 1
            line = json.dumps(dataclasses.asdict(doubt)) if options["json"] else doubt.text()
            self.stdout.write(line)
            if not options["check"]:
                mended += _mend(doubt)
        if options["json"]:
            self.stdout.write(
                json.dumps({"ok": found == mended, "doubts": found, "mended": mended})
            )
        elif found:
            text = _("%(found)s completions were in doubt, %(mended)s of them were mended.")
            self.stdout.write(text % {"found": found, "mended": mended})
        else:
            self.stdout.write(_("Every completion follows from its evidence."))
        if found != mended:
            sys.exit(1)


def _doubts() -> Iterator[LectureDoubt | Doubt]:
    """What classes rest on is mended before they are looked at."""
    yield from completions_doubts()
    yield from class_doubts()


def _mend(doubt: LectureDoubt | Doubt) -> int:
    return class_doubt_mend(doubt) if isinstance(doubt, Doubt) else doubts_mend([doubt])
