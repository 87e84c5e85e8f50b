"""Write the audit log, or some days of it, to a file of JSON lines."""

import argparse
import datetime as dt
import os
import secrets
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from audit.export import counted, entries_between, lines
from audit.log import record


def day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(_("A day is written as 2026-01-31.")) from problem


class Command(BaseCommand):
    help = "Writes entries with their digests, one a line; the file is only for its owner."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=day, help="first day")
        parser.add_argument("--to", dest="last", type=day, help="last day")
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        first, last = options["first"], options["last"]
        days = {"from": first and first.isoformat(), "to": last and last.isoformat()}
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                count = counted(lines(entries_between(first, last), **days), file.write)
            draft.replace(path)
        except OSError as problem:
            raise CommandError(
                _("%(file)s cannot be written: %(problem)s")
                % {"file": path, "problem": problem.strerror}
            ) from problem
        finally:
            draft.unlink(missing_ok=True)
        record("audit.export", entries=count, by="shell", **days)
        self.stdout.write(_("%(count)s entries were written.") % {"count": count})
